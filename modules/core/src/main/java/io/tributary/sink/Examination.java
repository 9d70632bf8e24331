package io.tributary.sink;

import io.tributary.change.Reached;
import java.util.Map;

/** Takes what a look at a sink finds, a line each, in the order of the looking. */
public interface Examination {
    /** A remedy that loses nothing and can be taken twice. */
    @FunctionalInterface
    interface Fix {
        void apply() throws Exception;
    }

    void ok(String what);

    /** Something works, and may not for long. */
    void warning(String what, String remedy);

    void warning(String what, String remedy, Fix fix);

    void wrong(String what, String remedy);

    void wrong(String what, String remedy, Fix fix);

    /**
     * Has it held against what the topics have.
     *
     * @param what messages call a table, ahead of its name: {@code the mirror of}
     */
    void reached(String what, Map<String, Reached> reached);

    /** Has the rows counted, and held against what the job knows. */
    void count(SinkCounts counts);
}
