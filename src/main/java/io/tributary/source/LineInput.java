package io.tributary.source;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Lines as the bytes they are, without the line feed that ends them. */
final class LineInput implements Closeable {
    private final InputStream in;
    private byte[] buffer = new byte[1 << 16];
    private int from;
    private int to;

    LineInput(InputStream in) {
        this.in = in;
    }

    /** The next line, or null at the end; a last line may lack its line feed. */
    byte @Nullable [] next() throws IOException {
        int searched = from;
        while (true) {
            for (; searched < to; searched++) {
                if (buffer[searched] == '\n') {
                    byte[] line = Arrays.copyOfRange(buffer, from, searched);
                    from = searched + 1;
                    return line;
                }
            }
            searched -= from; // what is left moves to the front
            if (!fill()) {
                byte[] rest = from == to ? null : Arrays.copyOfRange(buffer, from, to);
                from = to;
                return rest;
            }
        }
    }

    private boolean fill() throws IOException {
        System.arraycopy(buffer, from, buffer, 0, to - from);
        to -= from;
        from = 0;
        if (to == buffer.length) {
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        int read = in.read(buffer, to, buffer.length - to);
        to += Math.max(0, read);
        return read >= 0;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
