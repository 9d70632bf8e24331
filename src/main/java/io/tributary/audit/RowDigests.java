package io.tributary.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The rows of a table by key, each as a digest of its values in their canonical text: 16 bytes a row, however wide. */
final class RowDigests {
    private final Map<String, Digest> rows = new HashMap<>();
    /** Keys of rows of which it cannot be told whether sinks have them, and why. */
    private final Map<String, String> undecided = new TreeMap<>();

    private int count;

    /**
     * Half a SHA-256, or the sum of those of several rows.
     *
     * @param rows how many have the key
     */
    record Digest(long high, long low, int rows) {}

    /** @param values canonical texts, null for null, in the order of the table's columns */
    static Digest of(List<@Nullable String> values) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            for (String value : values) {
                byte[] text = value == null ? new byte[] {0} : value.getBytes(StandardCharsets.UTF_8);
                sha.update((value == null ? "-" : text.length + ":").getBytes(StandardCharsets.US_ASCII));
                sha.update(text);
            }
            byte[] digest = sha.digest();
            return new Digest(
                    io.tributary.change.Bytes.getLong(digest, 0), io.tributary.change.Bytes.getLong(digest, 8), 1);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Adds a row; one too many of a key is a difference. */
    void put(String key, Digest row) {
        rows.merge(key, row, (a, b) -> new Digest(a.high + b.high, a.low + b.low, a.rows + b.rows));
        count++;
    }

    /** Takes note of a row of which it cannot be told whether sinks have it. */
    void undecided(String key, String why) {
        undecided.put(key, why);
    }

    Map<String, String> undecided() {
        return undecided;
    }

    @Nullable
    Digest get(String key) {
        return rows.get(key);
    }

    int size() {
        return count;
    }

    /** The sum of all rows' digests, which does not depend on their order. */
    String checksum() {
        long high = 0;
        long low = 0;
        for (Digest digest : rows.values()) {
            high += digest.high;
            low += digest.low;
        }
        return "%016x%016x".formatted(high, low);
    }

    /** The keys whose rows differ, or are on one side only, in order; without those that are undecided here. */
    List<String> differing(RowDigests other) {
        TreeSet<String> keys = new TreeSet<>();
        rows.forEach((key, digest) -> {
            if (!digest.equals(other.rows.get(key))) {
                keys.add(key);
            }
        });
        other.rows.keySet().stream().filter(key -> !rows.containsKey(key)).forEach(keys::add);
        keys.removeAll(undecided.keySet());
        return List.copyOf(keys);
    }
}
