package io.tributary.decode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What Debezium writes in the place of a value that PostgreSQL keeps out of line and that did not change, by the type of the
 * column: its {@code unavailable.value.placeholder}.
 */
final class Placeholders {
    static final String DEFAULT = "__debezium_unavailable_value";

    private static final String HEX = "hex:";

    private final byte[] bytes;
    private final byte[][] texts;
    private final byte[][] arrays;
    /** Bit n: a text has n bytes, or any number from 63 on. */
    private final long textLengths;

    /** @param setting as the connector has it: text, or bytes as {@code hex:…} */
    Placeholders(String setting) {
        bytes = setting.startsWith(HEX)
                ? HexFormat.of().parseHex(setting.substring(HEX.length()))
                : setting.getBytes(StandardCharsets.UTF_8);
        String text = new String(bytes, StandardCharsets.UTF_8);
        texts = new byte[][] {
            utf8(text),
            Base64.getEncoder().encode(bytes),
            Base64.getUrlEncoder().encode(bytes),
            utf8(HexFormat.of().formatHex(bytes)),
            utf8("{" + quoted(text) + ":" + quoted(text) + "}"),
        };
        long lengths = 0;
        for (byte[] form : texts) {
            lengths |= lengthBit(form.length);
        }
        textLengths = lengths;
        arrays = new byte[][] {
            utf8("[" + quoted(text) + "]"),
            utf8(IntStream.range(0, bytes.length)
                    .mapToObj(i -> Byte.toString(bytes[i]))
                    .collect(Collectors.joining(",", "[", "]"))),
            utf8("[" + quoted(UUID.nameUUIDFromBytes(bytes).toString()) + "]"),
            utf8("{" + quoted(text) + ":" + quoted(text) + "}"),
        };
    }

    private static String quoted(String text) {
        return '"'
                + new String(com.fasterxml.jackson.core.io.JsonStringEncoder.getInstance()
                        .quoteAsString(text))
                + '"';
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether a string's content stands for an unchanged value: of text, of bytes in a mode that makes them text, of hstore. */
    boolean isText(byte[] buffer, int from, int length) {
        return (textLengths & lengthBit(length)) != 0 && is(texts, buffer, from, length);
    }

    private static long lengthBit(int length) {
        return 1L << Math.min(length, 63);
    }

    /** Whether the JSON of an array or object stands for an unchanged value. */
    boolean isNested(byte[] buffer, int from, int length) {
        return is(arrays, buffer, from, length);
    }

    boolean isBytes(byte[] value) {
        return Arrays.equals(bytes, value);
    }

    private static boolean is(byte[][] forms, byte[] buffer, int from, int length) {
        for (byte[] form : forms) {
            if (form.length == length && Arrays.equals(buffer, from, from + length, form, 0, length)) {
                return true;
            }
        }
        return false;
    }
}
