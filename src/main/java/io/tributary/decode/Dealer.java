package io.tributary.decode;

import io.tributary.change.Change;
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
    private final Consumer<Change> out;
    private final Map<TableName, TableRoutes> tables = new HashMap<>();
    private final Map<Long, Routes> routes = new HashMap<>();
    /** Tables that came before the last restart. */
    private final Map<TableName, Integer> recalled = new HashMap<>();

    private Routes lastRoutes =
            new Routes(new TableSchema("", new TableName("", ""), List.of(), List.of()), new TableRoutes(new long[0]));

    /** @param out takes a change as often as it is dealt, the same instance each time */
    public Dealer(DecodeSettings settings, Consumer<Change> out) {
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
    public void deal(Change change) {
        Routes to = routesOf(change.requireSchema());
        if (change.replay >= 0) {
            send(change, to, bucketOf(change.key, to.table)); // of its old place: it begins and ends nothing now
            return;
        }
        if (change.snapshot || change.operation != Operation.READ) {
            snapshotEdge(change, to);
        }
        if (change.operation == Operation.TRUNCATE) {
            change.kind = Change.Kind.MARKER;
            for (int i = 1; i < to.defined.length; i++) {
                send(change, to, i);
            }
            change.kind = Change.Kind.ROW;
        }
        send(change, to, bucketOf(change.key, to.table));
        if (change.last) {
            mark(change, to, Operation.DELETE);
            to.table.inSnapshot.put(change.partition, false);
        }
    }

    /** A request for all rows of a table. */
    public void show(TableName table, Change change) {
        long[] buckets = tables.computeIfAbsent(table, this::routesOf).buckets;
        change.clear();
        change.kind = Change.Kind.SHOW;
        change.schema = new TableSchema("", table, List.of(), List.of()); // a bucket may know none
        change.schemaId = change.schema.id();
        change.partition = buckets.length;
        for (long bucket : buckets) {
            change.bucket = bucket;
            out.accept(change);
        }
    }

    /** That the newest change of its key could not be read. */
    public void lose(Change change) {
        Routes to = routesOf(change.requireSchema());
        change.kind = Change.Kind.LOST;
        send(change, to, bucketOf(change.key, to.table));
    }

    /** Tells all buckets that a snapshot begins, or that none is going on any more. */
    private void snapshotEdge(Change change, Routes to) {
        Boolean before = to.table.inSnapshot.get(change.partition);
        if (change.snapshot ? !Boolean.TRUE.equals(before) || change.first : !Boolean.FALSE.equals(before)) {
            mark(change, to, change.snapshot ? Operation.READ : Operation.DELETE);
            to.table.inSnapshot.put(change.partition, change.snapshot);
        }
    }

    private void mark(Change change, Routes to, Operation what) {
        Operation own = change.operation;
        change.kind = Change.Kind.MARKER;
        change.operation = what;
        for (int i = 0; i < to.defined.length; i++) {
            send(change, to, i);
        }
        change.operation = own;
        change.kind = Change.Kind.ROW;
    }

    private void send(Change change, Routes to, int index) {
        change.bucket = to.table.buckets[index];
        if (!to.defined[index]) {
            to.defined[index] = true;
            Change.Kind kind = change.kind;
            change.kind = Change.Kind.DEFINITION;
            out.accept(change);
            change.kind = kind;
        }
        out.accept(change);
    }
}
