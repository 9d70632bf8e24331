package io.tributary.decode;

import io.tributary.change.RowWriter;
import java.util.List;

/** Reads keys in one encoding: the columns of one key, each with its value. */
interface KeyReader {
    /** Goes to the key; false when it is null. */
    boolean open(byte[] key, Topic topic);

    /** The key's columns, each once. */
    List<String> names();

    /** Whether the key has the layout's key columns, in their order. */
    boolean matches(RowLayout layout);

    /** What the key's own schema says of its columns; that of none where it has none. */
    SchemaBlock schema();

    /** Writes the key as a row of its own and returns its length. */
    int read(RowLayout layout, RowWriter rows);

    /** The same for columns in any order; 0 if one is missing. */
    int readByName(RowLayout layout, RowWriter rows);

    /** Writes the value of the key's column of this column's name; false if it has none. */
    boolean readColumn(LayoutColumn column, int place, RowWriter rows);
}
