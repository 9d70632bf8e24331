package io.tributary.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.change.BytesText;
import io.tributary.change.RawRecord;
import io.tributary.change.TableName;
import io.tributary.source.RecordedLine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter of the lake, as far as it can be offered again.
 *
 * @param record at its place, with its bytes
 * @param hmac of the value that is not stored; null where there is no secret, or the value is
 * @param isHidden whether the bytes are not stored
 */
record DeadLetter(
        RawRecord record,
        String table,
        String reason,
        String detail,
        @Nullable String hmac,
        boolean isHidden) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param row of the lake's {@code rejected} */
    static DeadLetter of(Map<String, @Nullable Object> row) {
        RawRecord record = new RawRecord()
                .set(
                        text(row, "topic"),
                        (int) number(row, "partition"),
                        number(row, "offset"),
                        Math.floorDiv(number(row, "timestamp"), 1000),
                        (byte[]) row.get("key"),
                        (byte[]) row.get("value"));
        List<RawRecord.Header> headers = headers(row.get("headers"));
        record.headers = headers.isEmpty() ? RawRecord.Headers.NONE : headers::iterator;
        return new DeadLetter(
                record,
                text(row, "table"),
                text(row, "reason"),
                text(row, "detail"),
                (String) row.get("hmac"),
                record.key == null && record.value == null);
    }

    private static List<RawRecord.Header> headers(@Nullable Object json) {
        List<RawRecord.Header> headers = new ArrayList<>();
        if (json instanceof String text) {
            try {
                JSON.readTree(text).properties().forEach(header -> {
                    Iterable<JsonNode> values =
                            header.getValue().isArray() ? header.getValue() : List.of(header.getValue());
                    values.forEach(value -> headers.add(new RawRecord.Header(
                            header.getKey(), value.isNull() ? null : BytesText.bytes(value.asText()))));
                });
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("the headers of a dead letter are always JSON", e);
            }
        }
        return headers;
    }

    String place() {
        return record.place();
    }

    /** The letter's table, as the account spells it. */
    TableName tableName() {
        int dot = table.indexOf('.');
        return new TableName(dot < 0 ? "" : table.substring(0, dot), table.substring(dot + 1));
    }

    /** As a recorded event, without a line's end. */
    String line() {
        return new String(RecordedLine.of(record), StandardCharsets.UTF_8).stripTrailing();
    }

    private static String text(Map<String, @Nullable Object> row, String column) {
        return row.get(column) instanceof String text ? text : "";
    }

    private static long number(Map<String, @Nullable Object> row, String column) {
        return row.get(column) instanceof Number number ? number.longValue() : 0;
    }
}
