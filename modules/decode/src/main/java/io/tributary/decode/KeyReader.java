package io.tributary.decode;

import io.tributary.change.RowWriter;
import java.util.List;

/** Reads keys in one encoding: the columns of one key, each with its value. */
interface KeyReader {
    /** Goes to the key; false when it is null. */
    boolean open(byte[] key, Topic topic);

    /** The key's columns, each once. */
    List<String> names();

    /** Writes the value of the key's column of this column's name; false if it has none. */
    boolean readColumn(LayoutColumn column, int place, RowWriter rows);

    /** Whether the key has the layout's key columns, in their order. */
    default boolean matches(RowLayout layout) {
        return layout.hasKey(names());
    }

    /** Writes the key, which {@link #matches}, as a row of its own and returns its length. */
    default int read(RowLayout layout, RowWriter rows) {
        rows.begin(layout.key.length);
        for (int i = 0; i < layout.key.length; i++) {
            if (!readColumn(layout.key[i], i, rows)) {
                rows.writeNull(i);
            }
        }
        return rows.end();
    }

    /** What the key's own schema says of its columns; that of none where it has none. */
    default SchemaBlock schema() {
        return SchemaBlock.none();
    }
}
