package io.tributary.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** One text for equal values, however a side spells them. */
enum Canonical {
    NUMERIC,
    /** Microseconds since 1970. */
    TIMESTAMP,
    /** Days since 1970. */
    DATE,
    BYTES,
    JSON,
    TEXT;

    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    /** @param type as PostgreSQL's {@code format_type} spells it */
    static Canonical of(String type) {
        String base = type.replaceAll("\\(.*?\\)", "");
        if (type.endsWith("[]")) {
            return JSON;
        }
        return switch (base) {
            case "numeric", "real", "double precision", "money" -> NUMERIC;
            case "timestamp with time zone", "timestamp without time zone" -> TIMESTAMP;
            case "date" -> DATE;
            case "bytea" -> BYTES;
            case "json", "jsonb" -> JSON;
            default -> TEXT;
        };
    }

    /** The expression that has PostgreSQL give the canonical text, or nearly so. */
    String expression(String column, boolean array) {
        return switch (this) {
            case NUMERIC, TEXT -> column + "::text";
            case TIMESTAMP -> finite(column, "(extract(epoch from " + column + ") * 1000000)::bigint::text");
            case DATE -> finite(column, "(" + column + " - date '1970-01-01')::text");
            case BYTES -> "encode(" + column + ", 'hex')";
            case JSON -> array ? "to_json(" + column + ")::text" : column + "::text";
        };
    }

    /** An infinite one is as PostgreSQL writes it: it has no number. */
    private static String finite(String column, String number) {
        return "case when isfinite(" + column + ") then " + number + " else " + column + "::text end";
    }

    /** @param value of either side: text, or what the lake's reader gives */
    @Nullable
    String text(@Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (value instanceof byte[] bytes) {
            return HexFormat.of().formatHex(bytes);
        }
        String text = value instanceof BigDecimal decimal ? decimal.toPlainString() : value.toString();
        return switch (this) {
            case NUMERIC -> number(text);
            case JSON -> json(text);
            default -> text;
        };
    }

    private static String number(String text) {
        try {
            BigDecimal number = new BigDecimal(text);
            return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
        } catch (NumberFormatException e) {
            return text.toLowerCase(java.util.Locale.ROOT); // NaN and the infinities
        }
    }

    private static String json(String text) {
        try {
            return MAPPER.readTree(text).toString();
        } catch (JsonProcessingException e) {
            return text;
        }
    }
}
