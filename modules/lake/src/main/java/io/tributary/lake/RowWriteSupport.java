package io.tributary.lake;

import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Conversion;
import io.tributary.change.Operation;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.change.ValueText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/** Writes a change's row from its bytes straight into Parquet's columns, without an object between. */
final class RowWriteSupport extends WriteSupport<Change> {
    /** Bytes of a decimal too wide for a long: the least that hold 38 digits. */
    private static final int WIDE_DECIMAL = 16;

    private static final Binary[] OPERATIONS = operations();

    private final TableLayout layout;
    private final MessageType type;
    private final String[] names;
    /** By the schema's id. */
    private final Map<Long, Rows> schemas = new HashMap<>();

    private final long[] present;
    private long count;
    private @Nullable Rows last;
    private RecordConsumer consumer;

    /** How the rows of one schema are written. */
    private static final class Rows {
        final TableSchema schema;
        final Binary topic;
        final RowReader reader = new RowReader();
        /** The file's column of each of the row's, or -1 where it has none. */
        final int[] at;

        final ColumnType[] types;
        /** Null for the columns whose values rows hold as the lake does: as a rule, all. */
        final @Nullable ConvertedColumn[] converted;

        Rows(TableSchema schema, TableLayout layout) {
            this.schema = schema;
            this.topic = Binary.fromConstantByteArray(schema.topic().getBytes(StandardCharsets.UTF_8));
            int count = schema.columns().size();
            Map<String, Integer> places = layout.places();
            this.at = new int[count];
            this.types = new ColumnType[count];
            this.converted = new @Nullable ConvertedColumn[count];
            for (int i = 0; i < count; i++) {
                Column column = schema.columns().get(i);
                at[i] = places.getOrDefault(column.name(), -1);
                types[i] =
                        at[i] < 0 ? column.type() : layout.columns().get(at[i]).type();
                Conversion conversion = Conversion.of(column.type(), types[i]);
                converted[i] = conversion.isNone() ? null : new ConvertedColumn(conversion);
            }
        }
    }

    @SuppressWarnings("NullAway.Init") // Parquet calls prepareForWrite before any write
    RowWriteSupport(TableLayout layout) {
        this.layout = layout;
        Types.MessageTypeBuilder builder = Types.buildMessage();
        for (LakeColumn column : layout.inFiles()) {
            builder.addField(field(column));
        }
        this.type = builder.named("row");
        this.present = new long[layout.columns().size()];
        this.names = layout.columns().stream().map(LakeColumn::name).toArray(String[]::new);
    }

    private static Binary[] operations() {
        Operation[] all = Operation.values();
        Binary[] letters = new Binary[all.length];
        for (int i = 0; i < letters.length; i++) {
            letters[i] = Binary.fromConstantByteArray(new byte[] {(byte) all[i].code()});
        }
        return letters;
    }

