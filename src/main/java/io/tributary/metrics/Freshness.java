package io.tributary.metrics;

import io.tributary.flow.Measure;
import io.tributary.flow.Measure.Kind;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Up to when each table is known. A heartbeat says that its connector has sent all before it, so an idle table stays fresh and
 * a silent connector's do not; rows older than the heartbeat say that the job has not come so far yet. May be read from any
 * thread.
 */
final class Freshness {
    private final Map<String, Table> tables = new ConcurrentHashMap<>();
    private final Map<String, Long> connectors = new ConcurrentHashMap<>();

    private record Table(String topic, long known) {}

    void add(Measure measure) {
        String subject = measure.name().subject();
        if (measure.name().kind() == Kind.HEARTBEAT) {
            long beat = Math.max(measure.at(), connectors.getOrDefault(subject, 0L));
            connectors.put(subject, beat);
            tables.replaceAll((name, table) -> table.topic.startsWith(subject + ".")
                    ? new Table(table.topic, Math.max(table.known, beat))
                    : table);
        } else {
            tables.put(subject, new Table(measure.name().labels().get(0), measure.at()));
        }
    }

    Set<String> tables() {
        return tables.keySet();
    }

    Set<String> connectors() {
        return connectors.keySet();
    }

    /** In milliseconds of the source's clock. */
    long ofTable(String table) {
        Table known = tables.get(table);
        return known == null ? 0 : known.known;
    }

    /** The connector's newest heartbeat, in milliseconds. */
    long ofConnector(String connector) {
        return connectors.getOrDefault(connector, 0L);
    }

    void store(Consumer<Measure> to) {
        connectors.forEach((connector, beat) -> to.accept(
                new Measure(new Measure.Name(Kind.HEARTBEAT, connector, List.of()), 0, BigDecimal.ZERO, beat, 0)));
        tables.forEach((name, table) -> to.accept(new Measure(
                new Measure.Name(Kind.NEWEST, name, List.of(table.topic)), 0, BigDecimal.ZERO, table.known, 0)));
    }
}
