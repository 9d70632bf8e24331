package io.tributary.flow;

import io.tributary.change.TableName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * Deals the keys of a table to its buckets. A bucket's number is the stream's key: 64 bits that every process computes alike
 * from table and index, chosen so that a table's buckets fall on key groups evenly spread.
 */
public final class Buckets {
    /** Fixed for good: savepoints are cut along it. */
    public static final int MAX_PARALLELISM = 128;

    private Buckets() {}

    /** The numbers of a table's buckets. */
    public static long[] of(TableName table, int count) {
        long seed = seed(table);
        int first = Math.floorMod(seed, MAX_PARALLELISM);
        long[] buckets = new long[count];
        for (int i = 0; i < count; i++) {
            int wanted = (first + (int) ((long) i * MAX_PARALLELISM / count)) % MAX_PARALLELISM;
            long candidate = mix(seed + i);
            while (KeyGroupRangeAssignment.assignToKeyGroup(candidate, MAX_PARALLELISM) != wanted) {
                candidate = mix(candidate);
            }
            buckets[i] = candidate;
        }
        return buckets;
    }

    /** The index of the bucket that a key's row falls to. */
    public static int indexOf(byte[] key, int offset, int length, int count) {
        long hash = 0xcbf29ce484222325L;
        for (int i = offset; i < offset + length; i++) {
            hash = (hash ^ key[i]) * 0x100000001b3L; // FNV-1a
        }
        return (int) Long.remainderUnsigned(mix(hash), count);
    }

    private static long seed(TableName table) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(table.schema().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            byte[] hash = digest.digest(table.table().getBytes(StandardCharsets.UTF_8));
            return io.tributary.change.Bytes.getLong(hash, 0);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The finalizer of SplitMix64: a bijection, so that no step of the search meets itself early. */
    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
