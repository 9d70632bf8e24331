package io.tributary.changelog;

import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.Slice;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import io.tributary.change.ValueText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A changelog with its bucket and rows, and what it tells: {@code u 1 a x -> 1 b x}. */
final class Story {
    final MemoryRows rows = new MemoryRows();
    final List<String> told = new ArrayList<>();
    /** The operation and flags of each change that was emitted. */
    final List<String> emitted = new ArrayList<>();

    Changelog changelog;
    Bucket bucket = new Bucket();
    final CountedRows countedRows = new CountedRows(rows);
    private long counted;

    Story() {
        this(ChangelogSettings.DEFAULT);
    }

    Story(ChangelogSettings settings) {
        changelog = new Changelog(Map.of("public.t", settings));
    }

    /** A table {@code public.t} of these columns, {@code id int64}, with this key. */
    static TableSchema schema(List<Integer> key, String... columns) {
        return schema(key, Map.of(), columns);
    }

    static TableSchema schema(List<Integer> key, Map<Integer, Slice> defaults, String... columns) {
        List<Column> all = new ArrayList<>();
        for (String column : columns) {
            String[] parts = column.split(" ", 2);
            all.add(new Column(parts[0], ColumnType.parse(parts[1])));
        }
        return new TableSchema("cdc.public.t", new TableName("public", "t"), all, key, defaults);
    }

    /** A change of a table; a delete's row is its row before. */
    static Event change(TableSchema schema, Operation operation, long commit, long event, @Nullable Object... values) {
        Event change = new Event();
        change.operation = operation;
        change.schema = schema;
        change.schemaId = schema.id();
        change.sequenceCommit = commit;
        change.sequenceEvent = event;
        String origin = schema.told().origin();
        change.appends = origin.isEmpty() || origin.startsWith("postgresql/");
        change.transaction.set("7".getBytes(StandardCharsets.UTF_8));
        byte[] row = row(schema.columns().stream().map(Column::type).toArray(ColumnType[]::new), values);
        (operation == Operation.DELETE ? change.before : change.after).set(row);
        if (schema.hasKey()) {
            change.key.set(key(schema, values));
        }
        return change;
    }

    static byte[] key(TableSchema schema, @Nullable Object... values) {
        return row(
                schema.keyTypes(),
                schema.key().stream().map(index -> values[index]).toArray());
    }

    static byte[] row(ColumnType[] types, @Nullable Object... values) {
        RowWriter writer = new RowWriter();
        writer.begin(types.length);
        for (int i = 0; i < types.length; i++) {
            Object value = values[i];
            if (value == null) {
                writer.writeNull(i);
            } else if (value.equals(Rowing.UNSENT)) {
                writer.writeUnsent(i);
            } else {
                switch (types[i].kind()) {
                    case INT64, TIMESTAMP, TIMESTAMPTZ -> writer.writeLong(((Number) value).longValue());
                    case INT16, INT32, DATE -> writer.writeInt(((Number) value).intValue());
                    case FLOAT64 -> writer.writeLong(Double.doubleToLongBits((Double) value));
                    case BOOLEAN -> writer.writeByte((Boolean) value ? 1 : 0);
                    case DECIMAL -> {
                        java.math.BigInteger unscaled = ((java.math.BigDecimal) value)
                                .setScale(types[i].scale())
                                .unscaledValue();
                        if (types[i].fitsLong()) {
                            writer.writeLong(unscaled.longValueExact());
                        } else {
                            writer.writeBytes(unscaled.toByteArray(), 0, unscaled.toByteArray().length);
                        }
                    }
                    default -> {
                        byte[] utf8 = value.toString().getBytes(StandardCharsets.UTF_8);
                        writer.writeBytes(utf8, 0, utf8.length);
                    }
                }
            }
        }
        int length = writer.end();
        return Arrays.copyOfRange(writer.buffer(), writer.start(), writer.start() + length);
    }

    /** The delete half of a changed key. */
    static Event moved(Event delete) {
        delete.moved = true;
        return delete;
    }

    /** The create half of a changed key. */
    static Event movedFrom(Event create, @Nullable Object... oldValues) {
        create.oldKey.set(key(create.requireSchema(), oldValues));
        return create;
    }

    static Event on(int partition, Event change) {
        change.partition = partition;
        return change;
    }

