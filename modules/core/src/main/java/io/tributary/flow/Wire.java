package io.tributary.flow;

import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** What the stream's serializers have in common. */
final class Wire {
    private static final int SMALLEST = 1024;

    private Wire() {}

    static void write(Slice slice, DataOutputView target) throws IOException {
        if (slice.length() > 0) {
            target.write(slice.bytes(), slice.offset(), slice.length());
        }
    }

    /** With its length before it. */
    static void writeWhole(Slice slice, DataOutputView target) throws IOException {
        target.writeInt(slice.length());
        write(slice, target);
    }

    /** What {@link #writeWhole} wrote, in bytes of its own. */
    static void readWhole(Slice slice, DataInputView source) throws IOException {
        int length = source.readInt();
        if (length < 0) {
            slice.clear();
            return;
        }
        byte[] bytes = new byte[length];
        source.readFully(bytes);
        slice.set(bytes);
    }

    /** Lays a slice over the next bytes; a length below 0 stands for an absent one. */
    static int slice(Slice slice, byte[] bytes, int at, int length) {
        if (length < 0) {
            slice.clear();
            return at;
        }
        slice.set(bytes, at, length);
        return at + length;
    }

    /** A slice with bytes of its own. */
    static void copy(Slice from, Slice to) {
        if (from.isPresent()) {
            to.set(from.copy());
        } else {
            to.clear();
        }
    }

    static void write(TableSchema schema, DataOutputView target) throws IOException {
        byte[] bytes = schema.toBytes();
        target.writeInt(bytes.length);
        target.write(bytes);
    }

    static TableSchema readSchema(DataInputView source) throws IOException {
        byte[] bytes = new byte[source.readInt()];
        source.readFully(bytes);
        return TableSchema.fromBytes(bytes);
    }

    /** The buffer, or a larger one. */
    static byte[] grown(byte[] buffer, int total) {
        return buffer.length >= total ? buffer : new byte[Math.max(SMALLEST, Math.max(total, buffer.length * 2))];
    }
}
