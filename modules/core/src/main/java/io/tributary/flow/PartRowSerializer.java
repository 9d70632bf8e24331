package io.tributary.flow;

import io.tributary.change.PartRow;
import io.tributary.change.Replacement;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Rows of parts of tables where they cross an edge; each carries its schema whole. */
public final class PartRowSerializer extends TypeSerializerSingleton<PartRow> {
    @Override
    public boolean isImmutableType() {
        return false;
    }

    @Override
    public PartRow createInstance() {
        return new PartRow();
    }

    @Override
    public PartRow copy(PartRow from) {
        return copy(from, new PartRow());
    }

    @Override
    public PartRow copy(PartRow from, PartRow reuse) {
        reuse.part = from.part;
        reuse.head = from.head;
        reuse.schema = from.schema;
        reuse.partition = from.partition;
        reuse.sequence = from.sequence;
        Wire.copy(from.row, reuse.row);
        return reuse;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(PartRow row, DataOutputView target) throws IOException {
        target.writeLong(row.part);
        target.writeInt(row.partition);
        target.writeLong(row.sequence);
        Wire.writeWhole(row.row, target);
        Wire.write(row.schema, target);
        target.writeBoolean(row.head != null);
        if (row.head != null) {
            write(row.head, target);
        }
    }

    private static void write(Replacement head, DataOutputView target) throws IOException {
        target.writeInt(head.schemas().size());
        for (TableSchema schema : head.schemas()) {
            Wire.write(schema, target);
        }
        target.writeInt(head.parts());
        target.writeInt(head.ends().size());
        for (Map.Entry<SourcePartition, Long> end : head.ends().entrySet()) {
            target.writeUTF(end.getKey().topic());
            target.writeInt(end.getKey().partition());
            target.writeLong(end.getValue());
        }
    }

    @Override
    public PartRow deserialize(DataInputView source) throws IOException {
        return deserialize(new PartRow(), source);
    }

    @Override
    public PartRow deserialize(PartRow reuse, DataInputView source) throws IOException {
        reuse.part = source.readLong();
        reuse.partition = source.readInt();
        reuse.sequence = source.readLong();
        Wire.readWhole(reuse.row, source);
        reuse.schema = Wire.readSchema(source);
        reuse.head = source.readBoolean() ? readHead(source) : null;
        return reuse;
    }

    private static Replacement readHead(DataInputView source) throws IOException {
        List<TableSchema> schemas = new ArrayList<>();
        for (int i = source.readInt(); i > 0; i--) {
            schemas.add(Wire.readSchema(source));
        }
        int parts = source.readInt();
        Map<SourcePartition, Long> ends = new HashMap<>();
        for (int i = source.readInt(); i > 0; i--) {
            ends.put(new SourcePartition(source.readUTF(), source.readInt()), source.readLong());
        }
        return new Replacement(schemas, parts, ends);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public TypeSerializerSnapshot<PartRow> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Named in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<PartRow> {
        public Snapshot() {
            super(PartRowSerializer::new);
        }
    }
}
