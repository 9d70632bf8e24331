package io.tributary.changelog;

import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.TableSchema;
import io.tributary.change.ValueText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Keys from before the type of one of their columns changed, as the source's next events will have them: only where there is one way to say the
 * value in the other type, and one way back.
 */
final class KeyConversions {
    /** As it may be: its text has a currency. */
    private static final ColumnType MONEY = ColumnType.decimal(19, 2);

    private static final long DAY_MICROS = 86_400_000_000L;

    private KeyConversions() {}

    /**
     * Whether two schemas have keys of the same columns that are held in different ways. Not where one is text and the other may be held as text for
     * a single key that is beyond it, infinity say: that is no change of the type.
     */
    static boolean differ(TableSchema before, TableSchema after) {
        if (!before.hasKey() || !before.keyNames().equals(after.keyNames())) {
            return false;
        }
        boolean isOfOne = before.told().isKeyBeyond()
                || after.told().isKeyBeyond()
                || !before.told().isKnown()
                || !after.told().isKnown(); // it may be
        boolean differs = false;
        for (int i = 0; i < after.keyTypes().length; i++) {
            ColumnType from = before.keyTypes()[i];
            ColumnType to = after.keyTypes()[i];
            if (isOfOne && (isText(from) && mayBeText(to) || isText(to) && mayBeText(from))) {
                return false;
            }
            differs |= !from.equals(to);
        }
        return differs;
    }

    private static boolean isText(ColumnType type) {
        return type.kind() == ColumnType.Kind.TEXT;
    }

    /** Whether a source makes the text of a value that we do. */
    private static boolean isSpeltAlike(ColumnType type, String origin) {
        boolean isPostgres = origin.startsWith("postgresql/");
        return switch (type.kind()) {
            case TIMESTAMP -> isPostgres;
            case DATE -> !origin.startsWith("oracle/");
            case DECIMAL -> !origin.startsWith("oracle/") && !(isPostgres && type.equals(MONEY));
            case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, TEXT, JSON, BYTES, TIME, TIMESTAMPTZ, ANY -> true;
        };
    }

    private static boolean mayBeText(ColumnType type) {
        return switch (type.kind()) {
            case DECIMAL, DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> true;
            case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, TEXT, JSON, BYTES, ANY -> false;
        };
    }

    /** The key in other types; null if it has no certain form there. */
    static byte @Nullable [] of(byte[] key, ColumnType[] from, TableSchema after) {
        ColumnType[] to = after.keyTypes();
        RowReader reader = new RowReader();
        RowWriter writer = new RowWriter();
        reader.open(from, key, 0);
        writer.begin(to.length);
        for (int i = 0; i < to.length; i++) {
            if (!reader.next()) {
                writer.writeNull(i);
            } else if (isText(to[i]) && !isSpeltAlike(from[i], after.told().origin())
                    || !write(reader, from[i], to[i], writer)) {
                return null;
            }
        }
        int length = writer.end();
        return Arrays.copyOfRange(writer.buffer(), writer.start(), writer.start() + length);
    }

    /** Writes the reader's value in the other type; false, and nothing, if it has no certain form there. */
    static boolean write(RowReader value, ColumnType from, ColumnType to, RowWriter row) {
        if (from.equals(to)) {
            row.copy(value, to);
            return true;
        }
        return switch (to.kind()) {
            case INT16, INT32, INT64 -> integer(value, from, to, row);
            case DECIMAL -> decimal(value, from, to, row);
            case FLOAT64 -> floating(value, from, row);
            case DATE, TIMESTAMP, TIMESTAMPTZ -> time(value, from, to, row);
            case TEXT -> text(value, from, row);
            case ANY, JSON -> untyped(value, from, row);
            case BOOLEAN, FLOAT32, BYTES, TIME -> false;
        };
    }

    private static boolean integer(RowReader value, ColumnType from, ColumnType to, RowWriter row) {
        BigDecimal number = number(value, from);
        if (number == null) {
            return false;
        }
        try {
            long whole =
                    switch (to.kind()) {
                        case INT16 -> number.shortValueExact();
                        case INT32 -> number.intValueExact();
                        case BOOLEAN,
                                INT64,
                                FLOAT32,
                                FLOAT64,
                                DECIMAL,
                                TEXT,
                                JSON,
                                BYTES,
                                DATE,
                                TIME,
                                TIMESTAMP,
                                TIMESTAMPTZ,
                                ANY -> number.longValueExact();
                    };
            row.writeNumber(whole, to);
            return true;
        } catch (ArithmeticException e) {
            return false; // the source has rounded it, or it is no number of that type
        }
    }