    static Type field(LakeColumn column) {
        ColumnType type = column.type();
        PrimitiveTypeName physical =
                switch (type.kind()) {
                    case BOOLEAN -> PrimitiveTypeName.BOOLEAN;
                    case INT16, INT32, DATE -> PrimitiveTypeName.INT32;
                    case INT64, TIMESTAMP, TIMESTAMPTZ -> PrimitiveTypeName.INT64;
                    case FLOAT32 -> PrimitiveTypeName.FLOAT;
                    case FLOAT64 -> PrimitiveTypeName.DOUBLE;
                    case TEXT, JSON, ANY, BYTES, TIME -> PrimitiveTypeName.BINARY;
                    case DECIMAL -> type.fitsLong() ? PrimitiveTypeName.INT64 : PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
                };
        Types.PrimitiveBuilder<PrimitiveType> field = Types.optional(physical);
        if (physical == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY) {
            field = field.length(WIDE_DECIMAL);
        }
        field = switch (type.kind()) {
            case TEXT, JSON, ANY, TIME -> field.as(LogicalTypeAnnotation.stringType());
            case INT16 -> field.as(LogicalTypeAnnotation.intType(16, true));
            case DATE -> field.as(LogicalTypeAnnotation.dateType());
            case TIMESTAMP, TIMESTAMPTZ -> field.as(LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS));
            case DECIMAL -> field.as(LogicalTypeAnnotation.decimalType(type.scale(), type.precision()));
            case BOOLEAN, INT32, INT64, FLOAT32, FLOAT64, BYTES -> field;
        };
        return field.named(column.name());
    }

    @Override
    @SuppressWarnings("deprecation") // abstract still
    public WriteContext init(Configuration configuration) {
        return new WriteContext(type, Map.of());
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
        return new WriteContext(type, Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
        this.consumer = recordConsumer;
    }

    @Override
    public void write(Change change) {
        consumer.startMessage();
        count++;
        Slice row = change.image();
        Rows rows = rows(change.imageSchema());
        if (row.isPresent()) {
            write(rows, row);
        }
        if (!layout.metadata().isEmpty()) {
            metadata(change, rows.topic);
        }
        consumer.endMessage();
    }

    /** How many of the rows written have no value in a column of the row, or -1 for other columns. */
    long nulls(String column) {
        int at = Arrays.asList(names).indexOf(column);
        return at < 0 ? -1 : count - present[at];
    }

    private Rows rows(TableSchema schema) {
        Rows rows = last;
        if (rows == null || rows.schema.id() != schema.id()) {
            rows = schemas.computeIfAbsent(schema.id(), id -> new Rows(schema, layout));
            last = rows;
        }
        return rows;
    }

    private void write(Rows rows, Slice row) {
        RowReader reader = rows.reader;
        reader.open(rows.schema, row.bytes(), row.offset());
        for (int i = 0; i < rows.at.length; i++) {
            int at = rows.at[i];
            if (reader.next() && at >= 0) {
                consumer.startField(names[at], at);
                present[at]++;
                ConvertedColumn conversion = rows.converted[i];
                if (conversion == null) {
                    value(reader, rows.types[i]);
                } else {
                    conversion.add(consumer, reader);
                }
                consumer.endField(names[at], at);
            }
        }
    }

    private void value(RowReader reader, ColumnType type) {
        switch (type.kind()) {
            case BOOLEAN -> consumer.addBoolean(reader.booleanValue());
            case INT16, INT32, DATE -> consumer.addInteger(reader.intValue());
            case INT64, TIMESTAMP, TIMESTAMPTZ -> consumer.addLong(reader.longValue());
            case FLOAT32 -> consumer.addFloat(reader.floatValue());
            case FLOAT64 -> consumer.addDouble(reader.doubleValue());
            case TEXT, JSON, ANY, BYTES ->
                consumer.addBinary(
                        Binary.fromReusedByteArray(reader.bytes(), reader.valueStart(), reader.valueLength()));
            // Delta has no time of day
            case TIME -> consumer.addBinary(Binary.fromString(ValueText.ofTime(reader.longValue())));
            case DECIMAL -> {
                if (type.fitsLong()) {
                    consumer.addLong(reader.longValue());
                } else {
                    consumer.addBinary(wide(reader.bytes(), reader.valueStart(), reader.valueLength()));
                }
            }
        }
    }

    /** @param bytes hold the unscaled value, big-endian, in no more bytes than Parquet's column has */
    static Binary wide(byte[] bytes, int from, int length) {
        byte[] fixed = new byte[WIDE_DECIMAL];
        Arrays.fill(fixed, 0, WIDE_DECIMAL - length, (byte) (bytes[from] < 0 ? -1 : 0));
        System.arraycopy(bytes, from, fixed, WIDE_DECIMAL - length, length);
        return Binary.fromConstantByteArray(fixed);
    }

    private void metadata(Change change, Binary topic) {
        int at = names.length;
        consumer.startField("_op", at);
        consumer.addBinary(OPERATIONS[change.operation.ordinal()]);
        consumer.endField("_op", at++);
        consumer.startField("_ts_ms", at);
        consumer.addLong(change.sourceMillis);
        consumer.endField("_ts_ms", at++);
        consumer.startField("_topic", at);
        consumer.addBinary(topic);
        consumer.endField("_topic", at++);
        consumer.startField("_partition", at);
        consumer.addInteger(change.partition);
        consumer.endField("_partition", at++);
        consumer.startField("_offset", at);
        consumer.addLong(change.offset);
        consumer.endField("_offset", at++);
        Slice tx = change.transaction;
        if (tx.isPresent()) {
            consumer.startField("_tx", at);
            consumer.addBinary(Binary.fromReusedByteArray(tx.bytes(), tx.offset(), tx.length()));
            consumer.endField("_tx", at);
        }
        at++;
        consumer.startField("_deleted", at);
        consumer.addBoolean(change.operation == Operation.DELETE);
        consumer.endField("_deleted", at);
    }
}
