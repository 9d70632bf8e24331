package io.tributary.decode;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.ValueText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Reads one JSON value in the form and type of its column and appends it to a row: exactly, or not at all. */
final class ValueReader {
    /** A numeric of PostgreSQL has at most 131,072 digits before the point and 16,383 after it. */
    private static final int MAX_DIGITS = 150_000;
    /** Digits after the point of a numeric that is declared; Debezium has a negative scale for one of up to 2,047. */
    private static final int MAX_SCALE = 1000;
    /** Characters of a number that is computed with: no column that is declared has nearly as many. */
    private static final int MAX_COMPUTED = 1000;

    /** bit(n) ends here; Debezium gives a larger number where the length varies. */
    private static final int MAX_BITS = 83_886_080;

    private static final long DAY_MICROS = 86_400_000_000L;
    /** Year 1 to year 9999: what lakes, warehouses and languages agree on. */
    private static final int MIN_DAYS = -719_162;

    private static final int MAX_DAYS = 2_932_896;
    private static final long MIN_MICROS = MIN_DAYS * DAY_MICROS;
    private static final long MAX_MICROS = (MAX_DAYS + 1L) * DAY_MICROS - 1;
    /** 4714 BC, where PostgreSQL's times begin: what is before has wrapped around, from year 294247 on. */
    private static final long FIRST_MICROS = -2_440_588 * DAY_MICROS;

    private static final String INFINITY = "infinity";
    private static final String MINUS_INFINITY = "-infinity";

    /** What one text's worth of a garbled array looks like: Java's name of an array in place of its elements. */
    private static final byte[] GARBLED = "\"[Ljava.lang.String;@".getBytes(StandardCharsets.US_ASCII);

    private final Hidden hidden;
    private Topic topic = new Topic("");

    ValueReader() {
        this(new Hidden(""));
    }

    ValueReader(Hidden hidden) {
        this.hidden = hidden;
    }

    /** @param read from here on */
    void topic(Topic read) {
        topic = read;
    }

    /**
     * Reads the value at the scanner's place.
     *
     * @param unsent what stands for an unchanged value; null where none can
     * @throws OutOfRangeException if the column's type cannot hold the value
     */
    void read(JsonScanner json, LayoutColumn column, int index, @Nullable Placeholders unsent, RowWriter row) {
        if (json.tryNull()) {
            row.writeNull(index);
            return;
        }
        ColumnType type = column.type();
        switch (column.form()) {
            case TEXT -> text(json, index, unsent, row);
            case ANY -> any(json, index, unsent, row);
            case INTEGER -> integer(integerToken(json, column.bounds()), column, row);
            case BOOLEAN -> row.writeByte(booleanToken(json) ? 1 : 0);
            case FLOAT -> floating(json, type, row);
            case DECIMAL_TEXT, DECIMAL_BASE64, DECIMAL_STRUCT, DECIMAL_EITHER -> decimal(json, column, row);
            case BASE64, HEX -> bytes(json, column.form(), index, unsent, row);
            case BASE64_TEXT -> base64Text(json, index, unsent, row);
            case BITS -> writeText(bits(base64(json), column.size()), row);
            case DAYS -> row.writeInt(days(json, type));
            case MILLIS -> row.writeLong(micros(fromMillis(integerToken(json, type), type), type));
            case MICROS ->
                row.writeLong(json.peek() == '"' ? isoText(json, type) : micros(integerToken(json, type), type));
            case NANOS -> row.writeLong(nanos(integerToken(json, type), type));
            case TIME_TEXT -> row.writeLong(isoText(json, type));
            case CLOCK_TEXT -> row.writeLong(clock(json, type));
            case ARRAY -> array(json, column, index, unsent, row);
            case AS_TEXT, HASHED, MASKED -> asText(json, column, index, unsent, row);
        }
    }

    // ---- text and JSON

    private static void text(JsonScanner json, int index, @Nullable Placeholders unsent, RowWriter row) {
        stringToken(json, ColumnType.TEXT);
        if (unsent != null && unsent.isText(json.text(), json.textStart(), json.textLength())) {
            row.writeUnsent(index);
        } else {
            row.writeBytes(json.text(), json.textStart(), json.textLength());
        }
    }

