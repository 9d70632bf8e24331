package io.tributary.changelog;

import io.tributary.change.Bytes;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.change.ValueText;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table without a key: a multiset. Equal rows are one entry with their number after the stored row's head.
 * Columns that are null do not count, so that rows stay equal when a column is added.
 */
final class Bag {
    /** Where the row starts in an entry: after the head and the number. */
    static final int ROW = Rows.ROW + 4;

    private static final int KEY = 16;

    private final RowReader reader = new RowReader();
    private final MessageDigest digest;
    private final Slice key = new Slice();
    private final Slice row = new Slice();

    Bag() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static int count(byte[] entry) {
        return Bytes.getInt(entry, Rows.ROW);
    }

    void add(Rows rows, Event event, int generation) {
        hash(event.requireSchema(), event.after);
        byte[] there = rows.get(Rows.Kind.BAG, key);
        byte[] entry = there == null ? entry(event, generation) : there.clone();
        Bytes.putInt(entry, Rows.ROW, there == null ? 1 : count(there) + 1);
        rows.put(Rows.Kind.BAG, key, entry, there != null);
    }

    private static byte[] entry(Event event, int generation) {
        byte[] entry = new byte[ROW + event.after.length()];
        Bytes.putLong(entry, Rows.SCHEMA_ID, event.schemaId);
        Bytes.putLong(entry, Rows.SEQUENCE, event.sequenceEvent);
        Bytes.putInt(entry, Rows.GENERATION, generation);
        Bytes.putInt(entry, Rows.PARTITION, event.partition);
        System.arraycopy(event.after.bytes(), event.after.offset(), entry, ROW, event.after.length());
        return entry;
    }

    /**
     * Takes one of these rows out: of those with the same JSON in another spelling, where there is none of this one. MySQL's snapshots have blanks in
     * it where its log has none.
     *
     * @return the entry that had it, or null if there was none
     */
    byte @Nullable [] take(Rows rows, TableSchema schema, Slice row) {
        byte[] there = null;
        for (JsonSpelling spelling : JsonSpelling.values()) {
            boolean isAnother = hash(schema, row, spelling);
            there = isAnother || spelling == JsonSpelling.AS_IT_IS ? rows.get(Rows.Kind.BAG, key) : null;
            if (there != null) {
                break;
            }
        }
        if (there == null) {
            return null; // from before the job began to read
        }
        if (count(there) == 1) {
            rows.remove(Rows.Kind.BAG, key);
        } else {
            byte[] entry = there.clone();
            Bytes.putInt(entry, Rows.ROW, count(there) - 1);
            rows.put(Rows.Kind.BAG, key, entry, true);
        }
        return there;
    }

    /** An entry of one row, of a row that had a key. */
    static byte[] entry(byte[] stored) {
        byte[] entry = new byte[stored.length + ROW - Rows.ROW];
        System.arraycopy(stored, 0, entry, 0, Rows.ROW);
        Bytes.putInt(entry, Rows.ROW, 1);
        System.arraycopy(stored, Rows.ROW, entry, ROW, stored.length - Rows.ROW);
        return entry;
    }

    /** One of an entry's rows, for a row that gets a key. */
    static byte[] row(byte[] entry) {
        byte[] stored = new byte[entry.length - (ROW - Rows.ROW)];
        System.arraycopy(entry, 0, stored, 0, Rows.ROW);
        System.arraycopy(entry, ROW, stored, Rows.ROW, entry.length - ROW);
        return stored;
    }

    /** Puts an entry's rows to those that they are equal to now. */
    void move(Rows rows, byte[] from, TableSchema schema, byte[] entry) {
        key.set(from);
        rows.remove(Rows.Kind.BAG, key);
        put(rows, schema, entry);
    }

    /** Puts an entry's rows to those that they are equal to. */
    void put(Rows rows, TableSchema schema, byte[] entry) {
        row.set(entry, ROW, entry.length - ROW);
        hash(schema, row);
        byte[] there = rows.get(Rows.Kind.BAG, key);
        if (there != null) {
            Bytes.putInt(entry, Rows.ROW, count(entry) + count(there));
        }
        rows.put(Rows.Kind.BAG, key, entry, there != null);
    }

    private void hash(TableSchema schema, Slice row) {
        boolean unused = hash(schema, row, JsonSpelling.AS_IT_IS);
    }

    /** Makes the key of a row, with its JSON in a spelling; whether that differs from the row's own. */
    private boolean hash(TableSchema schema, Slice row, JsonSpelling spelling) {
        reader.open(schema, row.bytes(), row.offset());
        boolean differs = false;
        for (Column column : schema.columns()) {
            if (reader.next()) {
                text(column.name());
                String value = canonical(column.type());
                String spelt = isJson(column.type(), value) ? spelling.of(value) : value;
                differs |= !spelt.equals(value);
                text(spelt);
            }
        }
        key.set(Arrays.copyOf(digest.digest(), KEY));
        return differs;
    }

    private static boolean isJson(ColumnType type, String value) {
        return (type.kind() == ColumnType.Kind.JSON || type.kind() == ColumnType.Kind.ANY)
                && (value.startsWith("{") || value.startsWith("["));
    }

    /** The same for equal values, also after the column's type was changed. */
    private String canonical(ColumnType type) {
        Object value = reader.value();
        return value instanceof BigDecimal decimal
                ? decimal.stripTrailingZeros().toPlainString()
                : ValueText.of(type, value);
    }

    private void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        for (int shift = 0; shift < 32; shift += 8) {
            digest.update((byte) (utf8.length >>> shift));
        }
        digest.update(utf8);
    }
}
