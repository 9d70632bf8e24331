package io.tributary.decode;

import static io.tributary.decode.Decoding.UNSENT;
import static io.tributary.decode.Decoding.envelope;
import static io.tributary.decode.Decoding.field;
import static io.tributary.decode.Decoding.insert;
import static io.tributary.decode.Decoding.update;
import static io.tributary.decode.Decoding.wrapped;
import static io.tributary.decode.Decoding.wrappedRow;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Covers.Form;
import io.tributary.Covers.How;
import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.change.Secret;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stands for an unchanged value, in each type's form; and where it is a user's own text. */
@Pure
final class PlaceholdersTest {
    private static final String KEY = "{\"id\":1}";
    private static final String TEXT = "\"__debezium_unavailable_value\"";
    private static final String NUMBERS =
            "[95,95,100,101,98,101,122,105,117,109,95,117,110,97,118,97,105,108,97,98,108,101,95,118,97,108,117,101]";

    private static String array(String items) {
        return "{\"type\":\"array\",\"items\":{" + items + "},\"optional\":true,\"field\":\"v\"}";
    }

    private static String semantic(String connect, String name) {
        return "{\"type\":\"" + connect + "\",\"name\":\"" + name + "\",\"optional\":true,\"field\":\"v\"}";
    }

    static Object[][] blocks() {
        return new Object[][] {
            {field("v", "string"), TEXT},
            {semantic("string", "io.debezium.data.Json"), TEXT},
            {semantic("string", "io.debezium.data.Xml"), TEXT},
            {field("v", "bytes"), "\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\""},
            {field("v", "string"), "\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\""},
            {field("v", "string"), "\"5f5f646562657a69756d5f756e617661696c61626c655f76616c7565\""},
            {array("\"type\":\"string\""), "[" + TEXT + "]"},
            {array("\"type\":\"int32\""), NUMBERS},
            {array("\"type\":\"int64\""), NUMBERS},
            {array("\"type\":\"int32\",\"name\":\"io.debezium.time.Date\""), NUMBERS},
            {
                array("\"type\":\"string\",\"name\":\"io.debezium.data.Uuid\""),
                "[\"b68a35a7-17ad-35b3-af2a-ae46edb4545a\"]"
            },
            {
                semantic("string", "io.debezium.data.Json"),
                "\"{\\\"__debezium_unavailable_value\\\":\\\"__debezium_unavailable_value\\\"}\""
            },
            {"{\"type\":\"map\",\"optional\":true,\"field\":\"v\"}", "{" + TEXT + ":" + TEXT + "}"},
        };
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.MethodSource("blocks")
    @Covers(
            row = "unchanged TOAST",
            forms = {Form.SCHEMA, Form.FLAT})
    void aPlaceholderIsUnsentBehindASchemaBlock(String field, String json) {
        String row = "{\"id\":1,\"v\":" + json + "}";
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, wrapped(update(row), field("id", "int32"), field)))
                .isEqualTo("CHANGE");
        assertThat(decoding.after()).containsEntry("v", UNSENT);
        assertThat(decoding.outcome(KEY, wrapped(insert(row), field("id", "int32"), field)))
                .isEqualTo("CHANGE");
        assertThat(decoding.after()).doesNotContainValue(UNSENT);
        // Oracle has it in the row before as well
        assertThat(decoding.outcome(KEY, wrapped(envelope("u", row, row), field("id", "int32"), field)))
                .isEqualTo("CHANGE");
        assertThat(decoding.after()).containsEntry("v", UNSENT);
        Decoding alone = new Decoding();
        assertThat(alone.outcome(KEY, wrappedRow(row, field("id", "int32"), field)))
                .isEqualTo("CHANGE");
        assertThat(alone.after()).containsEntry("v", UNSENT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            text    | "__debezium_unavailable_value"
            json    | "__debezium_unavailable_value"
            bytes   | "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="
            bytes hex | "5f5f646562657a69756d5f756e617661696c61626c655f76616c7565"
            text[]  | ["__debezium_unavailable_value"]
            uuid    | ["b68a35a7-17ad-35b3-af2a-ae46edb4545a"]
            hstore  | {"__debezium_unavailable_value":"__debezium_unavailable_value"}
            date[]  | [95,95,100,101,98,101,122,105,117,109,95,117,110,97,118,97,105,108,97,98,108,101,95,118,97,108,117,101]
            """)
    @Covers(
            row = "unchanged TOAST",
            forms = {Form.PLAIN, Form.FLAT})
    void aPlaceholderIsUnsentWithoutASchemaBlock(String type, String json) {
        Map<String, String> types = type.equals("uuid") || type.equals("hstore") ? Map.of() : Map.of("v", type);
        String row = "{\"id\":1,\"v\":" + json + "}";
        Decoding decoding = Decoding.of(Decoding.settings(List.of(), types, 1));
        assertThat(decoding.outcome(KEY, update(row))).isEqualTo("CHANGE");
        assertThat(decoding.after()).containsEntry("v", UNSENT);
        Decoding alone = Decoding.of(Decoding.settings(List.of(), types, 1));
        assertThat(alone.outcome(KEY, row)).isEqualTo("CHANGE");
        assertThat(alone.after()).containsEntry("v", UNSENT);
    }

    @ParameterizedTest
    @CsvSource({"later,\"\"\"later\"\"\"", "hex:6c61746572,\"\"\"later\"\"\"", "hex:6c61746572,\"\"\"bGF0ZXI=\"\"\""})
    @Covers(row = "unchanged TOAST", forms = Form.PLAIN)
    void theConnectorsOwnPlaceholderIsTakenInstead(String setting, String json) {
        Decoder decoder = new Decoder(new DecodeSettings(new HashMap<>(), setting, Secret.NONE));
        Event change = new Event();
        decoder.decode(
                new RawRecord()
                        .set(
                                Decoding.TOPIC,
                                0,
                                1,
                                0,
                                Decoding.bytes(KEY),
                                Decoding.bytes(update(
                                        "{\"id\":1,\"v\":" + json.replace("\"\"\"", "\"") + ",\"w\":" + TEXT + "}"))),
                change);
        Object[] values = values(change);
        assertThat(values).containsExactly("1", null, "__debezium_unavailable_value");
    }

    private static Object[] values(Event change) {
        return io.tributary.change.RowReader.values(
                change.requireSchema(), change.after.bytes(), change.after.offset());
    }

    @Test
    @Covers(row = "unchanged TOAST without placeholder", how = How.POLICY)
    void nullIsNullWhereDebeziumHasNoPlaceholder() {
        String row = "{\"id\":1,\"v\":null}";
        Decoding decoding = new Decoding();
        decoding.outcome(KEY, wrapped(update(row), field("id", "int32"), field("v", "decimal(2)")));
        assertThat(decoding.after()).containsEntry("v", null);
        decoding.outcome(KEY, update(row));
        assertThat(decoding.after()).containsEntry("v", null);
        Decoding alone = new Decoding();
        alone.outcome(KEY, row);
        assertThat(alone.after()).containsEntry("v", null);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    @Covers(
            row = "identity FULL",
            forms = {Form.SCHEMA, Form.PLAIN})
    void aUsersOwnTextIsToldApartByTheRowBefore(boolean wrapped) {
        String before = "{\"id\":1,\"v\":\"long\"}";
        String value = envelope("u", before, "{\"id\":1,\"v\":" + TEXT + "}");
        Decoding decoding = new Decoding();
        for (int i = 0; i < 2; i++) {
            assertThat(decoding.outcome(
                            KEY, wrapped ? wrapped(value, field("id", "int32"), field("v", "string")) : value))
                    .isEqualTo("CHANGE");
            assertThat(decoding.after()).containsEntry("v", "__debezium_unavailable_value");
        }
    }

    @Test
    @Covers(
            row = "identity FULL",
            forms = {Form.SCHEMA, Form.PLAIN})
    void aRowBeforeThatHasNothingThereIsNoEvidence() {
        Decoding decoding = new Decoding();
        String value = envelope("u", "{\"id\":1,\"v\":null}", "{\"id\":1,\"v\":" + TEXT + "}");
        assertThat(decoding.outcome(KEY, value)).isEqualTo("CHANGE");
        assertThat(decoding.after()).containsEntry("v", UNSENT);
        assertThat(decoding.outcome(KEY, wrapped(value, field("id", "int32"), field("v", "string"))))
                .isEqualTo("CHANGE");
        assertThat(decoding.after()).containsEntry("v", UNSENT);
    }

    @Test
    @Covers(row = "unchanged TOAST", how = How.POLICY)
    void theCreateOfAChangedKeyLeavesValuesOutAsAnUpdateDoes() {
        String row = "{\"id\":2,\"v\":" + TEXT + "}";
        RawRecord.Headers headers = Decoding.header("__debezium.oldkey", KEY);
        for (String value : List.of(
                insert(row),
                wrapped(insert(row), field("id", "int32"), field("v", "string")),
                "{\"id\":2,\"v\":" + TEXT + ",\"__op\":\"c\"}")) {
            Decoding decoding = new Decoding();
            byte[] bytes = Decoding.bytes(value);
            assertThat(decoding.decode(Decoding.TOPIC, Decoding.bytes("{\"id\":2}"), bytes, headers))
                    .isEqualTo(Outcome.CHANGE);
            assertThat(decoding.after()).containsEntry("v", UNSENT);
            assertThat(decoding.decode(Decoding.TOPIC, Decoding.bytes("{\"id\":2}"), bytes))
                    .isEqualTo(Outcome.CHANGE);
            assertThat(decoding.after()).containsEntry("v", "__debezium_unavailable_value");
        }
    }

    /** A transform has lost the headers: the delete before it, at the same place, says that it is one half of an update. */
    @Test
    @Covers(row = "unchanged TOAST", how = How.POLICY)
    void theCreateOfAChangedKeyIsKnownByTheDeleteAtItsPlace() {
        String block =
                "\"source\":{\"ts_ms\":1,\"schema\":\"public\",\"table\":\"t\",\"sequence\":\"[\\\"10\\\",\\\"PLACE\\\"]\"},";
        String delete = "{\"before\":{\"id\":1,\"v\":null},\"after\":null," + block + "\"op\":\"d\"}";
        String create = "{\"before\":null,\"after\":{\"id\":2,\"v\":" + TEXT + "}," + block + "\"op\":\"c\"}";
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, delete.replace("PLACE", "20"))).isEqualTo("CHANGE");
        assertThat(decoding.outcome("{\"id\":2}", create.replace("PLACE", "20")))
                .isEqualTo("CHANGE");
        assertThat(decoding.after()).containsEntry("v", UNSENT);
        assertThat(decoding.outcome(KEY, delete.replace("PLACE", "30"))).isEqualTo("CHANGE");
        assertThat(decoding.outcome("{\"id\":2}", create.replace("PLACE", "31")))
                .isEqualTo("CHANGE");
        assertThat(decoding.after()).containsEntry("v", "__debezium_unavailable_value");
    }
}
