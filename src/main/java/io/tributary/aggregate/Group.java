package io.tributary.aggregate;

import io.tributary.aggregate.AggregateSettings.Call;
import io.tributary.aggregate.AggregateSettings.Function;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a group of rows: how many they are, and of each call what it needs beside the values themselves. */
final class Group {
    private static final int VERSION = 1;

    long rows;
    final Part[] parts;

    /** Of one call. */
    static final class Part {
        /** Values that are not null and, for sums, numbers. */
        long count;

        BigDecimal sum = BigDecimal.ZERO;
        /** How many NaN, infinities and negative infinities. */
        final long[] noNumbers = new long[3];
        /** The least or greatest value, for the calls that want it. */
        @Nullable
        String extreme;
        /** Whether the extreme has gone, so that the values must be looked at. */
        boolean stale;

        long distinct;
    }

    private Group(int calls) {
        parts = new Part[calls];
        for (int i = 0; i < calls; i++) {
            parts[i] = new Part();
        }
    }

    /** @param bytes as {@link #toBytes} gave them, or null for a group without a row */
    static Group of(byte @Nullable [] bytes, int calls) {
        Group group = new Group(calls);
        if (bytes == null) {
            return group;
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readByte();
            if (version != VERSION) {
                throw new IllegalArgumentException("a group of version " + version + ": this build reads " + VERSION);
            }
            group.rows = in.readLong();
            for (Part part : group.parts) {
                part.count = in.readLong();
                int scale = in.readInt();
                part.sum = new BigDecimal(new BigInteger(in.readNBytes(in.readInt())), scale);
                for (int i = 0; i < part.noNumbers.length; i++) {
                    part.noNumbers[i] = in.readLong();
                }
                part.extreme = in.readBoolean() ? text(in) : null;
                part.stale = in.readBoolean();
                part.distinct = in.readLong();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return group;
    }

    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(rows);
            for (Part part : parts) {
                out.writeLong(part.count);
                byte[] unscaled = part.sum.unscaledValue().toByteArray();
                out.writeInt(part.sum.scale());
                out.writeInt(unscaled.length);
                out.write(unscaled);
                for (long noNumber : part.noNumbers) {
                    out.writeLong(noNumber);
                }
                out.writeBoolean(part.extreme != null);
                if (part.extreme != null) {
                    byte[] utf8 = part.extreme.getBytes(java.nio.charset.StandardCharsets.UTF_8);
                    out.writeInt(utf8.length);
                    out.write(utf8);
                }
                out.writeBoolean(part.stale);
                out.writeLong(part.distinct);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Counts a value that comes or goes; not for the calls that need the values themselves. */
    void add(int call, Function function, @Nullable String value, long weight) {
        if (value == null || function.needsValues()) {
            return;
        }
        Part part = parts[call];
        if (function == Function.COUNT) {
            part.count += weight;
            return;
        }
        Double noNumber = Value.noNumber(value);
        if (noNumber != null) {
            part.noNumbers[noNumber.isNaN() ? 0 : noNumber > 0 ? 1 : 2] += weight;
            part.count += weight;
            return;
        }
        BigDecimal number = Value.number(value);
        if (number != null) {
            part.sum = part.sum.add(number.multiply(BigDecimal.valueOf(weight)));
            part.count += weight;
        }
    }

    /**
     * Takes note of how often a value is there now.
     *
     * @param before how often it was
     */
    void values(int call, Function function, String value, long before, long now) {
        Part part = parts[call];
        if (before == 0 && now != 0) {
            part.distinct++;
            if (part.extreme == null && !part.stale
                    || part.extreme != null && isBetter(function, value, part.extreme)) {
                part.extreme = value;
            }
        } else if (before != 0 && now == 0) {
            part.distinct--;
            if (value.equals(part.extreme)) {
                part.extreme = null;
                part.stale = part.distinct > 0;
            }
        }
    }

    /** Looks at a value that is there, for a call whose extreme has gone. */
    void look(int call, Function function, String value) {
        Part part = parts[call];
        if (part.stale && (part.extreme == null || isBetter(function, value, part.extreme))) {
            part.extreme = value;
        }
    }

    /** All values have been looked at. */
    void looked() {
        for (Part part : parts) {
            part.stale = false;
        }
    }

    boolean isStale(List<Call> calls) {
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].stale && calls.get(i).function() != Function.COUNT_DISTINCT) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBetter(Function function, String value, String than) {
        int order = Value.compare(value, than);
        return function == Function.MIN ? order < 0 : function == Function.MAX && order > 0;
    }
}