    /** A row of a snapshot. */
    static Event read(TableSchema schema, @Nullable Object... values) {
        Event read = change(schema, Operation.READ, -1, -1, values);
        read.snapshot = true;
        return read;
    }

    static Event truncate(TableSchema schema, long commit, long event) {
        Event truncate = change(
                schema,
                Operation.TRUNCATE,
                commit,
                event,
                new Object[schema.columns().size()]);
        truncate.after.clear();
        truncate.key.clear();
        return truncate;
    }

    Verdict apply(Event change) {
        changelog.define(change, bucket, countedRows, out);
        return applyKnown(change);
    }

    /** A change of a schema that was defined before. */
    Verdict applyKnown(Event change) {
        Verdict verdict = changelog.apply(change, bucket, countedRows, out);
        count();
        return verdict;
    }

    /** The rows are as many as came and did not go. */
    private void count() {
        counted += countedRows.takeAdded();
        if (countedRows.count() != counted) {
            throw new AssertionError(
                    "there are %d rows, and %d were counted: %s".formatted(countedRows.count(), counted, told));
        }
    }

    /** A snapshot begins, or goes on after a restart of the job. */
    void begins(TableSchema schema, boolean isFirst) {
        Event marker = marker(schema, Operation.READ);
        marker.first = isFirst;
        mark(marker);
    }

    void ends(TableSchema schema) {
        mark(marker(schema, Operation.DELETE));
    }

    static Event marker(TableSchema schema, Operation operation) {
        Event marker = new Event();
        marker.operation = operation;
        marker.schema = schema;
        marker.schemaId = schema.id();
        return marker;
    }

    void mark(Event marker) {
        changelog.define(marker, bucket, countedRows, out);
        changelog.mark(marker, bucket, countedRows, out);
        count();
    }

    void restart() {
        bucket = Bucket.fromBytes(bucket.toBytes());
    }

    private final Changelog.Out out = new Changelog.Out() {
        @Override
        public void emit(Change change) {
            if (change.operation != Operation.TRUNCATE && change.schema.hasKey() != change.key.isPresent()) {
                throw new AssertionError("a key where the schema has none, or none where it has one: " + told);
            }
            tell("" + change.operation.code(), change);
        }

        @Override
        public void gone(Change row) {
            tell("gone", row);
        }
    };

    private void tell(String what, Change change) {
        for (Slice slice : List.of(change.key, change.before, change.after)) {
            if (slice.isPresent() && slice.offset() + slice.length() > slice.bytes().length) {
                throw new AssertionError("a row that ends behind its bytes: " + told);
            }
        }
        emitted.add(change.operation.code()
                + (change.unseen ? " unseen" : "")
                + (change.late ? " late" : "")
                + (change.snapshot ? " snapshot" : ""));
        told.add(what + " " + text(change.beforeSchema == null ? change.schema : change.beforeSchema, change.before)
                + " -> " + text(change.schema, change.after));
    }

    /** What was told since the last time this was asked. */
    List<String> told() {
        List<String> all = List.copyOf(told);
        told.clear();
        return all;
    }

    static String text(@Nullable TableSchema schema, Slice row) {
        return row.isPresent() ? text(Objects.requireNonNull(schema), row.bytes(), row.offset()) : "none";
    }

    private static String text(TableSchema schema, byte[] bytes, int offset) {
        @Nullable Object[] values = RowReader.values(schema, bytes, offset);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            texts.add(ValueText.of(schema.columns().get(i).type(), values[i]));
        }
        return String.join(" ", texts);
    }

    /** The live rows, each as often as it is there. */
    List<String> live() {
        TreeSet<String> texts = new TreeSet<>();
        List<String> all = new ArrayList<>();
        rows.forEach(entry -> {
            TableSchema schema = Objects.requireNonNull(
                    bucket.schema(io.tributary.change.Bytes.getLong(entry.stored(), Rows.SCHEMA_ID)));
            switch (entry.kind()) {
                case ROW -> all.add(entry.stored().length == Rows.ROW ? "key" : text(schema, entry.stored(), Rows.ROW));
                case BAG -> {
                    for (int i = 0; i < Bag.count(entry.stored()); i++) {
                        all.add(text(schema, entry.stored(), Bag.ROW));
                    }
                }
                case SHADOW -> texts.add("shadow " + text(schema, entry.stored(), Rows.ROW));
            }
            return Rows.Visit.KEEP;
        });
        all.sort(null);
        all.addAll(texts);
        return all;
    }
}
