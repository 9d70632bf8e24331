package io.tributary.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.tributary.change.RawRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A recorded event: {@code {"topic", "headers", "timestamp", "key", "value"}}, where key and value are the very JSON that the
 * record held, or null.
 */
final class RecordedLine {
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private RecordedLine() {}

    /** @throws IOException if the line is no recorded event */
    static RawRecord parse(String line, int partition, long offset) throws IOException {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        RawRecord record = new RawRecord();
        record.partition = partition;
        record.offset = offset;
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
                    case "key" -> record.key = verbatim(parser, bytes);
                    case "value" -> record.value = verbatim(parser, bytes);
                    case "headers" -> record.headers = headers(parser, bytes)::get;
                    default -> parser.skipChildren();
                }
            }
            if (parser.nextToken() != null) {
                throw new IOException("something follows the object");
            }
        } catch (JsonProcessingException e) {
            // its own message goes on to a second line
            throw new IOException("line " + (offset + 1) + " is no recorded event: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IOException("line " + (offset + 1) + " is no recorded event: " + e.getMessage(), e);
        }
        return record;
    }

    /** Each header's JSON text, which is what Connect's JsonConverter writes. */
    private static Map<String, byte[]> headers(JsonParser parser, byte[] bytes) throws IOException {
        Map<String, byte[]> headers = new HashMap<>();
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                byte[] value = verbatim(parser, bytes);
                headers.put(name, value == null ? new byte[0] : value);
            }
        } else {
            parser.skipChildren();
        }
        return headers;
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
