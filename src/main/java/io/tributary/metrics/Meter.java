package io.tributary.metrics;

import io.tributary.change.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * Counts something of the rows of some tables, whoever made it: a {@link ServiceLoader} finds it. Its counts are summed over all tasks, kept in
 * savepoints, and shown with each complete checkpoint, so that each change counts once.
 *
 * <p>A savepoint that does not know a meter is refused: it would lack the rows from before.
 */
public interface Meter {
    /** The metric's name, as Prometheus shows it: {@code cdc_open_orders}. */
    String name();

    /** The names of its labels, in the order of the values that {@link Sums#add} takes. */
    List<String> labels();

    /** Of which tables, {@code schema.table}. */
    Set<String> tables();

    /**
     * Takes a change: the row before goes, the row after comes. Rows that a truncate takes come as deletes, one by one. Of one that is {@link
     * Change#unseen} the row before has its key alone; changes that come late do not come here.
     */
    void add(Change change, Sums sums);

    /** What is counted. */
    interface Sums {
        /**
         * Adds to a count, or takes from it.
         *
         * @param values of the labels; beyond 500 the last are {@code other}
         */
        void add(List<String> values, long count);
    }

    /** Those that there are. */
    static List<Meter> all() {
        List<Meter> all = new ArrayList<>();
        ServiceLoader.load(Meter.class).forEach(all::add);
        return all;
    }

    /** What a savepoint knows it again by. */
    default String definition() {
        return "counts " + String.join(", ", labels()) + " of "
                + String.join(", ", tables().stream().sorted().toList());
    }
}
