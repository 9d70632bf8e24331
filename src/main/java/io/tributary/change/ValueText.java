package io.tributary.change;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Values as people read them; PostgreSQL's output form where there is one. */
public final class ValueText {
    private static final long MICROS = 1_000_000;

    private ValueText() {}

    /** @param value as {@link RowReader#value()} gives it */
    public static String of(ColumnType type, @Nullable Object value) {
        if (value == null) {
            return "null";
        }
        return switch (type.kind()) {
            case DATE -> LocalDate.ofEpochDay((Integer) value).toString();
            case TIME -> time((Long) value);
            case TIMESTAMP -> dateTime((Long) value);
            case TIMESTAMPTZ -> dateTime((Long) value) + "Z";
            case BYTES -> "\\x" + HexFormat.of().formatHex((byte[]) value);
            case DECIMAL -> ((BigDecimal) value).toPlainString();
            default -> String.valueOf(value);
        };
    }

    private static String time(long micros) {
        long seconds = micros / MICROS;
        String text = "%02d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
        return micros % MICROS == 0 ? text : text + ".%06d".formatted(micros % MICROS);
    }

    private static String dateTime(long micros) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(
                Math.floorDiv(micros, MICROS), (int) Math.floorMod(micros, MICROS) * 1000, ZoneOffset.UTC);
        return time.toString();
    }
}
