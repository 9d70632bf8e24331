package io.tributary.expression;

import dev.cel.common.types.CelType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelEvaluationException;
import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Columns' values as expressions have them, and back. */
final class Values {
    private static final long MICROS = 1_000_000;
    private static final long DAY_SECONDS = 86_400;

    private Values() {}

    /** What expressions take a column for; a value may be null. */
    static CelType typeOf(ColumnType type) {
        return NullableType.create(
                switch (type.kind()) {
                    case BOOLEAN -> SimpleType.BOOL;
                    case INT16, INT32, INT64 -> SimpleType.INT;
                    case FLOAT32, FLOAT64 -> SimpleType.DOUBLE;
                    case DECIMAL -> Decimals.TYPE;
                    case TEXT, JSON, ANY -> SimpleType.STRING;
                    case BYTES -> SimpleType.BYTES;
                    case DATE, TIMESTAMP, TIMESTAMPTZ -> SimpleType.TIMESTAMP;
                    case TIME -> SimpleType.DURATION;
                });
    }

    /** A present value. */
    static Object of(RowReader reader, ColumnType type) throws CelEvaluationException {
        Object value = reader.value();
        return switch (type.kind()) {
            case BOOLEAN, INT64, FLOAT64, TEXT, JSON, ANY -> value;
            case INT16, INT32 -> ((Integer) value).longValue();
            case FLOAT32 -> Double.parseDouble(value.toString()); // 0.1 is what it is written as
            case DECIMAL -> Decimals.held((BigDecimal) value);
            case BYTES -> CelByteString.of((byte[]) value);
            case DATE -> Instant.ofEpochSecond((Integer) value * DAY_SECONDS);
            case TIMESTAMP, TIMESTAMPTZ -> Instant.EPOCH.plus((Long) value, ChronoUnit.MICROS);
            case TIME -> Duration.of((Long) value, ChronoUnit.MICROS);
        };
    }

    /** The column that holds what an expression of this type gives; null where that must be said. */
    static @Nullable ColumnType columnOf(CelType type) {
        CelType own = type instanceof NullableType nullable ? nullable.targetType() : type;
        if (own.equals(SimpleType.BOOL)) {
            return ColumnType.BOOLEAN;
        } else if (own.equals(SimpleType.INT)) {
            return ColumnType.INT64;
        } else if (own.equals(SimpleType.DOUBLE)) {
            return ColumnType.FLOAT64;
        } else if (own.equals(SimpleType.STRING)) {
            return ColumnType.TEXT;
        } else if (own.equals(SimpleType.BYTES)) {
            return ColumnType.BYTES;
        } else if (own.equals(SimpleType.TIMESTAMP)) {
            return ColumnType.TIMESTAMPTZ;
        }
        return null;
    }

    static @Nullable Object orNull(@Nullable Object value) {
        return value instanceof NullValue ? null : value;
    }

    /**
     * Writes a value into a column. A decimal is rounded to its scale as SQL does, half away from zero.
     *
     * @throws ExpressionException if it does not fit there
     */
    static void write(RowWriter writer, Object value, ColumnType type) throws ExpressionException {
        switch (type.kind()) {
            case BOOLEAN -> writer.writeByte(as(Boolean.class, value, type) ? 1 : 0);
            case INT16 -> writer.writeInt((int) whole(value, type, Short.MIN_VALUE, Short.MAX_VALUE));
            case INT32 -> writer.writeInt((int) whole(value, type, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case INT64 -> writer.writeLong(whole(value, type, Long.MIN_VALUE, Long.MAX_VALUE));
            case FLOAT32 -> writer.writeInt(Float.floatToIntBits((float) real(value, type)));
            case FLOAT64 -> writer.writeLong(Double.doubleToLongBits(real(value, type)));
            case DECIMAL -> decimal(writer, value, type);
            case TEXT, JSON, ANY -> bytes(writer, as(String.class, value, type).getBytes(StandardCharsets.UTF_8));
            case BYTES -> bytes(writer, as(CelByteString.class, value, type).toByteArray());
            case DATE ->
                writer.writeInt(
                        (int) Math.floorDiv(as(Instant.class, value, type).getEpochSecond(), DAY_SECONDS));
            case TIMESTAMP, TIMESTAMPTZ -> writer.writeLong(micros(as(Instant.class, value, type)));
            case TIME -> {
                Duration time = as(Duration.class, value, type);
                if (time.isNegative() || time.compareTo(Duration.ofDays(1)) > 0) {
                    throw new ExpressionException("a time of day is between 0 s and 24 h");
                }
                writer.writeLong(time.toNanos() / 1000);
            }
        }
    }

    private static long micros(Instant instant) {
        Instant floor = instant.atOffset(ZoneOffset.UTC).toInstant();
        return Math.addExact(Math.multiplyExact(floor.getEpochSecond(), MICROS), floor.getNano() / 1000);
    }

    private static void bytes(RowWriter writer, byte[] bytes) {
        writer.writeBytes(bytes, 0, bytes.length);
    }

    private static <T> T as(Class<T> wanted, Object value, ColumnType type) throws ExpressionException {
        if (!wanted.isInstance(value)) {
            throw new ExpressionException("it gives a " + name(value) + ", and the column is " + type);
        }
        return wanted.cast(value);
    }

    /** As expressions call what it is. */
    private static String name(Object value) {
        if (value instanceof Long) {
            return "int";
        } else if (value instanceof Instant) {
            return "timestamp";
        } else if (value instanceof Decimals.Decimal) {
            return "decimal";
        } else if (value instanceof CelByteString) {
            return "bytes";
        }
        return value.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
    }

    private static long whole(Object value, ColumnType type, long least, long most) throws ExpressionException {
        long number = as(Long.class, value, type);
        if (number < least || number > most) {
            throw new ExpressionException("it gives a number that " + type + " does not hold");
        }
        return number;
    }

    private static double real(Object value, ColumnType type) throws ExpressionException {
        return value instanceof Long number ? number : as(Double.class, value, type);
    }

    private static void decimal(RowWriter writer, Object value, ColumnType type) throws ExpressionException {
        BigDecimal exact;
        if (value instanceof Long whole) {
            exact = BigDecimal.valueOf(whole);
        } else if (value instanceof Double number) {
            if (!Double.isFinite(number)) {
                throw new ExpressionException("it gives " + number + ", and the column is " + type);
            }
            exact = BigDecimal.valueOf(number);
        } else {
            exact = as(Decimals.Decimal.class, value, type).value();
        }
        BigDecimal rounded = exact.setScale(type.scale(), RoundingMode.HALF_UP);
        if (rounded.precision() > type.precision()) {
            throw new ExpressionException("it gives a number that " + type + " does not hold");
        }
        if (type.fitsLong()) {
            writer.writeLong(rounded.unscaledValue().longValueExact());
        } else {
            bytes(writer, rounded.unscaledValue().toByteArray());
        }
    }
}
