package io.tributary.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tributary.change.RawRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RecordedLineTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "{\"a\" :\t[1.50, -0, 1e5,{}] , \"b\":\"\\u00e5å😀\\/\"}",
                "\"å\\\"}\"",
                "\"\"",
                "12.50",
                "-0",
                "true",
                "false",
                "{\"schema\":{\"a\":\"}\"},\"payload\":null}"
            })
    void keyAndValueAreTheVeryBytes(String json) throws IOException {
        RawRecord record = parse("{\"topic\":\"å.b\",\"headers\":{\"key\":[1]},\"timestamp\":null,\"key\":" + json
                + " , \"value\": " + json + "}");
        assertThat(text(record.key)).isEqualTo(json);
        assertThat(text(record.value)).isEqualTo(json);
        RawRecord last = parse("{\"value\":" + json + "}");
        assertThat(text(last.value)).isEqualTo(json);
    }

    @Test
    void aLargeOrDeepValueIsTheVeryBytes() throws IOException {
        for (String json : new String[] {
            "[".repeat(10_000) + "]".repeat(10_000),
            "\"" + "å\\n".repeat(100_000) + "\"",
            "{\"n\":" + "9".repeat(100_000) + "}",
            "9".repeat(100_000)
        }) {
            assertThat(text(parse("{\"key\":" + json + ",\"value\":" + json + "}").value))
                    .isEqualTo(json);
        }
    }

    @Test
    void aRecordHasItsPlaceAndTime() throws IOException {
        RawRecord record = parse("{\"topic\":\"a.b\",\"timestamp\":1795230813347,\"key\":null,\"value\":null}");
        assertThat(record.place()).isEqualTo("[a.b-2@6]");
        assertThat(record.timestamp).isEqualTo(1_795_230_813_347L);
        assertThat(record.key).isNull();
        assertThat(record.value).isNull();
    }

    @Test
    void aPlaceInTheLineIsTheRecords() throws IOException {
        RawRecord record = parse("{\"topic\":\"a.b\",\"partition\":4,\"offset\":5000000000,\"value\":1}");
        assertThat(record.place()).isEqualTo("[a.b-4@5000000000]");
    }

    @Test
    void base64StandsForBytesThatAreNoJson() throws IOException {
        RawRecord record = parse("{\"keyBase64\":\"/wA=\",\"valueBase64\":\"bnVsbA==\"}");
        assertThat(record.key).containsExactly(0xff, 0);
        assertThat(text(record.value)).isEqualTo("null");
        assertThat(parse("{\"keyBase64\":null}").key).isNull();
    }

    @Test
    void headersKeepTheirOrderAndTheirJson() throws IOException {
        RawRecord record = parse(
                "{\"headers\":{\"a\":{\"id\": 1},\"b\":\"x\",\"n\":null,\"a\":2},\"headersBase64\":{\"c\":\"/w==\"},\"value\":1}");
        assertThat(record.headers)
                .extracting(header -> header.name() + "=" + text(header.value()))
                .containsExactly("a={\"id\": 1}", "b=\"x\"", "n=null", "a=2", "c=\uFFFD");
        assertThat(text(record.headers.value("a"))).isEqualTo("2");
        assertThat(record.headers.has("n")).isTrue();
        assertThat(record.headers.has("id")).isFalse();
        assertThat(record.headers.value("id")).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    ``                        | line 7 is no recorded event: it is no object
                    []                        | line 7 is no recorded event: it is no object
                    hello                     | line 7 is no recorded event: Unrecognized token 'hello'
                    {"topic":"t","value":{"a" | line 7 is no recorded event: Unexpected end-of-input
                    {"topic":"t"              | line 7 is no recorded event: Unexpected end-of-input
                    {"timestamp":"x"}         | line 7 is no recorded event: Current token (VALUE_STRING) not numeric
                    {"partition":-1}          | line 7 is no recorded event: its partition is -1
                    {"partition":2147483648}  | line 7 is no recorded event: its partition is 2147483648
                    {"offset":-1}             | line 7 is no recorded event: its offset is -1
                    {"offset":"1"}            | line 7 is no recorded event: Current token (VALUE_STRING) not numeric
                    {"valueBase64":"?"}       | line 7 is no recorded event: Failed to decode VALUE_STRING as base64
                    {"value":1} x             | line 7 is no recorded event: Unrecognized token 'x'
                    {"value":1} {}            | line 7 is no recorded event: something follows the object
                    """)
    void aBadLineIsNamedInOneLine(String line, String message) {
        Throwable thrown = catchThrowable(() -> parse(line));
        assertThat(thrown).isInstanceOf(IOException.class);
        assertThat(thrown.getMessage()).startsWith(message).hasLineCount(1);
    }

    private static RawRecord parse(String line) throws IOException {
        return RecordedLine.parse(line.getBytes(StandardCharsets.UTF_8), 2, 6);
    }

    private static @Nullable String text(byte @Nullable [] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
