package io.tributary.lake;

import io.tributary.change.Change;
import java.io.IOException;

/** How rows become the bytes of a file. */
interface FileRows {
    void write(Change change) throws IOException;

    /** Bytes of rows that are held in memory. */
    long buffered() throws IOException;

    /**
     * Writes what is left; who opened the file closes it.
     *
     * @return what the log says of the content, as {@link FileStats} has it
     */
    String end() throws IOException;
}
