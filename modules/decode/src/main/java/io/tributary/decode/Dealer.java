package io.tributary.decode;

import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.Slice;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import io.tributary.flow.Buckets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Deals changes to the buckets of their table: a schema's definition goes to a bucket ahead of the first row that needs it,
 * what concerns a whole table to all of its buckets.
 */
public final class Dealer {
    private final DecodeSettings settings;
    private final Consumer<Event> out;
    private final Map<TableName, TableRoutes> tables = new HashMap<>();
    private final Map<Long, Routes> routes = new HashMap<>();
    /** Tables that came before the last restart. */
    private final Map<TableName, Integer> recalled = new HashMap<>();

    private Routes lastRoutes =
            new Routes(new TableSchema("", new TableName("", ""), List.of(), List.of()), new TableRoutes(new long[0]));

    /** @param out takes a change as often as it is dealt, the same instance each time */
    public Dealer(DecodeSettings settings, Consumer<Event> out) {
        this.settings = settings;
        this.out = out;
    }

    /** Where the rows of a table go. */
    private static final class TableRoutes {
        final long[] buckets;
        /** By partition: whether its newest row was of a snapshot; absent until there was one since the start. */
        final Map<Integer, Boolean> inSnapshot = new HashMap<>();

        TableRoutes(long[] buckets) {
            this.buckets = buckets;
        }
    }

    /** Which buckets know a schema; forgotten at a restart, so that every definition goes again. */
    private static final class Routes {
        final TableSchema schema;
        final TableRoutes table;
        final boolean[] defined;

        Routes(TableSchema schema, TableRoutes table) {
            this.schema = schema;
            this.table = table;
            this.defined = new boolean[table.buckets.length];
        }
    }

    private Routes routesOf(TableSchema schema) {
        if (schema.id() != lastRoutes.schema.id()) {
            lastRoutes = routes.computeIfAbsent(
                    schema.id(), id -> new Routes(schema, tables.computeIfAbsent(schema.table(), this::routesOf)));
        }
        return lastRoutes;
    }

    private TableRoutes routesOf(TableName table) {
        return new TableRoutes(Buckets.of(table, settings.of(table.toString()).buckets()));
    }

    private static int bucketOf(Slice key, TableRoutes table) {
        return key.isPresent() ? Buckets.indexOf(key.bytes(), key.offset(), key.length(), table.buckets.length) : 0;
    }

    /** Into how many buckets the rows of each table that came were dealt, as lines for {@link #recall}. */
    List<String> memory() {
        Map<TableName, Integer> dealt = new TreeMap<>(recalled);
        tables.forEach((table, routes) -> dealt.put(table, routes.buckets.length));
        return dealt.entrySet().stream()
                .map(table -> table.getValue() + "\0" + table.getKey().schema() + "\0"
                        + table.getKey().table())
                .toList();
    }

    /**
     * Takes over what {@link #memory} gave before a restart.
     *
     * @throws BucketsException if the rows would be looked for in other buckets than they are in
     */
    void recall(String memory) throws BucketsException {
        String[] lines = memory.split("\0", 3);
        TableName table = new TableName(lines[1], lines[2]);
        int before = Integer.parseInt(lines[0]);
        int now = settings.of(table.toString()).buckets();
        if (before != now) {
            throw new BucketsException(table, before, now);
        }
        recalled.put(table, before);
    }

    /** A change of a row, or a truncate. */
    public void deal(Event event) {
        Routes to = routesOf(event.requireSchema());
        if (event.replay >= 0) {
            send(event, to, bucketOf(event.key, to.table)); // of its old place: it begins and ends nothing now
            return;
        }
        if (event.snapshot || event.operation != Operation.READ) {
            snapshotEdge(event, to);
        }
        if (event.operation == Operation.TRUNCATE) {
            event.kind = Event.Kind.MARKER;
            for (int i = 1; i < to.defined.length; i++) {
                send(event, to, i);
            }
            event.kind = Event.Kind.ROW;
        }
        send(event, to, bucketOf(event.key, to.table));
        if (event.last) {
            mark(event, to, Operation.DELETE);
            to.table.inSnapshot.put(event.partition, false);
        }
    }

    /** A request for all rows of a table. */
    public void show(TableName table, Event event) {
        long[] buckets = tables.computeIfAbsent(table, this::routesOf).buckets;
        event.clear();
        event.kind = Event.Kind.SHOW;
        event.schema = new TableSchema("", table, List.of(), List.of()); // a bucket may know none
        event.schemaId = event.schema.id();
        event.partition = buckets.length;
        for (long bucket : buckets) {
            event.bucket = bucket;
            out.accept(event);
        }
    }

    /** That the newest change of its key could not be read. */
    public void lose(Event event) {
        Routes to = routesOf(event.requireSchema());
        event.kind = Event.Kind.LOST;
        send(event, to, bucketOf(event.key, to.table));
    }

    /** Tells all buckets that a snapshot begins, or that none is going on any more. */
    private void snapshotEdge(Event event, Routes to) {
        Boolean before = to.table.inSnapshot.get(event.partition);
        if (event.snapshot ? !Boolean.TRUE.equals(before) || event.first : !Boolean.FALSE.equals(before)) {
            mark(event, to, event.snapshot ? Operation.READ : Operation.DELETE);
            to.table.inSnapshot.put(event.partition, event.snapshot);
        }
    }

    private void mark(Event event, Routes to, Operation what) {
        Operation own = event.operation;
        event.kind = Event.Kind.MARKER;
        event.operation = what;
        for (int i = 0; i < to.defined.length; i++) {
            send(event, to, i);
        }
        event.operation = own;
        event.kind = Event.Kind.ROW;
    }

    private void send(Event event, Routes to, int index) {
        event.bucket = to.table.buckets[index];
        if (!to.defined[index]) {
            to.defined[index] = true;
            Event.Kind kind = event.kind;
            event.kind = Event.Kind.DEFINITION;
            out.accept(event);
            event.kind = kind;
        }
        out.accept(event);
    }
}
