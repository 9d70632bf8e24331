package io.tributary.lake;

import io.tributary.change.ColumnType;
import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Committables between operators and in savepoints. */
final class LakeCommittableSerializer implements SimpleVersionedSerializer<LakeCommittable> {
    /**
     * In the first version no table had parts; before the third, all were Delta's, and files had a number of rows for statistics;
     * before the fourth, nobody knew where a part begins, nor of which topic it is.
     */
    private static final int VERSION = 4;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(LakeCommittable committable) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(committable.checkpointId());
            out.writeInt(committable.tables().size());
            for (TableCommit table : committable.tables()) {
                write(out, table);
            }
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, TableCommit table) throws IOException {
        out.writeUTF(table.path());
        out.writeUTF(table.format().name());
        out.writeUTF(table.part() == null ? "" : table.part().toString());
        out.writeInt(table.columns().size());
        for (LakeColumn column : table.columns()) {
            out.writeUTF(column.name());
            out.writeUTF(column.source());
            out.writeUTF(column.type().toString());
        }
        out.writeInt(table.files().size());
        for (DataFile file : table.files()) {
            out.writeUTF(file.path());
            out.writeInt(file.epochDay());
            out.writeLong(file.size());
            byte[] stats = file.stats().getBytes(StandardCharsets.UTF_8);
            out.writeInt(stats.length);
            out.write(stats);
            out.writeInt(file.pendingVersion());
            out.writeInt(file.pending().length);
            out.write(file.pending());
        }
        out.writeInt(table.offsets().size());
        for (Map.Entry<SourcePartition, OffsetRange> entry : table.offsets().entrySet()) {
            out.writeUTF(entry.getKey().topic());
            out.writeInt(entry.getKey().partition());
            out.writeUTF(entry.getValue().topicId());
            out.writeLong(entry.getValue().from());
            out.writeLong(entry.getValue().first());
            out.writeLong(entry.getValue().last());
        }
    }

    @Override
    public LakeCommittable deserialize(int version, byte[] serialized) throws IOException {
        if (version < 1 || version > VERSION) {
            throw new IOException(
                    "cannot read a lake committable of version " + version + ": this build reads 1 to " + VERSION);
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized))) {
            long checkpointId = in.readLong();
            int count = in.readInt();
            List<TableCommit> tables = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                tables.add(readTable(in, version));
            }
            return new LakeCommittable(checkpointId, tables);
        }
    }

    private static TableCommit readTable(DataInputStream in, int version) throws IOException {
        String path = in.readUTF();
        TableFormat format = version > 2 ? TableFormat.valueOf(in.readUTF()) : TableFormat.DELTA;
        String part = version > 1 ? in.readUTF() : "";
        int columnCount = in.readInt();
        List<LakeColumn> columns = new ArrayList<>(columnCount);
        for (int i = 0; i < columnCount; i++) {
            columns.add(new LakeColumn(in.readUTF(), in.readUTF(), ColumnType.parse(in.readUTF())));
        }
        int fileCount = in.readInt();
        List<DataFile> files = new ArrayList<>(fileCount);
        for (int i = 0; i < fileCount; i++) {
            files.add(new DataFile(
                    in.readUTF(),
                    in.readInt(),
                    in.readLong(),
                    version < 3
                            ? FileStats.ofRows(in.readLong())
                            : new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8),
                    in.readInt(),
                    in.readNBytes(in.readInt())));
        }
        int partitionCount = in.readInt();
        Map<SourcePartition, OffsetRange> offsets = new TreeMap<>();
        for (int i = 0; i < partitionCount; i++) {
            offsets.put(
                    new SourcePartition(in.readUTF(), in.readInt()),
                    version < 4
                            ? new OffsetRange(in.readLong(), in.readLong())
                            : new OffsetRange(in.readUTF(), in.readLong(), in.readLong(), in.readLong()));
        }
        return new TableCommit(path, format, part.isEmpty() ? null : Part.parse(part), columns, files, offsets);
    }
}
