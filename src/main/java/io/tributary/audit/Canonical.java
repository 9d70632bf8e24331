package io.tributary.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One text for equal values of a type, however a side spells them.
 *
 * @see <a href="https://debezium.io/documentation/reference/stable/connectors/postgresql.html#postgresql-data-types">how Debezium spells
 *     them</a>
 */
enum Canonical {
    NUMERIC,
    FLOAT32,
    FLOAT64,
    MONEY,
    BOOLEAN,
    /** One bit is a boolean to Debezium. */
    BIT,
    /** Blanks at the end do not count. */
    CHAR,
    /** Microseconds since 1970. */
    TIMESTAMP,
    /** Days since 1970. */
    DATE,
    /** Microseconds of a day in UTC. */
    TIMETZ,
    /** Months, days and microseconds. */
    INTERVAL,
    BYTES,
    INET,
    POINT,
    /** Text with numbers in it. */
    SHAPE,
    HSTORE,
    JSON,
    TEXT;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS) // else what follows would count for nothing
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final Pattern PAIR = Pattern.compile(
            "\\G\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"=>(?:NULL|\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\")(?:, )?",
            Pattern.DOTALL);
    private static final Pattern NUMBER =
            Pattern.compile("NaN|-?Infinity|-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?", Pattern.CASE_INSENSITIVE);

    /** @param type as PostgreSQL's {@code format_type} spells it; of an array that of its elements */
    static Canonical of(String type) {
        String base = type.replaceAll("\\(.*?\\)", "").replace("[]", "").replaceFirst("^.*\\.", "");
        if (base.startsWith("interval ")) {
            return INTERVAL;
        }
        return switch (base) {
            case "numeric" -> NUMERIC;
            case "real" -> FLOAT32;
            case "double precision" -> FLOAT64;
            case "money" -> MONEY;
            case "boolean" -> BOOLEAN;
            case "bit" -> BIT;
            case "character", "bpchar" -> CHAR;
            case "timestamp with time zone", "timestamp without time zone" -> TIMESTAMP;
            case "date" -> DATE;
            case "time with time zone" -> TIMETZ;
            case "interval" -> INTERVAL;
            case "bytea" -> BYTES;
            case "inet" -> INET;
            case "point" -> POINT;
            case "box", "circle", "line", "lseg", "path", "polygon" -> SHAPE;
            case "hstore" -> HSTORE;
            case "json", "jsonb" -> JSON;
            default -> TEXT;
        };
    }

    /** The expression that has PostgreSQL give the canonical text, or nearly so. */
    String expression(String column) {
        return switch (this) {
            case TIMESTAMP -> finite(column, "(extract(epoch from " + column + ") * 1000000)::bigint::text");
            case DATE -> finite(column, "(" + column + " - date '1970-01-01')::text");
            case BYTES -> "encode(" + column + ", 'hex')";
            case MONEY -> column + "::numeric::text";
            // as its output has it, with its blanks: a cast has none
            case CHAR -> "case when " + column + " is not null then format('%s', " + column + ") end";
            case NUMERIC, FLOAT32, FLOAT64, BOOLEAN, BIT, TIMETZ, INTERVAL, INET, POINT, SHAPE, HSTORE, JSON, TEXT ->
                column + "::text";
        };
    }

    /** An infinite one is as PostgreSQL writes it: it has no number. */
    private static String finite(String column, String number) {
        return "case when isfinite(" + column + ") then " + number + " else " + column + "::text end";
    }

    /** @param value of either side: text, or what a sink's reader gives */
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
            case MONEY -> number(text.replaceAll("[^-0-9.eE]", ""));
            case FLOAT32 -> floating(text, false);
            case FLOAT64 -> floating(text, true);
            case BOOLEAN -> text.equals("t") ? "true" : text.equals("f") ? "false" : text;
            case BIT -> text.equals("true") || text.equals("t") ? "1" : text.matches("false|f") ? "0" : text;
            case CHAR -> text.replaceAll(" +$", "");
            case TIMESTAMP -> Times.timestamp(text);
            case TIMETZ -> Times.timeOfDay(text);
            case INTERVAL -> Times.interval(text);
            case INET -> text.contains(":") ? text.replaceFirst("/128$", "") : text.replaceFirst("/32$", "");
            case POINT -> point(text);
            case SHAPE -> NUMBER.matcher(text).replaceAll(number -> floating(number.group(), true));
            case HSTORE -> hstore(text);
            case JSON -> json(text);
            case DATE, BYTES, TEXT -> text;
        };
    }

    /** An array, of which a side gives JSON: numbers and booleans as they are or as texts, all else as texts. */
    @Nullable
    String array(@Nullable Object value) {
        if (value == null) {
            return null;
        }
        try {
            return elements(MAPPER.readTree(value.toString())).toString();
        } catch (JsonProcessingException e) {
            return value.toString();
        }
    }

    private JsonNode elements(JsonNode node) {
        if (node.isNull()) {
            return node;
        }
        if (!node.isArray()) {
            return JsonNodeFactory.instance.textNode(text(node.isTextual() ? node.textValue() : node.toString()));
        }
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        node.forEach(element -> all.add(elements(element)));
        return all;
    }

    private static String number(String text) {
        try {
            BigDecimal number = new BigDecimal(text);
            return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
        } catch (NumberFormatException e) {
            return text.toLowerCase(Locale.ROOT); // NaN and the infinities
        }
    }

    /** The same bits have several texts. */
    private static String floating(String text, boolean isDouble) {
        try {
            return isDouble
                    ? String.valueOf(Double.parseDouble(text) + 0.0)
                    : String.valueOf(Float.parseFloat(text) + 0f);
        } catch (NumberFormatException e) {
            return text.toLowerCase(Locale.ROOT);
        }
    }

    private static String point(String text) {
        String pair = text;
        if (text.startsWith("{")) {
            try {
                JsonNode node = MAPPER.readTree(text);
                pair = "(" + node.path("x").asText() + "," + node.path("y").asText() + ")";
            } catch (JsonProcessingException e) {
                return text;
            }
        }
        return NUMBER.matcher(pair).replaceAll(number -> floating(number.group(), true));
    }

    private static String hstore(String text) {
        if (text.startsWith("{")) {
            return sorted(text);
        }
        TreeMap<String, @Nullable String> pairs = new TreeMap<>();
        Matcher pair = PAIR.matcher(text);
        int end = 0;
        while (pair.find()) {
            end = pair.end();
            String value = pair.group(2);
            pairs.put(unescaped(pair.group(1)), value == null ? null : unescaped(value));
        }
        return end < text.length() ? text : MAPPER.valueToTree(pairs).toString();
    }

    private static String unescaped(String text) {
        return text.replaceAll("(?s)\\\\(.)", "$1");
    }

    private static String sorted(String text) {
        try {
            TreeMap<String, JsonNode> members = new TreeMap<>();
            MAPPER.readTree(text).properties().forEach(member -> members.put(member.getKey(), member.getValue()));
            return MAPPER.valueToTree(members).toString();
        } catch (JsonProcessingException e) {
            return text;
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
