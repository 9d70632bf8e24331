package io.tributary.change;

import java.io.Serializable;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The type of a column, with what is needed to keep its values exactly.
 *
 * @param precision decimal digits, of {@link Kind#DECIMAL} only, at most {@value #MAX_PRECISION}
 * @param scale digits after the point, of {@link Kind#DECIMAL} only, from 0 to the precision
 */
public record ColumnType(Kind kind, int precision, int scale) implements Serializable {
    // by hand: see TableName
    @Override
    public boolean equals(Object o) {
        return o instanceof ColumnType other
                && kind.equals(other.kind)
                && precision == other.precision
                && scale == other.scale;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * kind.hashCode() + precision) + scale;
    }

    /** The widest decimal that Parquet readers and warehouses agree on. */
    public static final int MAX_PRECISION = 38;

    private static final int LONG_DIGITS = 18;
    private static final Pattern DECIMAL = Pattern.compile("decimal\\((\\d{1,2}),\\s*(\\d{1,2})\\)");

    /** How a value is held in a {@link RowWriter row}. */
    public enum Storage {
        BYTE,
        /** Four bytes. */
        INT,
        /** Eight bytes. */
        LONG,
        /** A length and so many bytes. */
        BYTES
    }

    /** What a value is. */
    public enum Kind {
        BOOLEAN(Storage.BYTE),
        INT16(Storage.INT),
        INT32(Storage.INT),
        INT64(Storage.LONG),
        FLOAT32(Storage.INT),
        FLOAT64(Storage.LONG),
        /** One of up to {@value #LONG_DIGITS} digits is held as a long. */
        DECIMAL(Storage.BYTES),
        /** UTF-8 text. */
        TEXT(Storage.BYTES),
        /** JSON as its text. */
        JSON(Storage.BYTES),
        BYTES(Storage.BYTES),
        /** Days since 1970-01-01. */
        DATE(Storage.INT),
        /** Microseconds since midnight, 24:00 included. */
        TIME(Storage.LONG),
        /** Microseconds since 1970-01-01T00:00 of an unnamed zone. */
        TIMESTAMP(Storage.LONG),
        /** Microseconds since 1970-01-01T00:00Z. */
        TIMESTAMPTZ(Storage.LONG),
        /** What the events do not tell the type of: a text as it is, all else as its JSON. */
        ANY(Storage.BYTES);

        private final Storage storage;

        Kind(Storage storage) {
            this.storage = storage;
        }
    }

    public static final ColumnType BOOLEAN = new ColumnType(Kind.BOOLEAN);
    public static final ColumnType INT16 = new ColumnType(Kind.INT16);
    public static final ColumnType INT32 = new ColumnType(Kind.INT32);
    public static final ColumnType INT64 = new ColumnType(Kind.INT64);
    public static final ColumnType FLOAT32 = new ColumnType(Kind.FLOAT32);
    public static final ColumnType FLOAT64 = new ColumnType(Kind.FLOAT64);
    public static final ColumnType TEXT = new ColumnType(Kind.TEXT);
    public static final ColumnType JSON = new ColumnType(Kind.JSON);
    public static final ColumnType ANY = new ColumnType(Kind.ANY);
    public static final ColumnType BYTES = new ColumnType(Kind.BYTES);
    public static final ColumnType DATE = new ColumnType(Kind.DATE);
    public static final ColumnType TIME = new ColumnType(Kind.TIME);
    public static final ColumnType TIMESTAMP = new ColumnType(Kind.TIMESTAMP);
    public static final ColumnType TIMESTAMPTZ = new ColumnType(Kind.TIMESTAMPTZ);

    private ColumnType(Kind kind) {
        this(kind, 0, 0);
    }

    public ColumnType {
        if (kind == Kind.DECIMAL && (precision < 1 || precision > MAX_PRECISION || scale < 0 || scale > precision)) {
            throw new IllegalArgumentException("decimal(%d,%d) is not between decimal(1,0) and decimal(%d,%d)"
                    .formatted(precision, scale, MAX_PRECISION, MAX_PRECISION));
        }
    }

    public static ColumnType decimal(int precision, int scale) {
        return new ColumnType(Kind.DECIMAL, precision, scale);
    }

    /**
     * The narrowest type that holds every value of both exactly; {@link #TEXT} where no other does. Symmetric, associative
     * and idempotent. {@link Conversion} brings values there.
     */
    public ColumnType join(ColumnType other) {
        if (equals(other)) {
            return this;
        }
        if (isInteger() && other.isInteger()) {
            return kind.compareTo(other.kind) > 0 ? this : other;
        }
        if (wholeDigits() >= 0 && other.wholeDigits() >= 0) {
            int joinedScale = Math.max(scale, other.scale);
            int joinedPrecision = Math.max(wholeDigits(), other.wholeDigits()) + joinedScale;
            return joinedPrecision > MAX_PRECISION ? TEXT : decimal(joinedPrecision, joinedScale);
        }
        return isFloat() && other.isFloat() ? FLOAT64 : TEXT;
    }

    private boolean isInteger() {
        return kind == Kind.INT16 || kind == Kind.INT32 || kind == Kind.INT64;
    }

    private boolean isFloat() {
        return kind == Kind.FLOAT32 || kind == Kind.FLOAT64;
    }

    public boolean isNumber() {
        return wholeDigits() >= 0 || isFloat();
    }

    /** Digits before the point of an exact number, else -1. */
    private int wholeDigits() {
        return switch (kind) {
            case INT16 -> 5;
            case INT32 -> 10;
            case INT64 -> 19;
            case DECIMAL -> precision - scale;
            case BOOLEAN, FLOAT32, FLOAT64, TEXT, JSON, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, ANY -> -1;
        };
    }

    /** Whether an unscaled decimal of this type is held as a {@code long}. */
    public boolean fitsLong() {
        return precision <= LONG_DIGITS;
    }

    /** The type in which a key holds it: one for all integers, so that a column that is widened keeps its rows. */
    public ColumnType inKey() {
        return kind == Kind.INT16 || kind == Kind.INT32 ? INT64 : this;
    }

    /** How its values are held. */
    public Storage storage() {
        return kind == Kind.DECIMAL && fitsLong() ? Storage.LONG : kind.storage;
    }

    /** Whether the value is held as a length and bytes, rather than in a fixed number of bytes. */
    public boolean isVariable() {
        return storage() == Storage.BYTES;
    }

    /** The spelling of {@link #parse}. */
    @Override
    public String toString() {
        String name = kind.name().toLowerCase(Locale.ROOT);
        return kind == Kind.DECIMAL ? name + "(" + precision + "," + scale + ")" : name;
    }

    /**
     * Reads a type as the pipeline file spells it, for example {@code decimal(12,2)} or {@code timestamptz}.
     *
     * @throws IllegalArgumentException if there is no such type
     */
    public static ColumnType parse(String text) {
        String lower = text.strip().toLowerCase(Locale.ROOT);
        Matcher decimal = DECIMAL.matcher(lower);
        if (decimal.matches()) {
            return decimal(Integer.parseInt(decimal.group(1)), Integer.parseInt(decimal.group(2)));
        }
        for (Kind kind : Kind.values()) {
            if (kind != Kind.DECIMAL && kind.name().toLowerCase(Locale.ROOT).equals(lower)) {
                return new ColumnType(kind);
            }
        }
        throw new IllegalArgumentException("no type '" + text + "'; there are boolean, int16, int32, int64, float32,"
                + " float64, decimal(p,s), text, json, bytes, date, time, timestamp, timestamptz, any");
    }
}
