package io.tributary.lake;

import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FieldMetadata;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.ShortType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampType;
import io.tributary.change.ColumnType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Lake columns as Delta's schema. Columns are mapped by name from the start: Kernel adds columns to no other table. The
 * physical name is the name, so that the plain Parquet files read well too. A field's metadata keeps what column of the
 * source it is, in which type: also that a timestamp has no zone, which Delta's type cannot say here (decision 5).
 */
final class DeltaSchema {
    private static final String ID = "delta.columnMapping.id";
    private static final String PHYSICAL_NAME = "delta.columnMapping.physicalName";
    private static final String SOURCE = "tributary.column";
    private static final String TYPE = "tributary.type";

    private DeltaSchema() {}

    /**
     * The schema with the columns as they are given, and those it has not after its fields. A field whose type changes is
     * dropped and added: it keeps its place and both names, and has a new id.
     */
    static StructType with(StructType schema, List<LakeColumn> columns) {
        Map<String, LakeColumn> rest = new LinkedHashMap<>();
        columns.forEach(column -> rest.put(column.name(), column));
        long id = schema.fields().stream()
                .map(field -> field.getMetadata().getLong(ID))
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
        List<StructField> fields = new ArrayList<>();
        for (StructField field : schema.fields()) {
            LakeColumn column = rest.remove(field.getName());
            if (column == null || !isOther(field, column.type())) {
                fields.add(field);
            } else {
                boolean same = type(column.type()).equals(field.getDataType());
                String physicalName = field.getMetadata().getString(PHYSICAL_NAME);
                fields.add(field(column, same ? field.getMetadata().getLong(ID) : ++id, physicalName));
            }
        }
        for (LakeColumn column : rest.values()) {
            fields.add(field(column, ++id, column.name()));
        }
        return new StructType(fields);
    }

    /** Whether the field is one of ours, in another type. */
    private static boolean isOther(StructField field, ColumnType type) {
        FieldMetadata metadata = field.getMetadata();
        return metadata.contains(TYPE) && !type.toString().equals(metadata.getString(TYPE));
    }

    private static StructField field(LakeColumn column, long id, String physicalName) {
        FieldMetadata metadata = FieldMetadata.builder()
                .putString(SOURCE, column.source())
                .putString(TYPE, column.type().toString())
                .putLong(ID, id)
                .putString(PHYSICAL_NAME, physicalName)
                .build();
        return new StructField(column.name(), type(column.type()), true, metadata);
    }

    static List<LakeColumn> columns(StructType schema) {
        return schema.fields().stream()
                .filter(field -> field.getMetadata().contains(TYPE))
                .map(field -> new LakeColumn(
                        field.getName(),
                        field.getMetadata().getString(SOURCE),
                        ColumnType.parse(field.getMetadata().getString(TYPE))))
                .toList();
    }

    private static DataType type(ColumnType type) {
        return switch (type.kind()) {
            case BOOLEAN -> BooleanType.BOOLEAN;
            case INT16 -> ShortType.SHORT;
            case INT32 -> IntegerType.INTEGER;
            case INT64 -> LongType.LONG;
            case FLOAT32 -> FloatType.FLOAT;
            case FLOAT64 -> DoubleType.DOUBLE;
            case DECIMAL -> new DecimalType(type.precision(), type.scale());
            case TEXT, JSON, ANY, TIME -> StringType.STRING;
            case BYTES -> BinaryType.BINARY;
            case DATE -> DateType.DATE;
            case TIMESTAMP, TIMESTAMPTZ -> TimestampType.TIMESTAMP;
        };
    }
}