    private static void any(JsonScanner json, int index, @Nullable Placeholders unsent, RowWriter row) {
        if (json.peek() == '"') {
            text(json, index, unsent, row);
            return;
        }
        int start = nested(json);
        int length = json.position() - start;
        if (unsent != null && unsent.isNested(json.bytes(), start, length)) {
            row.writeUnsent(index);
        } else {
            row.writeBytes(json.bytes(), start, length);
        }
    }

    /** Passes over a value and returns where it starts; its text is checked. */
    private static int nested(JsonScanner json) {
        json.peek();
        int start = json.position();
        json.skip();
        if (!Utf8.isValid(json.bytes(), start, json.position())) {
            throw new DecodeException(Reason.NOT_JSON, "the value at byte " + start + " is not UTF-8");
        }
        return start;
    }

    private static void writeText(String text, RowWriter row) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        row.writeBytes(utf8, 0, utf8.length);
    }

    private static void stringToken(JsonScanner json, ColumnType type) {
        if (json.peek() != '"') {
            throw notA(type, skipped(json));
        }
        json.string();
        json.unescape();
    }

    private static String content(JsonScanner json) {
        return new String(json.text(), json.textStart(), json.textLength(), StandardCharsets.UTF_8);
    }

    /** The same value as text: what its own type holds in PostgreSQL's form, and what it does not hold as well. */
    private void asText(
            JsonScanner json, LayoutColumn column, int index, @Nullable Placeholders unsent, RowWriter row) {
        LayoutColumn own = column.element();
        int at = json.position();
        String text;
        try {
            RowReader value = one(json, own, unsent);
            if (!value.next()) {
                row.writeUnsent(index);
                return;
            }
            text = ValueText.of(own.type(), value.value());
        } catch (OutOfRangeException e) {
            text = e.text();
            json.position(at);
            json.skip();
        }
        writeText(
                switch (column.form()) {
                    case HASHED -> hidden.hash(text);
                    case MASKED -> Hidden.mask(text);
                    default -> text;
                },
                row);
    }

    // ---- arrays

    private void array(JsonScanner json, LayoutColumn column, int index, @Nullable Placeholders unsent, RowWriter row) {
        if (json.peek() == '"') {
            text(json, index, unsent, row); // a JSON array as text
            return;
        }
        int start = nested(json);
        int end = json.position();
        if (json.bytes()[start] != '[') {
            throw notA(ColumnType.JSON, skippedText(json, start, end));
        }
        if (unsent != null && unsent.isNested(json.bytes(), start, end - start)) {
            row.writeUnsent(index);
            return;
        }
        LayoutColumn element = column.element();
        switch (element.form()) {
            case TEXT, ANY, BOOLEAN, FLOAT, INTEGER -> {
                if (contains(json.bytes(), start, end, GARBLED)) {
                    throw new OutOfRangeException(
                            "Debezium garbled the array, got " + DecodeException.shown(skippedText(json, start, end)),
                            skippedText(json, start, end));
                }
                row.writeBytes(json.bytes(), start, end - start);
            }
            default -> {
                StringBuilder out = new StringBuilder();
                json.position(start);
                elements(json, element, out);
                writeText(out.toString(), row);
            }
        }
    }

    private void elements(JsonScanner json, LayoutColumn element, StringBuilder out) {
        json.expect('[');
        out.append('[');
        boolean first = true;
        while (json.nextElement(first)) {
            out.append(first ? "" : ",");
            first = false;
            if (json.tryNull()) {
                out.append("null");
            } else if (element.form() == Form.ARRAY && json.peek() == '[') {
                elements(json, element.element(), out);
            } else if (json.peek() == '[') {
                out.append(skipped(json)); // PostgreSQL's arrays have any number of dimensions
            } else {
                element(json, element, out);
            }
        }
        out.append(']');
    }

    private void element(JsonScanner json, LayoutColumn element, StringBuilder out) {
        int at = json.position();
        String text;
        try {
            RowReader value = one(json, element, null);
            value.next();
            switch (element.type().kind()) {
                case BOOLEAN, INT16, INT32, INT64 -> {
                    out.append(value.value());
                    return;
                }
                default -> text = ValueText.of(element.type(), value.value());
            }
        } catch (OutOfRangeException e) {
            text = e.text();
            json.position(at);
            json.skip();
        }
        out.append('"')
                .append(JsonStringEncoder.getInstance().quoteAsString(text))
                .append('"');
    }

    /** The value as a row of its own. */
    private RowReader one(JsonScanner json, LayoutColumn column, @Nullable Placeholders unsent) {
        RowWriter row = new RowWriter();
        row.begin(1);
        read(json, column, 0, unsent, row);
        row.end();
        RowReader reader = new RowReader();
        reader.open(new ColumnType[] {column.type()}, row.buffer(), row.start());
        return reader;
    }

    private static boolean contains(byte[] bytes, int from, int to, byte[] wanted) {
        for (int i = from; i + wanted.length <= to; i++) {
            if (bytes[i] == wanted[0] && Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return true;
            }
        }
        return false;
    }

    // ---- bytes and bits

    private static void bytes(JsonScanner json, Form form, int index, @Nullable Placeholders unsent, RowWriter row) {
        byte[] value = form == Form.HEX ? hex(json) : base64(json);
        if (unsent != null && unsent.isBytes(value)) {
            row.writeUnsent(index);
        } else {
            row.writeBytes(value, 0, value.length);
        }
    }

    private static void base64Text(JsonScanner json, int index, @Nullable Placeholders unsent, RowWriter row) {
        stringToken(json, ColumnType.TEXT);
        if (unsent != null && unsent.isText(json.text(), json.textStart(), json.textLength())) {
            row.writeUnsent(index);
            return;
        }
        byte[] text = Arrays.copyOfRange(json.text(), json.textStart(), json.textStart() + json.textLength());
        try {
            byte[] value = Base64.getDecoder().decode(text);
            if (isPrintable(value)) {
                row.writeBytes(value, 0, value.length);
                return;
            }
        } catch (IllegalArgumentException e) {
            // the connector wrote the text as it is
        }
        row.writeBytes(text, 0, text.length);
    }

    private static boolean isPrintable(byte[] value) {
        for (byte b : value) {
            if (b >= 0 && b < ' ') {
                return false;
            }
        }
        return Utf8.isValid(value, 0, value.length);
    }

    private static byte[] base64(JsonScanner json) {
        stringToken(json, ColumnType.BYTES);
        int from = json.textStart();
        int to = from + json.textLength();
        byte[] text = Arrays.copyOfRange(json.text(), from, to);
        boolean url = false;
        for (byte b : text) {
            url |= b == '-' || b == '_';
        }
        try {
            return (url ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text);
        } catch (IllegalArgumentException e) {
            throw notA(ColumnType.BYTES, new String(text, StandardCharsets.UTF_8));
        }
    }

    private static byte[] hex(JsonScanner json) {
        stringToken(json, ColumnType.BYTES);
        String text = content(json);
        try {
            return HexFormat.of().parseHex(text.startsWith("\\x") ? text.substring(2) : text);
        } catch (IllegalArgumentException e) {
            throw notA(ColumnType.BYTES, text);
        }
    }

    /** Bits as PostgreSQL writes them, the highest first. Where the length varies, leading zeros are lost at the source. */
    private static String bits(byte[] littleEndian, int length) {
        int count = length;
        if (length < 1 || length > MAX_BITS) {
            BigInteger value = BigInteger.ZERO;
            for (int i = littleEndian.length - 1; i >= 0; i--) {
                if (littleEndian[i] != 0) {
                    value = BigInteger.valueOf(littleEndian[i] & 0xff);
                    count = i * 8 + value.bitLength();
                    break;
                }
            }
            count = value.signum() == 0 ? 0 : count;
        }
        byte[] text = new byte[count];
        for (int i = 0; i < count; i++) {
            int bit = count - 1 - i;
            boolean set = bit >> 3 < littleEndian.length && (littleEndian[bit >> 3] >> (bit & 7) & 1) != 0;
            text[i] = (byte) (set ? '1' : '0');
        }
        return new String(text, StandardCharsets.US_ASCII);
    }

    // ---- numbers

    private static long integerToken(JsonScanner json, ColumnType type) {
        int next = json.peek();
        if (next == '"' || next == '{' || next == '[') {
            throw notA(type, skipped(json));
        }
        json.scalar();
        if (!json.tokenIsLong()) {
            throw notA(type, json.tokenText());
        }
        return json.tokenLong();
    }

    private static void integer(long token, LayoutColumn column, RowWriter row) {
        ColumnType bounds = column.bounds();
        long value =
                switch (bounds.kind()) {
                    case INT16 -> inRange(token, Short.MIN_VALUE, Short.MAX_VALUE, bounds);
                    case INT32 -> inRange(token, Integer.MIN_VALUE, Integer.MAX_VALUE, bounds);
                    case INT64 -> token;
                    default -> throw new IllegalStateException("no integer form for " + bounds);
                };
        row.writeNumber(value, column.type());
    }

    private static long inRange(long value, long min, long max, ColumnType type) {
        if (value < min || value > max) {
            throw notA(type, Long.toString(value));
        }
        return value;
    }

    private static boolean booleanToken(JsonScanner json) {
        if (json.peek() == 't' || json.peek() == 'f') {
            json.scalar();
            String token = json.tokenText();
            if (token.equals("true") || token.equals("false")) {
                return token.equals("true");
            }
            throw notA(ColumnType.BOOLEAN, token);
        }
        throw notA(ColumnType.BOOLEAN, skipped(json));
    }

    private static void floating(JsonScanner json, ColumnType type, RowWriter row) {
        String token = numberToken(json, type);
        boolean isDouble = type.kind() == ColumnType.Kind.FLOAT64;
        String special = special(token);
        double value = special.isEmpty() ? finite(token, isDouble, type) : Double.parseDouble(special);
        if (isDouble) {
            row.writeLong(Double.doubleToLongBits(value));
        } else {
            row.writeInt(Float.floatToIntBits((float) value));
        }
    }

    private static double finite(String token, boolean isDouble, ColumnType type) {
        try {
            // a float from its text: through a double it would be rounded twice
            double value = isDouble ? Double.parseDouble(token) : Float.parseFloat(token);
            if (Double.isFinite(value) && isNumber(token)) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw notA(type, token);
        }
        throw notA(type, token);
    }

    /** Java reads 1f, 0x1p3 and blanks around as numbers too. */
    private static boolean isNumber(String token) {
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            if ((c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E') {
                return false;
            }
        }
        return true;
    }

    private static String numberToken(JsonScanner json, ColumnType type) {
        if (json.peek() == '"') {
            stringToken(json, type);
            return content(json);
        }
        if (json.peek() == '{' || json.peek() == '[') {
            throw notA(type, skipped(json));
        }
        json.scalar();
        return json.tokenText();
    }

    /** NaN and the infinities in every spelling that connectors have; empty for all else. */
    private static String special(String token) {
        return switch (token) {
            case "NaN", "NAN" -> "NaN";
            case "Infinity", "POSITIVE_INFINITY", "+Infinity" -> "Infinity";
            case "-Infinity", "NEGATIVE_INFINITY" -> "-Infinity";
            default -> "";
        };
    }

    // ---- decimals

    private void decimal(JsonScanner json, LayoutColumn column, RowWriter row) {
        ColumnType type = column.type();
        if (column.form() == Form.DECIMAL_TEXT && type.fitsLong() && plainDecimal(json, type, row)) {
            return;
        }
        boolean digits = type.kind() != ColumnType.Kind.DECIMAL;
        int scale = digits ? column.size() : type.scale();
        BigDecimal value;
        if (column.form() == Form.DECIMAL_BASE64) {
            value = unscaled(base64(json), scale, type, json);
        } else if (json.peek() == '{') {
            value = struct(json, type);
        } else {
            boolean quoted = json.peek() == '"';
            String token = numberToken(json, type);
            String special = special(token);
            if (!special.isEmpty()) {
                if (!digits) {
                    throw outOfRange(type, special);
                }
                writeText(special, row);
                return;
            }
            if (digits && isPlain(token)) {
                writeText(withoutFarZeros(token), row);
                return;
            }
            value = column.form() == Form.DECIMAL_EITHER && quoted && isBase64(token)
                    ? unscaled(Base64.getDecoder().decode(token), scale, type, json)
                    : number(token, type);
        }
        if (digits) {
            writeText(plain(value), row);
        } else {
            decimal(value, type, row);
        }
    }

    /** A decimal as it nearly always stands there, without computing with it; false, and nothing is consumed, if it is otherwise. */
    private static boolean plainDecimal(JsonScanner json, ColumnType type, RowWriter row) {
        int at = json.position();
        if (json.peek() == '"') {
            json.string();
        } else {
            json.position(at);
            return false;
        }
        byte[] bytes = json.bytes();
        int from = json.tokenStart();
        int end = from + json.tokenLength();
        boolean negative = from < end && bytes[from] == '-';
        int first = negative ? from + 1 : from;
        int point = json.digits(first);
        boolean hasPoint = point < end && bytes[point] == '.';
        int last = hasPoint ? json.digits(point + 1) : point;
        int scale = hasPoint ? last - point - 1 : 0;
        if (last != end
                || point == first
                || hasPoint && scale == 0
                || scale > type.scale()
                || point - first > type.precision() - type.scale()) {
            json.position(at);
            return false;
        }
        long unscaled = 0;
        for (int p = first; p < end; p++) {
            unscaled = p == point ? unscaled : unscaled * 10 + bytes[p] - '0';
        }
        for (int i = scale; i < type.scale(); i++) {
            unscaled *= 10;
        }
        row.writeLong(negative ? -unscaled : unscaled);
        return true;
    }

    /** numeric(5,-2) arrives with 2,046 zeros after the point. */
    private static String withoutFarZeros(String plain) {
        int point = plain.indexOf('.');
        if (point < 0 || plain.length() - point <= MAX_SCALE) {
            return plain;
        }
        int end = plain.length();
        while (plain.charAt(end - 1) == '0') {
            end--;
        }
        return plain.substring(0, end - 1 == point ? point : end);
    }

    /** Whether a text is base64 where the column's type does not say: all of a topic's decimals arrive in one way. */
    private boolean isBase64(String token) {
        boolean base64 = isUnscaled(token);
        if (!isPlain(token)) {
            return base64 && !topic.decimals.areDigits(Decimals.Token.BASE64);
        }
        if (!base64) {
            topic.decimals.areDigits(Decimals.Token.DIGITS); // whatever the others are, this is a number
            return false;
        }
        return !topic.decimals.areDigits(Decimals.Token.EITHER);
    }

    private static BigDecimal number(String token, ColumnType type) {
        try {
            if (token.length() <= MAX_COMPUTED && isNumber(token)) {
                return bounded(new BigDecimal(token), type);
            }
        } catch (NumberFormatException e) {
            throw notA(type, token);
        }
        throw notA(type, token);
    }

    /** Whether a text is nothing but digits, with a sign and a point at most: then it is what it says, however long. */
    private static boolean isPlain(String token) {
        int from = token.startsWith("-") ? 1 : 0;
        int points = 0;
        for (int i = from; i < token.length(); i++) {
            char c = token.charAt(i);
            points += c == '.' ? 1 : 0;
            if (c != '.' && (c < '0' || c > '9')) {
                return false;
            }
        }
        return token.length() <= MAX_DIGITS
                && points <= 1
                && from < token.length()
                && token.charAt(from) != '.'
                && !token.endsWith(".");
    }

    /** 1E+999999999 is short as text: its digits are not. */
    private static BigDecimal bounded(BigDecimal value, ColumnType type) {
        if ((long) value.precision() + Math.abs((long) value.scale()) > MAX_DIGITS) {
            throw notA(type, value.toString());
        }
        return value;
    }

    /** Whether a text is the base64 of a number in as few bytes as it needs. */
    private static boolean isUnscaled(String token) {
        if (token.isEmpty() || token.length() % 4 != 0) {
            return false;
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(token);
            return bytes.length == 1 || bytes.length > 1 && bytes[0] != (bytes[1] >= 0 ? 0 : -1);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static BigDecimal unscaled(byte[] bytes, int scale, ColumnType type, JsonScanner json) {
        if (bytes.length == 0 || bytes.length > MAX_DIGITS / 2) {
            throw notA(type, content(json));
        }
        return bounded(new BigDecimal(new BigInteger(bytes), scale), type);
    }

    /** {@code io.debezium.data.VariableScaleDecimal}. */
    private static BigDecimal struct(JsonScanner json, ColumnType type) {
        int start = json.position();
        int scale = 0;
        byte[] bytes = {};
        json.expect('{');
        boolean first = true;
        while (json.nextField(first)) {
            first = false;
            String name = json.tokenText();
            if (name.equals("scale")) {
                scale = (int) inRange(integerToken(json, type), -MAX_DIGITS, MAX_DIGITS, type);
            } else if (name.equals("value") && json.peek() == '"') {
                bytes = base64(json);
            } else {
                json.skip();
            }
        }
        if (bytes.length == 0 || bytes.length > MAX_DIGITS / 2) {
            throw notA(type, skippedText(json, start, json.position()));
        }
        return bounded(new BigDecimal(new BigInteger(bytes), scale), type);
    }

    /** Digits as PostgreSQL writes them: it never has more than 16,383 after the point, nor fewer than none. */
    private static String plain(BigDecimal value) {
        BigDecimal shown = value.scale() > MAX_SCALE ? value.stripTrailingZeros() : value;
        return shown.toPlainString();
    }

    private static void decimal(BigDecimal value, ColumnType type, RowWriter row) {
        boolean zero = value.signum() == 0;
        if (!zero
                && ((long) value.precision() - value.scale() > (long) type.precision() - type.scale()
                        || (long) value.scale() - type.scale() >= value.precision())) {
            throw outOfRange(type, plain(value));
        }
        BigInteger unscaled;
        try {
            unscaled = zero ? BigInteger.ZERO : value.setScale(type.scale()).unscaledValue();
        } catch (ArithmeticException e) {
            throw outOfRange(type, plain(value));
        }
        if (type.fitsLong()) {
            row.writeLong(unscaled.longValueExact());
        } else {
            byte[] bytes = unscaled.toByteArray();
            row.writeBytes(bytes, 0, bytes.length);
        }
    }

    // ---- dates and times

    private static int days(JsonScanner json, ColumnType type) {
        if (json.peek() == '"') {
            return inYears(Math.floorDiv(isoText(json, type), DAY_MICROS), type);
        }
        long value = integerToken(json, type);
        // Debezium has two ways to write an infinite date: from a snapshot and from the stream
        if (value == -622_191_234 || value == -2_147_472_692) {
            throw outOfRange(type, INFINITY);
        }
        if (value == -625_821_272 || value == -2_147_472_691) {
            throw outOfRange(type, MINUS_INFINITY);
        }
        return inYears(inRange(value, Integer.MIN_VALUE, Integer.MAX_VALUE, type), type);
    }

    private static int inYears(long value, ColumnType type) {
        if (value < MIN_DAYS || value > MAX_DAYS) {
            throw outOfRange(type, ValueText.of(type, (int) value));
        }
        return (int) value;
    }

    private static long fromMillis(long millis, ColumnType type) {
        if (type.kind() == ColumnType.Kind.TIMESTAMP && infinite(millis) != null) {
            return millis;
        }
        if (millis < Long.MIN_VALUE / 1000 || millis > Long.MAX_VALUE / 1000) {
            throw type.kind() == ColumnType.Kind.TIME
                    ? notA(type, Long.toString(millis))
                    : outOfRange(type, dateTime(Math.floorDiv(millis, 1000), Math.floorMod(millis, 1000) * 1_000_000));
        }
        return millis * 1000;
    }

    private static @Nullable String infinite(long value) {
        if (value == 9_223_372_036_825_200_000L) {
            return INFINITY;
        }
        return value == -9_223_372_036_832_400_000L ? MINUS_INFINITY : null;
    }

    private static long micros(long value, ColumnType type) {
        if (type.kind() == ColumnType.Kind.TIME) {
            return inRange(value, 0, DAY_MICROS, type);
        }
        if (value >= MIN_MICROS && value <= MAX_MICROS) {
            return value;
        }
        String infinite = infinite(value);
        if (infinite != null) {
            throw outOfRange(type, infinite);
        }
        if (value < FIRST_MICROS) {
            throw outOfRange(
                    type,
                    dateTime(
                            Long.divideUnsigned(value, 1_000_000),
                            (int) Long.remainderUnsigned(value, 1_000_000) * 1000));
        }
        throw outOfRange(type, ValueText.of(type, value));
    }

    private static long nanos(long value, ColumnType type) {
        if (type.kind() != ColumnType.Kind.TIME && (value == Long.MAX_VALUE || value == Long.MIN_VALUE)) {
            throw outOfRange(type, value > 0 ? INFINITY : MINUS_INFINITY);
        }
        if (type.kind() == ColumnType.Kind.TIME) {
            inRange(value, 0, DAY_MICROS * 1000, type);
        }
        if (value % 1000 != 0) {
            String text = dateTime(Math.floorDiv(value, 1_000_000_000L), (int) Math.floorMod(value, 1_000_000_000L));
            throw outOfRange(type, type.kind() == ColumnType.Kind.TIME ? text.substring(text.indexOf(' ') + 1) : text);
        }
        return micros(value / 1000, type);
    }

    /** A time as PostgreSQL writes it, with up to nine digits of a second's fraction. */
    private static String dateTime(long seconds, int nanos) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC);
        String fraction = nanos == 0 ? "" : ".%09d".formatted(nanos).replaceAll("0+$", "");
        return "%04d-%02d-%02d %02d:%02d:%02d%s"
                .formatted(
                        time.getYear(),
                        time.getMonthValue(),
                        time.getDayOfMonth(),
                        time.getHour(),
                        time.getMinute(),
                        time.getSecond(),
                        fraction);
    }

    private static long isoText(JsonScanner json, ColumnType type) {
        stringToken(json, type);
        String infinite = infiniteText(json);
        if (infinite != null) {
            throw outOfRange(type, infinite);
        }
        if (type.kind() == ColumnType.Kind.TIME) {
            return TimeText.clock(json.text(), json.textStart(), json.textLength());
        }
        long micros = TimeText.micros(
                json.text(), json.textStart(), json.textLength(), type.kind() == ColumnType.Kind.TIMESTAMPTZ);
        return type.kind() == ColumnType.Kind.DATE ? micros : micros(micros, type);
    }

    private static @Nullable String infiniteText(JsonScanner json) {
        if (json.textLength() > 10 || json.textLength() < 8) {
            return null;
        }
        String text = content(json);
        return switch (text.endsWith("Z") ? text.substring(0, text.length() - 1) : text) {
            case INFINITY, "+infinity" -> INFINITY;
            case MINUS_INFINITY -> MINUS_INFINITY;
            default -> null;
        };
    }

    private static long clock(JsonScanner json, ColumnType type) {
        stringToken(json, type);
        return TimeText.clock(json.text(), json.textStart(), json.textLength());
    }

    // ---- what went wrong

    private static String skipped(JsonScanner json) {
        json.peek();
        int start = json.position();
        json.skip();
        return skippedText(json, start, json.position());
    }

    private static String skippedText(JsonScanner json, int from, int to) {
        return new String(json.bytes(), from, to - from, StandardCharsets.UTF_8);
    }

    private static DecodeException notA(ColumnType type, String value) {
        return new DecodeException(Reason.VALUE, "cannot hold as " + type + ", got " + DecodeException.shown(value));
    }

    private static OutOfRangeException outOfRange(ColumnType type, String value) {
        return new OutOfRangeException("cannot hold as " + type + ", got " + DecodeException.shown(value), value);
    }
}
