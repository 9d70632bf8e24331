package io.tributary.lake;

import io.tributary.change.Change;
import io.tributary.change.Operation;
import io.tributary.change.TableSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.io.ValidatingRecordConsumer;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;

/** Writes rows as the lake does, up to Parquet's columns, for tests of other packages. */
public final class LakeRows {
    private final Map<Long, RowWriteSupport> supports = new HashMap<>();

    /** Writes the row to nowhere; Parquet checks that it is of the schema. */
    public void write(Change change) {
        TableSchema schema = change.operation == Operation.DELETE && change.beforeSchema != null
                ? change.beforeSchema
                : Objects.requireNonNull(change.schema);
        supports.computeIfAbsent(schema.id(), id -> support(schema)).write(change);
    }

    private static RowWriteSupport support(TableSchema schema) {
        TableLayout layout = TableLayout.of(List.of(schema), List.of());
        RowWriteSupport support = new RowWriteSupport(layout);
        support.prepareForWrite(new ValidatingRecordConsumer(
                new Nowhere(), support.init(new PlainParquetConfiguration()).getSchema()));
        DeltaSchema.with(new io.delta.kernel.types.StructType(), layout.all());
        return support;
    }

    private static final class Nowhere extends RecordConsumer {
        @Override
        public void startMessage() {}

        @Override
        public void endMessage() {}

        @Override
        public void startField(String field, int index) {}

        @Override
        public void endField(String field, int index) {}

        @Override
        public void startGroup() {}

        @Override
        public void endGroup() {}

        @Override
        public void addInteger(int value) {}

        @Override
        public void addLong(long value) {}

        @Override
        public void addBoolean(boolean value) {}

        @Override
        public void addBinary(Binary value) {}

        @Override
        public void addFloat(float value) {}

        @Override
        public void addDouble(double value) {}
    }
}