    private static boolean decimal(RowReader value, ColumnType from, ColumnType to, RowWriter row) {
        BigDecimal number = number(value, from);
        if (number == null) {
            return false;
        }
        BigInteger unscaled;
        try {
            unscaled = number.setScale(to.scale()).unscaledValue();
        } catch (ArithmeticException e) {
            return false; // the source has rounded it
        }
        if (new BigDecimal(unscaled).precision() > to.precision()) {
            return false;
        }
        if (to.fitsLong()) {
            row.writeLong(unscaled.longValueExact());
        } else {
            byte[] bytes = unscaled.toByteArray();
            row.writeBytes(bytes, 0, bytes.length);
        }
        return true;
    }

    private static boolean floating(RowReader value, ColumnType from, RowWriter row) {
        BigDecimal number = from.kind() == ColumnType.Kind.FLOAT32 ? null : number(value, from);
        if (number == null || new BigDecimal(Double.toString(number.doubleValue())).compareTo(number) != 0) {
            return false; // two keys may be one double
        }
        row.writeLong(Double.doubleToLongBits(number.doubleValue()));
        return true;
    }

    private static boolean time(RowReader value, ColumnType from, ColumnType to, RowWriter row) {
        Long instant =
                switch (from.kind()) {
                    case DATE -> Long.valueOf(value.intValue() * DAY_MICROS);
                    // the connector tells a time without zone as if it were UTC
                    case TIMESTAMP, TIMESTAMPTZ -> Long.valueOf(value.longValue());
                    // of a text it depends on who cast it
                    case TEXT -> to.kind() == ColumnType.Kind.TIMESTAMPTZ ? null : micros(value.textValue());
                    case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, DECIMAL, JSON, BYTES, TIME, ANY -> null;
                };
        if (instant == null) {
            return false;
        }
        long micros = instant;
        if (to.kind() != ColumnType.Kind.DATE) {
            row.writeLong(micros);
        } else if (Math.floorMod(micros, DAY_MICROS) == 0) {
            row.writeInt((int) Math.floorDiv(micros, DAY_MICROS));
        } else {
            return false;
        }
        return true;
    }

    /** Since 1970; null of a text that is no time of whole microseconds. */
    private static @Nullable Long micros(String text) {
        try {
            LocalDateTime time = text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay()
                    : LocalDateTime.parse(text.replace(' ', 'T'));
            return time.get(ChronoField.NANO_OF_SECOND) % 1000 != 0
                    ? null
                    : Long.valueOf(Math.addExact(
                            Math.multiplyExact(time.toEpochSecond(ZoneOffset.UTC), 1_000_000),
                            time.getLong(ChronoField.MICRO_OF_SECOND)));
        } catch (DateTimeParseException | ArithmeticException e) {
            return null;
        }
    }

    private static boolean text(RowReader value, ColumnType from, RowWriter row) {
        switch (from.kind()) {
            case ANY -> row.writeBytes(value.bytes(), value.valueStart(), value.valueLength());
            case JSON, BYTES, FLOAT32, FLOAT64, TIME, TIMESTAMPTZ -> {
                return false; // spelt in many ways
            }
            case BOOLEAN, INT16, INT32, INT64, DECIMAL, TEXT, DATE, TIMESTAMP -> {
                byte[] text = ValueText.of(from, value.value()).getBytes(StandardCharsets.UTF_8);
                row.writeBytes(text, 0, text.length);
            }
        }
        return true;
    }

    /** Without its schema block a value is what stands in the JSON: of decimals and times, one of several forms. */
    private static boolean untyped(RowReader value, ColumnType from, RowWriter row) {
        switch (from.kind()) {
            case TEXT -> row.writeBytes(value.bytes(), value.valueStart(), value.valueLength());
            case BOOLEAN, INT16, INT32, INT64 -> {
                byte[] text = value.value().toString().getBytes(StandardCharsets.UTF_8);
                row.writeBytes(text, 0, text.length);
            }
            case FLOAT32, FLOAT64, DECIMAL, JSON, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, ANY -> {
                return false;
            }
        }
        return true;
    }

    private static @Nullable BigDecimal number(RowReader value, ColumnType from) {
        return switch (from.kind()) {
            case INT16, INT32, INT64 -> BigDecimal.valueOf(((Number) value.value()).longValue());
            case DECIMAL -> value.decimalValue();
            case FLOAT64 -> {
                double number = value.doubleValue();
                yield Double.isFinite(number) ? new BigDecimal(Double.toString(number)) : null;
            }
            case TEXT, ANY -> {
                String text = value.textValue();
                yield text.matches("-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?") ? new BigDecimal(text) : null;
            }
            case BOOLEAN, FLOAT32, JSON, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> null;
        };
    }
}
