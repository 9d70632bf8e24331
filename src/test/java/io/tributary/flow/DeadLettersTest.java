package io.tributary.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.RawRecord;
import io.tributary.change.RowReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Pure
class DeadLettersTest {
    private static final byte[] NO_TEXT = {(byte) 0xff, 0};

    private static RawRecord.Header header(String name, @Nullable String value) {
        return new RawRecord.Header(name, value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    private static RawRecord record(RawRecord.Header... headers) {
        RawRecord record = new RawRecord().set("a.b.c", 5, 77, 9, null, NO_TEXT);
        record.headers = List.of(headers)::iterator;
        return record;
    }

    private static Map<String, @Nullable Object> letter(RawRecord record) {
        Change change = new Change();
        new DeadLetters().fill(change, record, DeadLetters.origin(record), "b.c", "value", "why");
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        @Nullable Object[] values = RowReader.values(change.schema, change.after.bytes(), change.after.offset());
        List<Column> columns = change.schema.columns();
        for (int i = 0; i < values.length; i++) {
            row.put(columns.get(i).name(), values[i]);
        }
        return row;
    }

    @Test
    void aLetterHasAllOfItsRecord() {
        Map<String, @Nullable Object> letter = letter(record(header("h", "1")));

        assertThat(letter.remove("value")).isEqualTo(NO_TEXT);
        Map<String, @Nullable Object> expected = new LinkedHashMap<>();
        expected.put("reason", "value");
        expected.put("detail", "why");
        expected.put("table", "b.c");
        expected.put("topic", "a.b.c");
        expected.put("partition", 5);
        expected.put("offset", 77L);
        expected.put("timestamp", 9000L);
        expected.put("key", null);
        expected.put("rule", null);
        expected.put("headers", "{\"h\":\"1\"}");
        expected.put("hmac", null);
        assertThat(letter).isEqualTo(expected);
    }

    @Test
    void headersAreJsonOfText() {
        assertThat(letter(record()).get("headers")).isNull();
        assertThat(letter(record(
                                header("json", "{\"id\":1}"),
                                header("none", null),
                                header("twice", "a"),
                                header("looks like hex", "\\x41"),
                                header("twice", null),
                                new RawRecord.Header("bytes", NO_TEXT)))
                        .get("headers"))
                .isEqualTo("{\"json\":\"{\\\"id\\\":1}\",\"none\":null,\"twice\":[\"a\",null],"
                        + "\"looks like hex\":\"\\\\x5c783431\",\"bytes\":\"\\\\xff00\"}");
    }

    @Test
    void anUnknownTimeIsNone() {
        RawRecord record = record();
        record.timestamp = 0;
        assertThat(letter(record).get("timestamp")).isNull();
    }

    @Test
    void aRawRecordsHeadersGoOverTheWireAndIntoCopies() throws IOException {
        RawRecordSerializer serializer = new RawRecordSerializer();
        RawRecord.Header[] headers = {header("a", "1"), header("b", null), new RawRecord.Header("a", NO_TEXT)};
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer.serialize(record(headers), out);
        serializer.serialize(record(), out);
        DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
        List<String> expected =
                Arrays.stream(headers).map(DeadLettersTest::text).toList();

        assertThat(serializer.deserialize(in).headers)
                .extracting(DeadLettersTest::text)
                .isEqualTo(expected);
        assertThat(serializer.deserialize(in).headers).isEmpty();
        assertThat(serializer.copy(record(headers)).headers)
                .extracting(DeadLettersTest::text)
                .isEqualTo(expected);
    }

    private static String text(RawRecord.Header header) {
        return header.name() + "=" + Arrays.toString(header.value());
    }
}
