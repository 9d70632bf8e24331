package io.tributary.change;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Brings values of one type to a wider one without loss, as a {@link RowWriter row} holds them: a number where the type is of
 * a fixed length, else bytes. Which method is right follows from {@link ColumnType#isVariable()} of both types; none makes
 * bytes a number, for no fixed type is wider than a variable one.
 */
public final class Conversion {
    private final ColumnType from;
    private final ColumnType to;
    private final BigInteger factor;

    private Conversion(ColumnType from, ColumnType to) {
        this.from = from;
        this.to = to;
        this.factor = BigInteger.TEN.pow(to.scale() > from.scale() ? to.scale() - from.scale() : 0);
    }

    /** @throws IllegalArgumentException unless {@code to} is the {@link ColumnType#join} of both */
    public static Conversion of(ColumnType from, ColumnType to) {
        if (!from.join(to).equals(to)) {
            throw new IllegalArgumentException("%s does not hold every value of %s".formatted(to, from));
        }
        return new Conversion(from, to);
    }

    public ColumnType from() {
        return from;
    }

    public ColumnType to() {
        return to;
    }

    /** Whether rows hold a value alike in both types, so that there is nothing to convert. */
    public boolean isNone() {
        return from.equals(to)
                || from.kind() == ColumnType.Kind.INT16 && to.kind() == ColumnType.Kind.INT32
                || from.kind() == ColumnType.Kind.JSON
                || from.kind() == ColumnType.Kind.ANY
                || from.kind() == to.kind() && from.scale() == to.scale() && from.isVariable() == to.isVariable();
    }

    /** @param value as {@link RowReader#fixedValue()} gives it, and so the result */
    public long number(long value) {
        return switch (to.kind()) {
            case DECIMAL -> Math.multiplyExact(value, factor.longValueExact());
            case FLOAT64 -> from.equals(to) ? value : Double.doubleToRawLongBits(Float.intBitsToFloat((int) value));
            case BOOLEAN, INT16, INT32, INT64, FLOAT32, TEXT, JSON, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, ANY ->
                value;
        };
    }

    /** @param value as {@link RowReader#fixedValue()} gives it */
    public byte[] bytes(long value) {
        return to.kind() == ColumnType.Kind.DECIMAL
                ? BigInteger.valueOf(value).multiply(factor).toByteArray()
                : ValueText.ofFixed(from, value).getBytes(StandardCharsets.UTF_8);
    }

    /** @param value the bytes that {@link RowReader} finds, left as they are */
    public byte[] bytes(byte[] value, int at, int length) {
        return switch (from.kind()) {
            case DECIMAL ->
                to.kind() == ColumnType.Kind.DECIMAL
                        ? new BigInteger(value, at, length).multiply(factor).toByteArray()
                        : text(value, at, length);
            case BYTES -> to.equals(from) ? Arrays.copyOfRange(value, at, at + length) : text(value, at, length);
            case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, TEXT, JSON, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, ANY ->
                Arrays.copyOfRange(value, at, at + length);
        };
    }

    private byte[] text(byte[] value, int at, int length) {
        return ValueText.ofVariable(from, value, at, length).getBytes(StandardCharsets.UTF_8);
    }
}
