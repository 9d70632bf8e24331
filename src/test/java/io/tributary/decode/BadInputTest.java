package io.tributary.decode;

import static io.tributary.decode.Decoding.envelope;
import static io.tributary.decode.Decoding.field;
import static io.tributary.decode.Decoding.insert;
import static io.tributary.decode.Decoding.wrapped;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.change.TableName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a topic holds, a record is a change, ignored, or rejected with a reason: never another exception. */
@Pure
final class BadInputTest {
    private static final String KEY = "{\"id\":1}";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    ``                     | not-json: no JSON at byte 0: wanted a value, got the end
                    `   `                  | not-json: no JSON at byte 3: wanted a value, got the end
                    hello                  | not-json: no JSON at byte 0: wanted a value, got 'h'
                    {                      | not-json: no JSON at byte 1: wanted a field's name, got the end
                    {"op":"c"              | not-json: no JSON at byte 9: wanted ',', got the end
                    {"op":"c",}            | not-json: no JSON at byte 10: wanted a field's name, got '}'
                    {"op" "c"}             | not-json: no JSON at byte 6: wanted ':', got '"'
                    {op:"c"}               | not-json: no JSON at byte 1: wanted a field's name, got 'o'
                    {"before":[1}          | not-json: no JSON at byte 12: wanted ']', got '}'
                    {"before":{"a":1]      | not-json: no JSON at byte 16: wanted '}', got ']'
                    {"op":"c"} x           | not-json: no JSON at byte 11: wanted the end, got 'x'
                    nul                    | not-json: no JSON at byte 0: wanted null, got 'n'
                    {"op":tru}             | not-json: no JSON at byte 6: wanted a value, got 't'
                    7                      | not-an-envelope: cannot use a value that is no object
                    "text"                 | not-an-envelope: cannot use a value that is no object
                    [{"op":"c"}]           | not-an-envelope: cannot use a value that is no object
                    {"op":"c","source":{}} | not-an-envelope: cannot tell the table: no 'source.table'
                    {"op":"c","after":null} | not-an-envelope: cannot use an event of operation 'c' without 'after'
                    {"schema":null,"payload":7} | not-an-envelope: cannot use a payload that is no object
                    {"schema":{},"payload":null | not-json: no JSON at byte 27: wanted '}', got the end
                    """)
    void whatIsNoEnvelopeIsRejected(String value, String rejection) {
        assertThat(new Decoding().outcome(KEY, value)).isEqualTo("REJECTED " + rejection);
    }

    @Test
    void aSchemaBlockThatIsNoJsonIsRejected() {
        assertThat(new Decoding().outcome(KEY, "{\"schema\":{\"fields\":[,]},\"payload\":{}}"))
                .startsWith("REJECTED schema: cannot read the schema block: Unexpected character (','");
    }

    @Test
    void aSchemaBlockWithTwoColumnsOfOneNameIsRejected() {
        String block =
                "{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"field\":\"id\"},{\"type\":\"string\",\"field\":\"id\"}]}";
        assertThat(new Decoding().outcome(KEY, "{\"schema\":" + block + ",\"payload\":{\"id\":1}}"))
                .isEqualTo("REJECTED schema: cannot take two columns of one name, 'id'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"id\":1,\"v\":\"x\"}", "{\"op\":\"c\"}", "{\"email\":\"a@b\",\"phone\":\"1\"}"})
    void anObjectWithoutEnvelopeIsARowUnlessTheTopicHasEnvelopes(String value) {
        Decoding fresh = new Decoding();
        assertThat(fresh.outcome(KEY, value)).isEqualTo("CHANGE");
        assertThat(fresh.change.requireSchema().table()).isEqualTo(new TableName("public", "t"));
        Decoding taught = new Decoding();
        assertThat(taught.outcome(KEY, insert("{\"id\":1}"))).isEqualTo("CHANGE");
        assertThat(taught.outcome(KEY, value)).isEqualTo("REJECTED not-an-envelope: cannot find the envelope's 'op'");
    }

    @Test
    void aRowOnATopicCalledTransactionIsNoTransactionMark() {
        Decoding decoding = new Decoding();
        Outcome outcome = decoding.decode(
                "cdc.public.transaction",
                null,
                Objects.requireNonNull(Decoding.bytes("{\"amount\":5,\"identity\":1}")));
        assertThat(outcome).isEqualTo(Outcome.CHANGE);
        assertThat(decoding.after()).hasToString("{amount=5, identity=1}");
    }

    @Test
    void theTextNullIsATombstone() {
        assertThat(new Decoding().outcome(KEY, "null")).isEqualTo("IGNORED tombstone");
        assertThat(new Decoding().outcome("null", " null ")).isEqualTo("IGNORED tombstone");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "R", "upsert", "", "é"})
    void anUnknownOperationIsRejected(String operation) {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, envelope(operation, "null", "{\"id\":1}")))
                .startsWith("REJECTED operation: cannot use the operation '")
                .endsWith("': it is none of c r u d t m");
    }

    @ParameterizedTest
    @ValueSource(strings = {"c", "r", "u"})
    void anEventWithoutItsRowIsRejected(String operation) {
        assertThat(new Decoding().outcome(KEY, envelope(operation, "null", "null")))
                .isEqualTo("REJECTED not-an-envelope: cannot use an event of operation '" + operation
                        + "' without 'after'");
    }

    @Test
    void anEnvelopeTruncatedAtAnyByteIsRejected() {
        String after = "{\"id\":1,\"v\":\"å\\u0041\\\\\",\"n\":null,\"a\":[1,{\"b\":false}]}";
        for (String whole : List.of(insert(after), wrapped(insert("{\"id\":1}"), field("id", "int32")))) {
            byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
            Decoding fresh = new Decoding();
            Decoding taught = new Decoding();
            assertThat(taught.outcome(KEY, whole)).isEqualTo("CHANGE");
            for (int length = 0; length < bytes.length; length++) {
                byte[] cut = Arrays.copyOf(bytes, length);
                assertThat(fresh.decode(Decoding.TOPIC, null, cut)).isEqualTo(Outcome.REJECTED);
                assertThat(taught.decode(Decoding.TOPIC, Decoding.bytes(KEY), cut))
                        .isEqualTo(Outcome.REJECTED);
                assertThat(taught.decoder.reason()).isEqualTo(Reason.NOT_JSON);
            }
        }
    }

    @Test
    void aKeyTruncatedAtAnyByteIsRejected() {
        for (String whole : List.of(
                "{\"id\":1,\"k\":\"å\\\\\"}", "{\"schema\":{\"fields\":[]},\"payload\":{\"id\":1,\"k\":\"x\"}}")) {
            byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
            byte[] value = insert("{\"id\":1,\"k\":\"x\"}").getBytes(StandardCharsets.UTF_8);
            Decoding taught = new Decoding();
            assertThat(taught.decode(Decoding.TOPIC, bytes, value)).isEqualTo(Outcome.CHANGE);
            for (int length = 0; length < bytes.length; length++) {
                assertThat(taught.decode(Decoding.TOPIC, Arrays.copyOf(bytes, length), value))
                        .as("%d bytes", length)
                        .isEqualTo(Outcome.REJECTED);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    7                | key: cannot use a key that is no object
                    "1"              | key: cannot use a key that is no object
                    [1]              | key: cannot use a key that is no object
                    hello            | not-json: no JSON at byte 0: wanted a value, got 'h'
                    null x           | not-json: no JSON at byte 5: wanted the end, got 'x'
                    {"id":1} x       | not-json: no JSON at byte 9: wanted the end, got 'x'
                    {"id":           | not-json: no JSON at byte 6: wanted a value, got the end
                    """)
    void whatIsNoKeyIsRejected(String key, String rejection) {
        assertThat(new Decoding().outcome(key, insert("{\"id\":1}"))).isEqualTo("REJECTED " + rejection);
    }

    @Test
    void aValueOfTenMegabytesIsKept() {
        String large = "x".repeat(10_000_000);
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, insert("{\"id\":1,\"v\":\"" + large + "\"}")))
                .isEqualTo("CHANGE");
        assertThat(decoding.after().get("v")).isEqualTo(large);
        assertThat(decoding.outcome(KEY, insert("{\"id\":1,\"v\":\"\\n" + large + "\"}")))
                .isEqualTo("CHANGE");
        assertThat(decoding.after().get("v")).isEqualTo("\n" + large);
    }

    @Test
    void aColumnNestedTenThousandDeepIsKept() {
        String deep = "[{\"a\":".repeat(10_000) + "1" + "}]".repeat(10_000);
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, insert("{\"id\":1,\"v\":" + deep + "}")))
                .isEqualTo("CHANGE");
        assertThat(decoding.after().get("v")).isEqualTo(deep);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "{\"schema\":", "{\"after\":", "{\"source\":", "{\"op\":"})
    void aValueNestedTenThousandDeepIsARowOrRejected(String opening) {
        boolean array = opening.equals("[");
        String deep = opening.repeat(10_000) + "1" + (array ? "]" : "}").repeat(10_000);
        assertThat(new Decoding().outcome(KEY, deep))
                .isEqualTo(array ? "REJECTED not-an-envelope: cannot use a value that is no object" : "CHANGE");
        assertThat(new Decoding().outcome(KEY, opening.repeat(10_000))).startsWith("REJECTED not-json: ");
        assertThat(new Decoding().outcome(deep, insert("{\"id\":1}"))).isNotEmpty();
    }

    @Test
    void aSchemaBlockNestedTenThousandDeepIsRejected() {
        String deep = "[".repeat(10_000) + "]".repeat(10_000);
        assertThat(new Decoding().outcome(KEY, "{\"schema\":{\"fields\":" + deep + "},\"payload\":{}}"))
                .startsWith("REJECTED schema: ");
    }

    @Test
    void aNumericOfAHundredThousandDigitsIsNoDecimal() {
        String digits = "9".repeat(100_000);
        String rejection = "REJECTED value: column 'n': cannot hold as decimal(10,2), got '" + "9".repeat(120)
                + "'… (100000 characters)";
        String text = wrapped(insert("{\"n\":\"" + digits + "\"}"), field("n", "numeric(2)"));
        assertThat(new Decoding().outcome(null, text)).isEqualTo(rejection);
        String number = wrapped(insert("{\"n\":" + digits + "}"), field("n", "numeric(2)"));
        assertThat(new Decoding().outcome(null, number)).isEqualTo(rejection);
    }

    @Test
    void aNumericOfAHundredThousandDigitsIsKeptAsText() {
        String digits = "9".repeat(100_000);
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(null, wrapped(insert("{\"n\":\"" + digits + "\"}"), field("n", "string"))))
                .isEqualTo("CHANGE");
        assertThat(decoding.after()).containsEntry("n", digits);
        assertThat(decoding.outcome(null, insert("{\"n\":" + digits + "}"))).isEqualTo("CHANGE");
        assertThat(decoding.after()).containsEntry("n", digits);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1E-100000000", "1E+100000000", "0E-100000000", "1E-2147483647", "1E+2147483647", "9E-99999"})
    void aNumberWithAHugeExponentCostsNothing(String number) {
        String value = wrapped(insert("{\"n\":\"" + number + "\"}"), field("n", "numeric(2)"));
        assertTimeoutPreemptively(Duration.ofSeconds(2), () -> {
            assertThat(new Decoding().outcome(null, value)).matches("CHANGE|REJECTED value: column 'n': .*");
        });
    }

    @Test
    void aBase64DecimalOfTenMegabytesCostsNothing() {
        String value = wrapped(insert("{\"n\":\"" + "ZZZZ".repeat(2_500_000) + "\"}"), field("n", "decimal(2)"));
        assertTimeoutPreemptively(Duration.ofSeconds(2), () -> {
            assertThat(new Decoding().outcome(null, value))
                    .startsWith("REJECTED value: column 'n': cannot hold as decimal(10,2), got ");
        });
    }

    @Test
    void aBase64DecimalWithoutBytesIsRejected() {
        assertThat(new Decoding().outcome(null, wrapped(insert("{\"n\":\"\"}"), field("n", "decimal(2)"))))
                .isEqualTo("REJECTED value: column 'n': cannot hold as decimal(10,2), got ''");
    }

    @Test
    void aTableNamedLikeAPathKeepsItsName() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, envelope("../../x", "c", "null", "{\"id\":1}")))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema().table()).isEqualTo(new TableName("public", "../../x"));
    }

    @Test
    void aTableNamedWithEscapesAndInOtherScriptsKeepsItsName() {
        Decoding decoding = new Decoding();
        for (int i = 0; i < 2; i++) {
            assertThat(decoding.outcome(KEY, envelope("å\\\"\\u0000\\n", "c", "null", "{\"id\":1}")))
                    .isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema().table().table()).isEqualTo("å\"\0\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff", "c328", "c0af", "eda080", "f4908080", "e282", "80"})
    void invalidUtf8IsRejected(String hex) {
        byte[] bad = java.util.HexFormat.of().parseHex(hex);
        for (String text : List.of(
                insert("{\"id\":1,\"v\":\"?\"}"),
                insert("{\"id\":1,\"v\":[\"?\"]}"),
                insert("{\"id\":1,\"?\":1}"),
                envelope("?", "c", "null", "{\"id\":1}"),
                insert("{\"id\":1,\"v\":?}"))) {
            byte[] value = withBytes(text, bad);
            Decoding decoding = new Decoding();
            assertThat(decoding.decode(Decoding.TOPIC, Decoding.bytes(KEY), value))
                    .as(text)
                    .isEqualTo(Outcome.REJECTED);
            assertThat(decoding.decoder.reason()).isEqualTo(Reason.NOT_JSON);
        }
        Decoding decoding = new Decoding();
        byte[] value = insert("{\"id\":1}").getBytes(StandardCharsets.UTF_8);
        assertThat(decoding.decode(Decoding.TOPIC, withBytes("{\"id\":\"?\"}", bad), value))
                .isEqualTo(Outcome.REJECTED);
    }

    private static byte[] withBytes(String text, byte[] bytes) {
        int at = text.indexOf('?');
        byte[] head = text.substring(0, at).getBytes(StandardCharsets.UTF_8);
        byte[] tail = text.substring(at + 1).getBytes(StandardCharsets.UTF_8);
        byte[] whole = Arrays.copyOf(head, head.length + bytes.length + tail.length);
        System.arraycopy(bytes, 0, whole, head.length, bytes.length);
        System.arraycopy(tail, 0, whole, head.length + bytes.length, tail.length);
        return whole;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\\ud83d", "\\ud83dx", "\\ud83d\\n", "\\ud83d\\ud83d", "\\ude00", "\\ude00\\ud83d", "\\ud83d\\u"
            })
    void halfASurrogatePairIsRejected(String text) {
        assertThat(new Decoding().outcome(KEY, insert("{\"id\":1,\"v\":\"" + text + "\"}")))
                .startsWith("REJECTED not-json: ");
    }

    @Test
    void aSmallEventWithoutSchemaNameAfterALargeOneIsReadFromItsOwnBytes() {
        Decoding decoding = new Decoding();
        String filler = "y".repeat(3000);
        String large = "{\"after\":{\"v\":\"" + filler
                + "\"},\"source\":{\"schema\":\"public\",\"table\":\"t\"},\"op\":\"c\"}";
        assertThat(decoding.outcome(null, large)).isEqualTo("CHANGE");
        assertThat(decoding.outcome(null, "{\"after\":{\"v\":\"y\"},\"source\":{\"table\":\"t\"},\"op\":\"c\"}"))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema().table()).isEqualTo(new TableName("", "t"));
    }

    @Test
    void aRejectionLeavesTheNextRecordAlone() {
        Decoding decoding = new Decoding();
        String good = insert("{\"id\":1,\"v\":\"x\"}");
        assertThat(decoding.outcome(KEY, good)).isEqualTo("CHANGE");
        assertThat(decoding.outcome(KEY, good.substring(0, 30))).startsWith("REJECTED");
        assertThat(decoding.outcome(KEY, good)).isEqualTo("CHANGE");
        assertThat(decoding.after()).hasToString("{id=1, v=x}");
        assertThat(decoding.key()).hasToString("{id=1}");
    }

    @Test
    void theChangeOfARejectedRecordHasItsPlace() {
        Event change = new Event();
        RawRecord record = new RawRecord().set("a.b.c", 5, 77, 9, null, Decoding.bytes("{"));
        assertThat(new Decoder(DecodeSettings.NONE).decode(record, change)).isEqualTo(Outcome.REJECTED);
        assertThat(change.partition).isEqualTo(5);
        assertThat(change.offset).isEqualTo(77);
        assertThat(change.recordMillis).isEqualTo(9);
        assertThat(record.place()).isEqualTo("[a.b.c-5@77]");
    }
}
