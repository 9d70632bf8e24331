package io.tributary.exact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tributary.change.ColumnType;
import io.tributary.change.ValueText;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Values as what they mean by their PostgreSQL type, comparable by {@code equals}: what PostgreSQL prints and what the changelog
 * emits are the same value if they are equal here. Numbers are compared as numbers, times as instants, JSON as JSON.
 */
final class PgValue {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    private static final Pattern TIME = Pattern.compile(
            "([+-]?\\d{1,7})-(\\d\\d)-(\\d\\d)"
                    + "(?:[ T](\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,9}))?)?)?\\s*(Z|[+-]\\d\\d(?::?\\d\\d)?(?::\\d\\d)?)?\\s*(BC)?");
    private static final Pattern CLOCK =
            Pattern.compile("(\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,9}))?)?\\s*(Z|[+-]\\d\\d(?::?\\d\\d)?)?");
    private static final Pattern ISO_INTERVAL = Pattern.compile(
            "P(?:(-?\\d+)Y)?(?:(-?\\d+)M)?(?:(-?\\d+)W)?(?:(-?\\d+)D)?(?:T(?:(-?\\d+)H)?(?:(-?\\d+)M)?(?:(-?\\d+(?:\\.\\d+)?)S)?)?");
    private static final Pattern UNIT = Pattern.compile("([+-]?\\d+) (year|mon|day)s?");
    private static final Pattern HOURS = Pattern.compile("([+-]?)(\\d+):(\\d\\d):(\\d\\d)(?:\\.(\\d+))?");
    private static final Pattern HSTORE =
            Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"=>(?:(NULL)|\"((?:[^\"\\\\]|\\\\.)*)\")");
    private static final long DAY_NANOS = 86_400_000_000_000L;

    /** What is no value of its type: equal to nothing that is one. */
    private record Bad(String text) {}

    /** Months, days and microseconds. */
    private record Interval(long months, long days, BigDecimal micros) {}

    private record JsonNull() {}

    private record Bytes(String hex) {}

    private record Clock(long nanos) {}

    private record Point(Object x, Object y) {}

    private PgValue() {}

    /** The value of what PostgreSQL printed. */
    static @Nullable Object printed(String pgType, @Nullable String text) {
        if (text == null) {
            return null;
        }
        return pgType.endsWith("[]") ? elements(element(pgType), printedArray(text)) : scalar(pgType, text);
    }

    /** The value of what the changelog emitted. */
    static @Nullable Object emitted(String pgType, ColumnType type, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (value instanceof byte[] bytes) {
            return pgType.equals("bytea") ? new Bytes(HexFormat.of().formatHex(bytes)) : new Bad("bytes");
        }
        String text = ValueText.of(type, value);
        if (pgType.startsWith("bit(")
                && type.kind() != ColumnType.Kind.BOOLEAN
                && text.length() > 1
                && text.charAt(0) > '1') {
            return new Bad(text);
        }
        if (!pgType.endsWith("[]")) {
            return scalar(pgType, text);
        }
        try {
            JsonNode array = JSON.readTree(text);
            return array.isArray() ? elements(element(pgType), list(array)) : new Bad(text);
        } catch (JsonProcessingException e) {
            return new Bad(text);
        }
    }

    // ---- arrays

    private static String element(String pgType) {
        return pgType.substring(0, pgType.length() - 2);
    }

    /** @param elements texts, nulls and lists of such */
    private static Object elements(String pgType, List<?> elements) {
        List<@Nullable Object> values = new ArrayList<>();
        for (Object element : elements) {
            values.add(
                    element instanceof List<?> inner
                            ? elements(pgType, inner)
                            : element == null ? null : scalar(pgType, (String) element));
        }
        return values;
    }

    private static List<@Nullable Object> list(JsonNode array) {
        List<@Nullable Object> list = new ArrayList<>();
        for (JsonNode element : array) {
            list.add(
                    element.isArray()
                            ? list(element)
                            : element.isNull() ? null : element.isTextual() ? element.textValue() : element.toString());
        }
        return list;
    }

    /** {@code {a,"b c",NULL,{d}}}. */
    private static List<@Nullable Object> printedArray(String text) {
        int[] at = {text.indexOf('{')};
        return printedArray(text, at);
    }

    private static List<@Nullable Object> printedArray(String text, int[] at) {
        List<@Nullable Object> list = new ArrayList<>();
        at[0]++;
        while (text.charAt(at[0]) != '}') {
            switch (text.charAt(at[0])) {
                case ',' -> at[0]++;
                case '{' -> list.add(printedArray(text, at));
                case '"' -> list.add(quoted(text, at));
                default -> {
                    int from = at[0];
                    while (",}".indexOf(text.charAt(at[0])) < 0) {
                        at[0]++;
                    }
                    String word = text.substring(from, at[0]);
                    list.add(word.equals("NULL") ? null : word);
                }
            }
        }
        at[0]++;
        return list;
    }

    private static String quoted(String text, int[] at) {
        StringBuilder out = new StringBuilder();
        at[0]++;
        while (text.charAt(at[0]) != '"') {
            if (text.charAt(at[0]) == '\\') {
                at[0]++;
            }
            out.append(text.charAt(at[0]++));
        }
        at[0]++;
        return out.toString();
    }

    // ---- single values

    private static Object scalar(String pgType, String text) {
        return switch (pgType.replaceAll("\\(.*?\\)", "").replaceAll(" +", " ").strip()) {
            case "boolean" ->
                switch (text) {
                    case "t", "true" -> true;
                    case "f", "false" -> false;
                    default -> new Bad(text);
                };
            case "smallint", "integer", "bigint", "oid", "numeric" -> number(text);
            case "money" -> number(text.replaceAll("[$,]", ""));
            case "real" -> floating(text, true);
            case "double precision" -> floating(text, false);
            case "date", "timestamp without time zone" -> time(text, false);
            case "timestamp with time zone" -> time(text, true);
            case "time without time zone" -> clock(text, false);
            case "time with time zone" -> clock(text, true);
            case "bytea" -> bytes(text);
            case "json", "jsonb" -> json(text);
            case "hstore" -> hstore(text);
            case "interval" -> interval(text);
            case "point" -> point(text);
            case "box" -> numbers(text); // the connector writes 3.0 where PostgreSQL writes 3
            case "bit" -> text.equals("true") ? "1" : text.equals("false") ? "0" : text;
            default -> text;
        };
    }

    private static Object number(String text) {
        Object special = special(text);
        if (special != null) {
            return special;
        }
        try {
            BigDecimal value = new BigDecimal(text.strip());
            return value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
        } catch (NumberFormatException e) {
            return new Bad(text);
        }
    }

    private static @Nullable Object special(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "nan" -> Double.NaN;
            case "infinity", "positive_infinity" -> Double.POSITIVE_INFINITY;
            case "-infinity", "negative_infinity" -> Double.NEGATIVE_INFINITY;
            default -> null;
        };
    }

    private static Object floating(String text, boolean single) {
        Object special = special(text);
        if (special != null) {
            return special;
        }
        try {
            return single ? (Object) Float.valueOf(text) : (Object) Double.valueOf(text);
        } catch (NumberFormatException e) {
            return new Bad(text);
        }
    }

    /** An instant; what is before year 1 or after 9999 as well. */
    private static Object time(String text, boolean zoned) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.equals("infinity") || lower.equals("-infinity")) {
            return lower;
        }
        Matcher m = TIME.matcher(text.strip());
        if (!m.matches()) {
            return new Bad(text);
        }
        int year = Integer.parseInt(m.group(1));
        LocalDateTime time = LocalDate.of(
                        m.group(9) == null ? year : 1 - year,
                        Integer.parseInt(m.group(2)),
                        Integer.parseInt(m.group(3)))
                .atStartOfDay()
                .plusNanos(nanos(m, 4));
        return zoned && m.group(8) != null ? time.minusSeconds(offset(m.group(8))) : time;
    }

    private static long nanos(Matcher m, int from) {
        long seconds = 0;
        for (int group = from; group < from + 3; group++) {
            seconds = seconds * 60 + (m.group(group) == null ? 0 : Integer.parseInt(m.group(group)));
        }
        String fraction = m.group(from + 3);
        return seconds * 1_000_000_000L
                + (fraction == null ? 0 : Long.parseLong((fraction + "00000000").substring(0, 9)));
    }

    private static long offset(String zone) {
        return ZoneOffset.of(zone).getTotalSeconds();
    }

    private static Object clock(String text, boolean zoned) {
        Matcher m = CLOCK.matcher(text);
        if (!m.matches()) {
            return new Bad(text);
        }
        long nanos = nanos(m, 1);
        String zone = m.group(5);
        return new Clock(
                !zoned ? nanos : Math.floorMod(nanos - (zone == null ? 0 : offset(zone)) * 1_000_000_000L, DAY_NANOS));
    }

    private static Object bytes(String text) {
        try {
            return text.startsWith("\\x")
                    ? new Bytes(text.substring(2))
                    : new Bytes(HexFormat.of().formatHex(Base64.getDecoder().decode(text)));
        } catch (IllegalArgumentException e) {
            return new Bytes(HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private static Object json(String text) {
        try {
            return exact(JSON.readTree(text));
        } catch (JsonProcessingException e) {
            return new Bad(text);
        }
    }

    /** Members in any order, numbers to the last zero. */
    private static Object exact(JsonNode node) {
        if (node.isObject()) {
            Map<String, Object> members = new TreeMap<>();
            node.properties().forEach(e -> members.put(e.getKey(), exact(e.getValue())));
            return members;
        }
        if (node.isArray()) {
            List<Object> items = new ArrayList<>();
            node.forEach(item -> items.add(exact(item)));
            return items;
        }
        return node.isNumber()
                ? node.decimalValue()
                : node.isNull() ? new JsonNull() : node.isBoolean() ? node.booleanValue() : node.textValue();
    }

    private static Object hstore(String text) {
        Map<String, @Nullable String> map = new TreeMap<>();
        if (text.startsWith("{")) {
            try {
                JSON.readTree(text)
                        .properties()
                        .forEach(e -> map.put(e.getKey(), e.getValue().textValue()));
                return map;
            } catch (JsonProcessingException e) {
                return new Bad(text);
            }
        }
        Matcher m = HSTORE.matcher(text);
        while (m.find()) {
            map.put(unescaped(m.group(1)), m.group(2) != null ? null : unescaped(m.group(3)));
        }
        return map;
    }

    private static String unescaped(String text) {
        return text.replaceAll("\\\\(.)", "$1");
    }

    private static Object interval(String text) {
        Matcher iso = ISO_INTERVAL.matcher(text);
        if (iso.matches()) {
            BigDecimal seconds = part(iso, 5)
                    .multiply(BigDecimal.valueOf(3600))
                    .add(part(iso, 6).multiply(BigDecimal.valueOf(60)))
                    .add(part(iso, 7));
            return new Interval(
                    part(iso, 1).longValueExact() * 12 + part(iso, 2).longValueExact(),
                    part(iso, 3).longValueExact() * 7 + part(iso, 4).longValueExact(),
                    seconds.movePointRight(6).stripTrailingZeros());
        }
        long months = 0;
        long days = 0;
        Matcher units = UNIT.matcher(text);
        boolean found = false;
        while (units.find()) {
            found = true;
            long n = Long.parseLong(units.group(1));
            months += units.group(2).equals("year") ? n * 12 : units.group(2).equals("mon") ? n : 0;
            days += units.group(2).equals("day") ? n : 0;
        }
        Matcher hours = HOURS.matcher(text);
        BigDecimal micros = BigDecimal.ZERO;
        if (hours.find()) {
            found = true;
            long seconds = (Long.parseLong(hours.group(2)) * 60 + Long.parseLong(hours.group(3))) * 60
                    + Long.parseLong(hours.group(4));
            String fraction = hours.group(5) == null ? "0" : hours.group(5);
            micros = new BigDecimal(seconds + "." + fraction).movePointRight(6);
            micros = hours.group(1).equals("-") ? micros.negate() : micros;
        }
        return found ? new Interval(months, days, micros.stripTrailingZeros()) : new Bad(text);
    }

    private static BigDecimal part(Matcher iso, int group) {
        return iso.group(group) == null ? BigDecimal.ZERO : new BigDecimal(iso.group(group));
    }

    /** The text with its numbers as such. */
    private static Object numbers(String text) {
        List<Object> parts = new ArrayList<>();
        for (String part : text.split("(?<=[(),\\[\\]{}<>])|(?=[(),\\[\\]{}<>])", -1)) {
            parts.add(part.matches("[-+0-9.eE]+") ? floating(part, false) : part);
        }
        return parts;
    }

    private static Object point(String text) {
        if (text.startsWith("(")) {
            List<String> parts =
                    Arrays.asList(text.substring(1, text.length() - 1).split(",", 2));
            return new Point(floating(parts.get(0), false), floating(parts.get(1), false));
        }
        try {
            JsonNode point = JSON.readTree(text);
            return new Point(
                    floating(point.path("x").asText(), false),
                    floating(point.path("y").asText(), false));
        } catch (JsonProcessingException e) {
            return new Bad(text);
        }
    }
}
