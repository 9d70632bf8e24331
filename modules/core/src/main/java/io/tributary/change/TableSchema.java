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
    /**
     * What a schema says beside its columns.
     *
     * @param isKnown false of schemas that earlier versions made, and of tables of our own: then nothing is told
     * @param origin connector, server and database, as {@code postgresql/cdc/shop}; empty where they are not known
     * @param isOrdered whether the columns are known to be in the source's order
     * @param isKeyBeyond whether a value of the key is beyond its column's type, and held as text for its row alone
     * @param topicId what Kafka tells the topic from an earlier one of its name by; empty where it is not known
     */
    public record Told(boolean isKnown, String origin, boolean isOrdered, boolean isKeyBeyond, String topicId) {
        public static final Told NOTHING = new Told(false, "", false, false, "");

        public Told(String origin, boolean isOrdered, boolean isKeyBeyond, String topicId) {
            this(true, origin, isOrdered, isKeyBeyond, topicId);
        }

        /** Whether the two are known to be of tables in two databases or of two servers. */
        public boolean isOfOther(String otherOrigin) {
            return !origin.isEmpty() && !otherOrigin.isEmpty() && !origin.equals(otherOrigin);
        }
    }

    /** Without defaults the first version is written: the ids of older savepoints stay what they are. */
    private static final int DEFAULTS_VERSION = 2;

    /** Likewise where neither origin nor order is known the first or the second. */
    private static final int TOLD_VERSION = 3;

    /** Likewise where the topic's id is not known the third. */
    private static final int VERSION = 4;

    private final String topic;
    private final TableName table;
    private final Told told;
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
        this(topic, table, Told.NOTHING, columns, key, defaults);
    }

    public TableSchema(
            String topic,
            TableName table,
            Told told,
            List<Column> columns,
            List<Integer> key,
            Map<Integer, Slice> defaults) {
        this.topic = topic;
        this.table = table;
        this.told = told;
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

    public Told told() {
        return told;
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
        if (otherTopic.equals(topic)) {
            return this;
        }
        Told there = told.isKnown
                ? new Told(told.origin, told.isOrdered, told.isKeyBeyond, "") // the id is this topic's
                : told;
        return new TableSchema(otherTopic, table, there, columns, key(), defaults);
    }

    /** The definition as it travels and is kept in savepoints; {@link #fromBytes} reads it. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    private byte[] write() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (DataOutputStream data = new DataOutputStream(out)) {
            data.writeByte(version());
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
            if (!defaults.isEmpty() || told.isKnown) {
                data.writeInt(defaults.size());
                for (Map.Entry<Integer, Slice> entry : defaults.entrySet()) {
                    Slice value = entry.getValue();
                    data.writeInt(entry.getKey());
                    data.writeInt(value.length());
                    data.write(value.bytes(), value.offset(), value.length());
                }
            }
            if (told.isKnown) {
                writeText(data, told.origin);
                data.writeBoolean(told.isOrdered);
                data.writeBoolean(told.isKeyBeyond);
            }
            if (!told.topicId.isEmpty()) {
                writeText(data, told.topicId);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private int version() {
        if (!told.isKnown) {
            return defaults.isEmpty() ? 1 : DEFAULTS_VERSION;
        }
        return told.topicId.isEmpty() ? TOLD_VERSION : VERSION;
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
            Told told = version < TOLD_VERSION
                    ? Told.NOTHING
                    : new Told(
                            readText(data),
                            data.readBoolean(),
                            data.readBoolean(),
                            version == VERSION ? readText(data) : "");
            return new TableSchema(topic, table, told, columns, key, defaults);
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
