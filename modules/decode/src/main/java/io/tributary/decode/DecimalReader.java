package io.tributary.decode;

import io.tributary.change.ColumnType;
import io.tributary.change.RowWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;

/** Reads decimals in every form in which connectors write them: exactly, or not at all. */
final class DecimalReader {
    /** A numeric of PostgreSQL has at most 131,072 digits before the point and 16,383 after it. */
    private static final int MAX_DIGITS = 150_000;
    /** Digits after the point of a numeric that is declared; Debezium has a negative scale for one of up to 2,047. */
    private static final int MAX_SCALE = 1000;
    /** Characters of a number that is computed with: no column that is declared has nearly as many. */
    private static final int MAX_COMPUTED = 1000;

    private Decimals decimals = new Decimals();

    /** @param ofTopic how those arrive that are read from here on */
    void decimals(Decimals ofTopic) {
        decimals = ofTopic;
    }

    /** Reads a decimal at the scanner's place and appends it to a row. */
    void read(JsonScanner json, LayoutColumn column, RowWriter row) {
        ColumnType type = column.type();
        if (column.form() == Form.DECIMAL_TEXT && type.fitsLong() && plainDecimal(json, type, row)) {
            return;
        }
        boolean digits = type.kind() != ColumnType.Kind.DECIMAL;
        int scale = column.size();
        BigDecimal value;
        if (column.form() == Form.DECIMAL_BASE64 && json.peek() == '"') {
            value = unscaled(Tokens.base64(json), scale, type, json);
        } else if (json.peek() == '{') {
            value = struct(json, type);
        } else {
            boolean quoted = json.peek() == '"';
            String token = Tokens.numberToken(json, type);
            String special = Tokens.special(token);
            if (!special.isEmpty()) {
                if (!digits) {
                    throw Tokens.outOfRange(type, special);
                }
                Tokens.writeText(special, row);
                return;
            }
            if (digits && isPlain(token)) {
                Tokens.writeText(withoutFarZeros(token), row);
                return;
            }
            value = column.form() == Form.DECIMAL_EITHER && quoted && isBase64(token)
                    ? unscaled(Base64.getDecoder().decode(token), scale, type, json)
                    : number(token, type);
        }
        if (digits) {
            Tokens.writeText(plain(value), row);
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
            return base64 && !decimals.areDigits(Decimals.Token.BASE64);
        }
        if (!base64) {
            decimals.areDigits(Decimals.Token.DIGITS); // whatever the others are, this is a number
            return false;
        }
        return !decimals.areDigits(Decimals.Token.EITHER);
    }

    private static BigDecimal number(String token, ColumnType type) {
        try {
            if (token.length() <= MAX_COMPUTED && Tokens.isNumber(token)) {
                return bounded(new BigDecimal(token), type);
            }
        } catch (NumberFormatException e) {
            throw Tokens.notA(type, token);
        }
        throw Tokens.notA(type, token);
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
            throw Tokens.notA(type, value.toString());
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
            throw Tokens.notA(type, Tokens.content(json));
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
                scale = (int) Tokens.inRange(Tokens.integerToken(json, type), -MAX_DIGITS, MAX_DIGITS, type);
            } else if (name.equals("value") && json.peek() == '"') {
                bytes = Tokens.base64(json);
            } else {
                json.skip();
            }
        }
        if (bytes.length == 0 || bytes.length > MAX_DIGITS / 2) {
            throw Tokens.notA(type, Tokens.skippedText(json, start, json.position()));
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
            throw Tokens.outOfRange(type, plain(value));
        }
        BigInteger unscaled;
        try {
            unscaled = zero ? BigInteger.ZERO : value.setScale(type.scale()).unscaledValue();
        } catch (ArithmeticException e) {
            throw Tokens.outOfRange(type, plain(value));
        }
        if (type.fitsLong()) {
            row.writeLong(unscaled.longValueExact());
        } else {
            byte[] bytes = unscaled.toByteArray();
            row.writeBytes(bytes, 0, bytes.length);
        }
    }
}
