package io.tributary.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tributary.Pure;
import io.tributary.change.RawRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Pure
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

    @Test
    void aLineOfARecordIsTheFormatOfTheCaptures() {
        RawRecord record = new RawRecord().set("a.\u00e5", 2, 77, 1795230813347L, bytes("{\"id\": 1}"), null);
        record.headers =
                List.of(header("__debezium.oldkey", "{\"id\":0}"), header("x", null), header("s", "text"))::iterator;
        assertThat(text(RecordedLine.of(record)))
                .isEqualTo(
                        "{\"topic\":\"a.\u00e5\",\"partition\":2,\"offset\":77,\"headers\":{\"__debezium.oldkey\":{\"id\":0},\"x\":null},"
                                + "\"headersBase64\":{\"s\":\"dGV4dA==\"},\"timestamp\":1795230813347,\"key\":{\"id\": 1},\"value\":null}\n");
        assertThat(text(RecordedLine.of(new RawRecord().set("t", 0, 0, 0, null, bytes("null")))))
                .isEqualTo(
                        "{\"topic\":\"t\",\"partition\":0,\"offset\":0,\"headers\":{},\"timestamp\":null,\"key\":null,\"valueBase64\":\"bnVsbA==\"}\n");
    }

    static List<byte[]> anyBytes() {
        List<byte[]> all = new ArrayList<>();
        for (String text : List.of(
                "",
                " ",
                "null",
                "{}",
                " {}",
                "{} ",
                "{}{}",
                "{\n}",
                "{\r}",
                "{\t}",
                "\"a\nb\"",
                "\"\\u0000\"",
                "\u0000",
                "{\"a\":1,}",
                "{\"a\":01}",
                "{'a':1}",
                "NaN",
                "1",
                "-0.10e5",
                "truth",
                "\"\u00e5\ud83d\ude00\"",
                "\ufeff{}",
                "[".repeat(5000) + "]".repeat(5000),
                "[".repeat(5000),
                "// {}",
                "no JSON")) {
            all.add(bytes(text));
            all.add(text.getBytes(StandardCharsets.UTF_16LE));
            all.add(text.getBytes(StandardCharsets.ISO_8859_1));
        }
        all.add(new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'}); // a surrogate
        all.add(new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'}); // an overlong form
        return all;
    }

    @ParameterizedTest
    @MethodSource("anyBytes")
    void allBytesComeOutOfALineAsTheyWentIn(byte[] some) throws IOException {
        RawRecord record = new RawRecord().set("t", 1, 2, 3, some, some);
        record.headers = List.of(new RawRecord.Header("h", some))::iterator;
        byte[] line = RecordedLine.of(record);
        assertThat(line).endsWith('\n').containsOnlyOnce('\n');
        RawRecord read = RecordedLine.parse(Arrays.copyOf(line, line.length - 1), 9, 9);
        assertThat(read.key).isEqualTo(some);
        assertThat(read.value).isEqualTo(some);
        assertThat(read.headers.value("h")).isEqualTo(some);
        assertThat(read.place()).isEqualTo("[t-1@2]");
        assertThat(read.timestamp).isEqualTo(3);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static RawRecord.Header header(String name, @Nullable String value) {
        return new RawRecord.Header(name, value == null ? null : bytes(value));
    }

    private static RawRecord parse(String line) throws IOException {
        return RecordedLine.parse(line.getBytes(StandardCharsets.UTF_8), 2, 6);
    }

    private static @Nullable String text(byte @Nullable [] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
