package io.tributary.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.tributary.change.RawRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A recorded event: {@code {"topic", "partition", "offset", "headers", "timestamp", "key", "value"}}, where key, value and the
 * headers' values are the very JSON that the record held, or null. Bytes that are no JSON stand as Base64 in {@code keyBase64},
 * {@code valueBase64} and {@code headersBase64}. Partition and offset may be left out.
 */
public final class RecordedLine {
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

    private RecordedLine() {}

    /**
     * Reads a line.
     *
     * @param partition of a line that names none
     * @param number of the line, from 0; the offset of a line that names none
     * @throws IOException if the line is no recorded event
     */
    static RawRecord parse(byte[] bytes, int partition, long number) throws IOException {
        RawRecord record = new RawRecord();
        record.partition = partition;
        record.offset = number;
        List<RawRecord.Header> headers = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("it is no object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "topic" -> record.topic = parser.getText();
                    case "timestamp" -> record.timestamp = value == JsonToken.VALUE_NULL ? 0 : parser.getLongValue();
                    case "partition" -> record.partition = (int) place(parser, Integer.MAX_VALUE);
                    case "offset" -> record.offset = place(parser, Long.MAX_VALUE);
                    case "key" -> record.key = verbatim(parser, bytes);
                    case "value" -> record.value = verbatim(parser, bytes);
                    case "keyBase64" -> record.key = base64(parser);
                    case "valueBase64" -> record.value = base64(parser);
                    case "headers", "headersBase64" -> headers(parser, bytes, name.equals("headersBase64"), headers);
                    default -> parser.skipChildren();
                }
            }
            if (parser.nextToken() != null) {
                throw new IOException("something follows the object");
            }
        } catch (JsonProcessingException e) {
            // its own message goes on to a second line
            throw new IOException("line " + (number + 1) + " is no recorded event: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IOException("line " + (number + 1) + " is no recorded event: " + e.getMessage(), e);
        }
        if (!headers.isEmpty()) {
            record.headers = headers::iterator;
        }
        return record;
    }

    /** The line of a record, line feed included. */
    public static byte[] of(RawRecord record) {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        text(line, "{\"topic\":");
        quoted(line, record.topic);
        text(line, ",\"partition\":" + record.partition + ",\"offset\":" + record.offset);
        List<RawRecord.Header> bytes = new ArrayList<>();
        text(line, ",\"headers\":{");
        boolean first = true;
        for (RawRecord.Header header : record.headers) {
            if (header.value() != null && !isJson(header.value())) {
                bytes.add(header);
                continue;
            }
            text(line, first ? "" : ",");
            first = false;
            quoted(line, header.name());
            text(line, ":");
            line.writeBytes(header.value() == null ? NULL : header.value());
        }
        if (!bytes.isEmpty()) {
            text(line, "},\"headersBase64\":{");
            for (int i = 0; i < bytes.size(); i++) {
                text(line, i == 0 ? "" : ",");
                quoted(line, bytes.get(i).name());
                base64(line, ":", bytes.get(i).value());
            }
        }
        text(line, "},\"timestamp\":" + (record.timestamp > 0 ? record.timestamp : "null"));
        field(line, "key", record.key);
        field(line, "value", record.value);
        text(line, "}\n");
        return line.toByteArray();
    }

    private static void field(ByteArrayOutputStream line, String name, byte @Nullable [] bytes) {
        text(line, ",\"" + name);
        if (bytes == null || isJson(bytes)) {
            text(line, "\":");
            line.writeBytes(bytes == null ? NULL : bytes);
        } else {
            base64(line, "Base64\":", bytes);
        }
    }

    private static void base64(ByteArrayOutputStream line, String before, byte @Nullable [] bytes) {
        text(line, before + "\"");
        line.writeBytes(Base64.getEncoder().encode(bytes));
        text(line, "\"");
    }

    private static void quoted(ByteArrayOutputStream line, String text) {
        text(line, "\"");
        line.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(text));
        text(line, "\"");
    }

    private static void text(ByteArrayOutputStream line, String ascii) {
        line.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    /** Whether the bytes can stand in a line and come out of it as they are: one JSON value in UTF-8, and not null. */
    private static boolean isJson(byte[] bytes) {
        for (byte b : bytes) {
            if (b >= 0 && b < ' ' && b != '\t') {
                return false; // a line's end, or UTF-16
            }
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException e) {
            return false;
        }
        try (JsonParser parser = JSON.createParser(bytes)) {
            JsonToken token = parser.nextToken();
            return token != null
                    && token != JsonToken.VALUE_NULL
                    && Arrays.equals(verbatim(parser, bytes), bytes)
                    && parser.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }

    private static long place(JsonParser parser, long most) throws IOException {
        long value = parser.getLongValue();
        if (value < 0 || value > most) {
            throw new IOException("its " + parser.currentName() + " is " + value);
        }
        return value;
    }

    private static void headers(JsonParser parser, byte[] bytes, boolean base64, List<RawRecord.Header> to)
            throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                to.add(new RawRecord.Header(name, base64 ? base64(parser) : verbatim(parser, bytes)));
            }
        } else {
            parser.skipChildren();
        }
    }

    private static byte @Nullable [] base64(JsonParser parser) throws IOException {
        return parser.currentToken() == JsonToken.VALUE_NULL ? null : parser.getBinaryValue();
    }

    private static byte @Nullable [] verbatim(JsonParser parser, byte[] bytes) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        int from = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        parser.finishToken();
        return Arrays.copyOfRange(bytes, from, (int) parser.currentLocation().getByteOffset());
    }
}
