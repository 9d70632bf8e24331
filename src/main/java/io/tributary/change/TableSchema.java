package io.tributary.change;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the rows of one table on one topic look like. Rows carry only {@link #id()}, which is a hash of the content: every
 * process gives the same definition the same id without asking another.
 */
public final class TableSchema {
    /** Without defaults the first version is written: the ids of older savepoints stay what they are. */
    private static final int DEFAULTS_VERSION = 2;

    /** Likewise where neither origin nor order is known the first or the second. */
    private static final int VERSION = 3;

    private final String topic;
    private final TableName table;
    /** Whether an earlier version would not have made it. */
    private final boolean third;

    private final String origin;
    private final boolean ordered;
    private final boolean keyBeyond;
    private final List<Column> columns;
    private final int[] key;
    private final Map<Integer, Slice> defaults;
    private final ColumnType[] keyTypes;
    private final byte[] bytes;
    private final long id;

    /**
     * @param key the indexes in {@code columns} of the key's columns, in the key's order; empty for a table without one
     * @throws IndexOutOfBoundsException if the key names a column that is not there
     */
    public TableSchema(String topic, TableName table, List<Column> columns, List<Integer> key) {
        this(topic, table, columns, key, Map.of());
    }

    /** @param defaults by the index of the column: what rows from before the column was added have in it, as rows hold values */
    public TableSchema(
            String topic, TableName table, List<Column> columns, List<Integer> key, Map<Integer, Slice> defaults) {
        this(topic, table, false, "", false, false, columns, key, defaults);
    }

    /**
     * @param origin what the table is of beside its name: connector, server and database; empty where that is not known
     * @param ordered whether the columns are known to be in the source's order
     * @param keyBeyond whether a value of the key is beyond its column's type, and held as text for its row alone
     */
    public TableSchema(
            String topic,
            TableName table,
            String origin,
            boolean ordered,
            boolean keyBeyond,
            List<Column> columns,
            List<Integer> key,
            Map<Integer, Slice> defaults) {
        this(topic, table, true, origin, ordered, keyBeyond, columns, key, defaults);
    }

    private TableSchema(
            String topic,
            TableName table,
            boolean third,
            String origin,
            boolean ordered,
            boolean keyBeyond,
            List<Column> columns,
            List<Integer> key,
            Map<Integer, Slice> defaults) {
        this.third = third;
        this.topic = topic;
        this.table = table;
        this.origin = origin;
        this.ordered = ordered;
        this.keyBeyond = keyBeyond;
        this.columns = List.copyOf(columns);
        this.key = key.stream().mapToInt(Integer::intValue).toArray();
        for (int index : this.key) {
            this.columns.get(index);
        }
        this.defaults = new TreeMap<>(defaults);
        this.keyTypes =
                key.stream().map(i -> this.columns.get(i).type().inKey()).toArray(ColumnType[]::new);
        this.bytes = write();
        this.id = hash(bytes);
    }

    public String topic() {
        return topic;
    }

    public TableName table() {
        return table;
    }

    /** Connector, server and database, as {@code postgresql/cdc/shop}; empty where they are not known. */
    public String origin() {
        return origin;
    }

    /** Whether both are known to be of one name in two databases or servers. */
    public boolean isOfOtherOrigin(String other) {
        return !origin.isEmpty() && !other.isEmpty() && !origin.equals(other);
    }

    /** Whether the columns are known to be in the source's order. */
    public boolean isOrdered() {
        return ordered;
    }

    /** Whether a value of the key is beyond its column's type, and held as text for its row alone. */
    public boolean isKeyBeyond() {
        return keyBeyond;
    }

    /** Whether {@link #isKeyBeyond} is known: earlier versions did not say. */
    public boolean tellsKeysBeyond() {
        return third;
    }

    public List<Column> columns() {
        return columns;
    }

    /** The indexes of the key's columns, in the key's order. */
    public List<Integer> key() {
        return IntStream.of(key).boxed().toList();
    }

    /** The names of the key's columns, in the key's order. */
    public List<String> keyNames() {
        return IntStream.of(key).mapToObj(index -> columns.get(index).name()).toList();
    }

    public boolean hasKey() {
        return key.length > 0;
    }

    public long id() {
        return id;
    }

    /** The types of the key's columns in a key's row, in the key's order: not to be written to. */
    public ColumnType[] keyTypes() {
        return keyTypes;
    }

    /** What rows from before the column was added have in it, as rows hold values; null where that is not known. */
    public @Nullable Slice defaultOf(int column) {
        return defaults.get(column);
    }

    /** The index of the column of this name, or -1. */
    public int indexOf(String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return i;
            }
        }
        return -1;
    }

    /** The same on another topic. */
    public TableSchema on(String otherTopic) {
        return otherTopic.equals(topic)
                ? this
                : new TableSchema(otherTopic, table, third, origin, ordered, keyBeyond, columns, key(), defaults);
    }

    /** The definition as it travels and is kept in savepoints; {@link #fromBytes} reads it. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    private byte[] write() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (DataOutputStream data = new DataOutputStream(out)) {
            data.writeByte(third ? VERSION : defaults.isEmpty() ? 1 : DEFAULTS_VERSION);
            writeText(data, topic);
            writeText(data, table.schema());
            writeText(data, table.table());
            data.writeInt(columns.size());
            for (Column column : columns) {
                writeText(data, column.name());
                data.writeByte(column.type().kind().ordinal());
                data.writeByte(column.type().precision());
                data.writeByte(column.type().scale());
            }
            data.writeInt(key.length);
            for (int index : key) {
                data.writeInt(index);
            }
            if (!defaults.isEmpty() || third) {
                data.writeInt(defaults.size());
                for (Map.Entry<Integer, Slice> entry : defaults.entrySet()) {
                    Slice value = entry.getValue();
                    data.writeInt(entry.getKey());
                    data.writeInt(value.length());
                    data.write(value.bytes(), value.offset(), value.length());
                }
            }
            if (third) {
                writeText(data, origin);
                data.writeBoolean(ordered);
                data.writeBoolean(keyBeyond);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** @throws IllegalArgumentException if the bytes are of a later version of this format */
    public static TableSchema fromBytes(byte[] bytes) {
        try (DataInputStream data = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = data.readUnsignedByte();
            if (version < 1 || version > VERSION) {
                throw new IllegalArgumentException(
                        "a table's schema of version " + version + ", this build reads 1 to " + VERSION);
            }
            String topic = readText(data);
            TableName table = new TableName(readText(data), readText(data));
            int count = data.readInt();
            List<Column> columns = new ArrayList<>(count);
            ColumnType.Kind[] kinds = ColumnType.Kind.values();
            for (int i = 0; i < count; i++) {
                String name = readText(data);
                ColumnType.Kind kind = kinds[data.readUnsignedByte()];
                columns.add(new Column(name, new ColumnType(kind, data.readUnsignedByte(), data.readUnsignedByte())));
            }
            int keys = data.readInt();
            List<Integer> key = new ArrayList<>(keys);
            for (int i = 0; i < keys; i++) {
                key.add(data.readInt());
            }
            Map<Integer, Slice> defaults = new HashMap<>();
            int values = version > 1 ? data.readInt() : 0;
            for (int i = 0; i < values; i++) {
                int column = data.readInt();
                Slice value = new Slice();
                value.set(data.readNBytes(data.readInt()));
                defaults.put(column, value);
            }
            boolean isThird = version == VERSION;
            String origin = isThird ? readText(data) : "";
            boolean ordered = isThird && data.readBoolean();
            boolean keyBeyond = isThird && data.readBoolean();
            return new TableSchema(topic, table, isThird, origin, ordered, keyBeyond, columns, key, defaults);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // DataOutput.writeUTF ends at 64 kB and is not UTF-8
    private static void writeText(DataOutputStream data, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        data.writeInt(utf8.length);
        data.write(utf8);
    }

    private static String readText(DataInputStream data) throws IOException {
        return new String(data.readNBytes(data.readInt()), StandardCharsets.UTF_8);
    }

    private static long hash(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return Bytes.getLong(digest, 0);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TableSchema that && id == that.id;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(id);
    }

    @Override
    public String toString() {
        return table + columns.stream().map(c -> c.name() + " " + c.type()).collect(Collectors.joining(", ", "(", ")"));
    }
}
