package io.tributary.flow;

import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a job has given a sink: of each table, the next offset of each partition. A sink that ends before that has lost
 * something, whatever it lost it by: so each part that goes there says from where on it is.
 */
public final class Marks {
    private static final int VERSION = 1;

    /** Whether all that the job ever gave is here: not where it goes on from a savepoint that had no marks. */
    private final boolean isWhole;

    private final Map<String, Map<SourcePartition, Long>> tables = new HashMap<>();
    /** Tables that nothing was given of since the job was started from a savepoint. */
    private final Set<String> unproven = new TreeSet<>();

    private Marks(boolean isWhole) {
        this.isWhole = isWhole;
    }

    /** @param isFresh whether the job starts without state, at the beginning of its topics */
    public static Marks none(boolean isFresh) {
        return new Marks(isFresh);
    }

    /**
     * The ranges of a part with where they begin, those of partitions that have no rows in it included; the next part begins
     * where this one ends.
     *
     * @param table by one name wherever the sink names it
     * @param ranges of all that goes to the table this time; without rows, how far it has come all the same
     * @return what the part is to have, in the place of {@code ranges}
     */
    public Map<SourcePartition, OffsetRange> pass(String table, Map<SourcePartition, OffsetRange> ranges) {
        Map<SourcePartition, Long> marks = tables.computeIfAbsent(table, t -> new TreeMap<>());
        Map<SourcePartition, OffsetRange> passed = new TreeMap<>();
        marks.forEach((partition, mark) -> passed.put(partition, OffsetRange.empty(mark)));
        long unknown = isWhole ? 0 : OffsetRange.UNKNOWN;
        ranges.forEach((partition, range) -> {
            long from = marks.getOrDefault(partition, unknown);
            if (!range.isEmpty()) {
                passed.put(partition, new OffsetRange(range.topicId(), from, range.first(), range.last()));
            }
            marks.merge(partition, range.last() + 1, Math::max);
        });
        if (ranges.values().stream().anyMatch(range -> !range.isEmpty())) {
            unproven.remove(table);
        }
        return passed;
    }

    /** Forgets a table that another sink has now. */
    public void forget(String table) {
        tables.remove(table);
        unproven.remove(table);
    }

    /** Tables of a savepoint that no part has been for: each once, so that a sink can prove that it has them. */
    public Map<String, Map<SourcePartition, OffsetRange>> prove() {
        Map<String, Map<SourcePartition, OffsetRange>> ranges = new TreeMap<>();
        for (String table : Set.copyOf(unproven)) {
            ranges.put(table, pass(table, Map.of()));
        }
        unproven.clear();
        return ranges;
    }

    /** @param job whose sinks have been proven, or are about to be */
    public byte[] toBytes(String job) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(job);
            out.writeBoolean(isWhole);
            out.writeInt(tables.size());
            for (Map.Entry<String, Map<SourcePartition, Long>> table : tables.entrySet()) {
                out.writeUTF(table.getKey());
                out.writeInt(table.getValue().size());
                for (Map.Entry<SourcePartition, Long> mark : table.getValue().entrySet()) {
                    out.writeUTF(mark.getKey().topic());
                    out.writeInt(mark.getKey().partition());
                    out.writeLong(mark.getValue());
                }
            }
        }
        return bytes.toByteArray();
    }

    /** @param job that goes on: of another's savepoint, it is not known what the sinks have */
    public static Marks fromBytes(byte[] bytes, String job) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IOException("marks of version " + version + ", this build reads " + VERSION);
            }
            boolean isOther = !in.readUTF().equals(job);
            Marks marks = new Marks(in.readBoolean());
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                String table = in.readUTF();
                Map<SourcePartition, Long> read = new TreeMap<>();
                int partitions = in.readInt();
                for (int j = 0; j < partitions; j++) {
                    read.put(new SourcePartition(in.readUTF(), in.readInt()), in.readLong());
                }
                marks.tables.put(table, read);
            }
            if (isOther) {
                marks.unproven.addAll(marks.tables.keySet());
            }
            return marks;
        }
    }
}
