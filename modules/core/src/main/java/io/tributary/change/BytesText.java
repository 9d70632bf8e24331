package io.tributary.change;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Bytes for people and for JSON, without loss: UTF-8 as the text it is, all else as {@code \x} and hexadecimal digits. */
public final class BytesText {
    private static final String HEX = "\\x";

    private BytesText() {}

    public static String of(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            if (!text.startsWith(HEX)) { // or it would read as other bytes
                return text;
            }
        } catch (CharacterCodingException e) {
            // hexadecimal, below
        }
        return HEX + HexFormat.of().formatHex(bytes);
    }

    /** The bytes that {@link #of} gave the text of. */
    public static byte[] bytes(String text) {
        return text.startsWith(HEX)
                ? HexFormat.of().parseHex(text, HEX.length(), text.length())
                : text.getBytes(StandardCharsets.UTF_8);
    }
}
