package io.tributary.decode;

import static io.tributary.decode.Decoding.UNSENT;
import static io.tributary.decode.Decoding.bytes;
import static io.tributary.decode.Decoding.envelope;
import static io.tributary.decode.Decoding.field;
import static io.tributary.decode.Decoding.insert;
import static io.tributary.decode.Decoding.update;
import static io.tributary.decode.Decoding.wrapped;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Pure;
import io.tributary.change.Operation;
import io.tributary.change.TableName;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Pure
final class DecoderTest {
    private static final String KEY = "{\"id\":1}";
    private static final String ROW = "{\"id\":1,\"v\":\"x\"}";
    private static final String PLACEHOLDER = "\"__debezium_unavailable_value\"";

    @ParameterizedTest
    @CsvSource({"r,READ", "c,CREATE", "u,UPDATE", "d,DELETE", "t,TRUNCATE"})
    void eachOperationIsAChange(String letter, Operation operation) {
        boolean truncate = letter.equals("t");
        for (int wrapped = 0; wrapped < 2; wrapped++) {
            String payload = envelope(letter, letter.equals("d") ? ROW : "null", "rcu".contains(letter) ? ROW : "null");
            String value = wrapped == 1 ? wrapped(payload, field("id", "int32"), field("v", "string")) : payload;
            Decoding decoding = new Decoding();
            assertThat(decoding.outcome(truncate ? null : KEY, value)).isEqualTo("CHANGE");
            assertThat(decoding.change.operation).isEqualTo(operation);
            assertThat(decoding.change.requireSchema().table()).isEqualTo(new TableName("public", "t"));
            assertThat(decoding.change.after.isPresent()).isEqualTo("rcu".contains(letter));
            assertThat(decoding.change.before.isPresent()).isEqualTo(letter.equals("d"));
            assertThat(decoding.change.key.isPresent()).isEqualTo(!truncate);
            assertThat(decoding.decoder.label()).isEqualTo("public.t");
        }
    }

    @Test
    @Covers(row = "transactions", forms = Covers.Form.PLAIN)
    void aChangeHasThePlaceTheTimesAndTheSourcesOrder() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, update(ROW))).isEqualTo("CHANGE");
        assertThat(decoding.change.partition).isEqualTo(3);
        assertThat(decoding.change.offset).isEqualTo(42);
        assertThat(decoding.change.recordMillis).isEqualTo(1_700_000_000_500L);
        assertThat(decoding.change.sourceMillis).isEqualTo(1_700_000_000_100L);
        assertThat(decoding.change.sequenceCommit).isEqualTo(10);
        assertThat(decoding.change.sequenceEvent).isEqualTo(20);
        assertThat(decoding.change.transaction.copy()).asString().isEqualTo("7");
        assertThat(decoding.change.snapshot).isFalse();
        assertThat(decoding.change.schemaId)
                .isEqualTo(decoding.change.requireSchema().id());
    }

    @ParameterizedTest
    @CsvSource({
        "\"false\",false",
        "null,false",
        "false,false",
        "true,true",
        "\"true\",true",
        "\"first\",true",
        "\"last\",true",
        "\"last_in_data_collection\",true",
        "\"incremental\",false"
    })
    @Covers(row = "snapshot flags", forms = Covers.Form.PLAIN)
    void theSnapshotFlagIsReadInEverySpelling(String spelling, boolean snapshot) {
        Decoding decoding = new Decoding();
        String value = insert(ROW).replace("\"snapshot\":\"false\"", "\"snapshot\":" + spelling);
        assertThat(decoding.outcome(KEY, value)).isEqualTo("CHANGE");
        assertThat(decoding.change.snapshot).isEqualTo(snapshot);
    }

    @Test
    void aSnapshotsRowHasNoSequence() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, envelope("r", "null", ROW).replace("\"false\"", "\"first\"")))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.sequenceCommit).isEqualTo(-1);
        assertThat(decoding.change.sequenceEvent).isEqualTo(-1);
    }

    @Test
    @Covers(
            row = "schemas on or off",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void schemaBlocksAreDetectedRecordByRecord() {
        Decoding decoding = new Decoding();
        String block = wrapped(insert(ROW), field("id", "int32"), field("v", "string"));
        for (int i = 0; i < 3; i++) {
            assertThat(decoding.outcome(KEY, block)).isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema()).hasToString("public.t(id int32, v text)");
            assertThat(decoding.after()).hasToString("{id=1, v=x}");
            assertThat(decoding.outcome(KEY, insert(ROW))).isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema()).hasToString("public.t(id any, v any)");
            assertThat(decoding.after()).hasToString("{id=1, v=x}");
        }
    }

    @Test
    void blanksBetweenTokensChangeNothing() {
        Decoding decoding = new Decoding();
        String block = wrapped(insert(ROW), field("id", "int32"), field("v", "string"));
        String spaced = block.replace(":", " : ")
                .replace(",\"", "\r\n,\t\"")
                .replace("{", "{ ")
                .replace("}", " }");
        String key = "{\n\"schema\" : {} , \"payload\" : {\"id\" : 1 } }";
        for (String value : List.of(spaced, block, spaced)) {
            assertThat(decoding.outcome(key, value)).isEqualTo("CHANGE");
            assertThat(decoding.key()).hasToString("{id=1}");
            assertThat(decoding.outcome(" {\n\"id\" : 1 } ", value)).isEqualTo("CHANGE");
            assertThat(decoding.after()).hasToString("{id=1, v=x}");
            assertThat(decoding.key()).hasToString("{id=1}");
        }
    }

    @Test
    void aSchemaOfNullIsNone() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(
                        "{\"schema\":null,\"payload\":{\"id\":1}}",
                        "{\"schema\":null,\"payload\":" + insert(ROW) + "}"))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema()).hasToString("public.t(id any, v any)");
        assertThat(decoding.key()).hasToString("{id=1}");
    }

    @Test
    @Covers(row = "schemas on or off", forms = Covers.Form.PLAIN)
    void columnsNamedLikeTheEnvelopeAreColumns() {
        String row = "{\"schema\":\"s\",\"payload\":\"p\",\"op\":\"d\",\"before\":null,\"after\":{},\"source\":1,"
                + "\"__deleted\":\"true\"}";
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome("{\"schema\":\"s\",\"payload\":\"p\"}", insert(row)))
                .isEqualTo("CHANGE");
        assertThat(decoding.after())
                .hasToString("{schema=s, payload=p, op=d, before=null, after={}, source=1, __deleted=true}");
    }

    @Test
    @Covers(row = "schemas on or off", forms = Covers.Form.PLAIN)
    void aKeyWithAColumnNamedSchemaIsAKey() {
        Decoding decoding = new Decoding();
        String row = "{\"schema\":\"s\",\"id\":1}";
        for (int i = 0; i < 2; i++) {
            assertThat(decoding.outcome("{\"schema\":\"s\",\"id\":1}", insert(row)))
                    .isEqualTo("CHANGE");
            assertThat(decoding.key()).hasToString("{schema=s, id=1}");
        }
    }

    @Test
    @Covers(
            row = "tombstone",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void aTombstoneIsIgnored() {
        assertThat(new Decoding().outcome(KEY, null)).isEqualTo("IGNORED tombstone");
        assertThat(new Decoding().outcome(null, null)).isEqualTo("IGNORED tombstone");
        assertThat(new Decoding().outcome(KEY, "{\"schema\":null,\"payload\":null}"))
                .isEqualTo("IGNORED tombstone");
    }

    @Test
    @Covers(row = "messages, heartbeats", forms = Covers.Form.PLAIN)
    void aHeartbeatIsIgnored() {
        Decoding decoding = new Decoding();
        byte[] value = bytes("{\"ts_ms\":1795231046066}");
        assertThat(decoding.decode("__debezium-heartbeat.cdc", bytes("{\"serverName\":\"cdc\"}"), value))
                .isEqualTo(Outcome.IGNORED);
        assertThat(decoding.decoder.ignored()).isEqualTo("heartbeat");
        assertThat(decoding.decoder.label()).isEqualTo("__debezium-heartbeat.cdc");
    }

    @Test
    @Covers(row = "messages, heartbeats", forms = Covers.Form.PLAIN)
    @Covers(row = "transactions", forms = Covers.Form.PLAIN)
    void aTransactionMarkIsIgnored() {
        Decoding decoding = new Decoding();
        byte[] value = bytes(
                "{\"status\":\"BEGIN\",\"id\":\"9:3\",\"event_count\":null,\"data_collections\":null,\"ts_ms\":1}");
        assertThat(decoding.decode("cdc.transaction", bytes("{\"id\":\"9:3\"}"), value))
                .isEqualTo(Outcome.IGNORED);
        assertThat(decoding.decoder.ignored()).isEqualTo("transaction");
    }

    @Test
    @Covers(row = "messages, heartbeats", forms = Covers.Form.PLAIN)
    void aMessageIsIgnored() {
        assertThat(new Decoding().outcome(null, "{\"op\":\"m\",\"source\":" + Decoding.source("") + ",\"message\":{}}"))
                .isEqualTo("IGNORED message");
    }

    @Test
    void fieldsMayComeInAnotherOrderThanTheSchemas() {
        Decoding decoding = new Decoding();
        String[] fields = {field("id", "int32"), field("v", "string"), field("n", "int64")};
        for (String row : List.of(
                "{\"id\":1,\"v\":\"x\",\"n\":2}",
                "{\"n\":2,\"id\":1,\"v\":\"x\"}",
                "{\"v\":\"x\",\"\\u006e\":2,\"id\":1}",
                "{\"id\":1,\"v\":\"x\",\"n\":2}")) {
            assertThat(decoding.outcome(KEY, wrapped(insert(row), fields))).isEqualTo("CHANGE");
            assertThat(decoding.after()).hasToString("{id=1, v=x, n=2}");
        }
    }

    @Test
    void envelopeFieldsMayComeInAnyOrder() {
        Decoding decoding = new Decoding();
        for (int i = 0; i < 2; i++) {
            assertThat(decoding.outcome(
                            KEY,
                            "{\"op\":\"c\",\"ts_ms\":1,\"source\":" + Decoding.source("t")
                                    + ",\"extra\":[{}],\"after\":" + ROW + ",\"before\":null}"))
                    .isEqualTo("CHANGE");
            assertThat(decoding.after()).hasToString("{id=1, v=x}");
        }
    }

    @Test
    void aColumnThatTheRowLeavesOutIsNull() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, wrapped(insert("{\"id\":1}"), field("id", "int32"), field("v", "string"))))
                .isEqualTo("CHANGE");
        assertThat(decoding.after()).hasToString("{id=1, v=null}");
    }

    @Test
    void aColumnThatTheSchemaBlockDoesNotHaveIsRejected() {
        assertThat(new Decoding().outcome(KEY, wrapped(insert(ROW), field("id", "int32"))))
                .isEqualTo("REJECTED schema: cannot find the column 'v' in the schema block");
    }

    @Test
    @Covers(row = "names", forms = Covers.Form.PLAIN)
    void twoTablesMayAlternateOnATopic() {
        Decoding decoding = new Decoding();
        for (int i = 0; i < 3; i++) {
            assertThat(decoding.outcome(KEY, envelope("a", "c", "null", ROW))).isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema()).hasToString("public.a(id any, v any)");
            assertThat(decoding.after()).hasToString("{id=1, v=x}");
            assertThat(decoding.decoder.label()).isEqualTo("public.a");
            assertThat(decoding.outcome("{\"k\":\"7\"}", envelope("b", "c", "null", "{\"k\":\"7\",\"v\":true}")))
                    .isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema()).hasToString("public.b(k any, v any)");
            assertThat(decoding.after()).hasToString("{k=7, v=true}");
            assertThat(decoding.key()).hasToString("{k=7}");
            assertThat(decoding.decoder.label()).isEqualTo("public.b");
        }
    }

    @Test
    @Covers(row = "names", forms = Covers.Form.SCHEMA)
    void twoTablesWithSchemaBlocksMayAlternateOnATopic() {
        Decoding decoding = new Decoding();
        String a = wrapped(
                envelope("a", "c", "null", "{\"id\":1,\"v\":\"x\"}"), field("id", "int32"), field("v", "string"));
        String b = wrapped(
                envelope("b", "c", "null", "{\"id\":\"1\",\"v\":2}"), field("id", "string"), field("v", "int64"));
        for (int i = 0; i < 3; i++) {
            assertThat(decoding.outcome(KEY, a)).isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema()).hasToString("public.a(id int32, v text)");
            assertThat(decoding.after()).hasToString("{id=1, v=x}");
            assertThat(decoding.decoder.label()).isEqualTo("public.a");
            assertThat(decoding.outcome("{\"id\":\"1\"}", b)).isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema()).hasToString("public.b(id text, v int64)");
            assertThat(decoding.after()).hasToString("{id=1, v=2}");
            assertThat(decoding.decoder.label()).isEqualTo("public.b");
        }
    }

    @Test
    void twoTablesMayShareASchemaBlock() {
        Decoding decoding = new Decoding();
        String[] fields = {field("id", "int32"), field("v", "string")};
        for (int i = 0; i < 3; i++) {
            for (String table : List.of("a", "b")) {
                assertThat(decoding.outcome(KEY, wrapped(envelope(table, "c", "null", ROW), fields)))
                        .isEqualTo("CHANGE");
                assertThat(decoding.change.requireSchema().table().table()).isEqualTo(table);
                assertThat(decoding.after()).hasToString("{id=1, v=x}");
                assertThat(decoding.decoder.label()).isEqualTo("public." + table);
            }
        }
    }

    @Test
    void aValueThatFitsOnlyTheTableBeforeIsReadForItsOwnTable() {
        Decoding decoding = new Decoding(Map.of(
                "public.a", Decoding.settings(List.of(), Map.of("v", "int32"), 8),
                "public.b", Decoding.settings(List.of(), Map.of("v", "text"), 8)));
        for (int i = 0; i < 2; i++) {
            assertThat(decoding.outcome(KEY, envelope("a", "c", "null", "{\"id\":1,\"v\":5}")))
                    .isEqualTo("CHANGE");
            assertThat(decoding.outcome(KEY, envelope("b", "c", "null", "{\"id\":1,\"v\":\"x\"}")))
                    .isEqualTo("CHANGE");
            assertThat(decoding.after()).hasToString("{id=1, v=x}");
        }
    }

    @Test
    @Covers(row = "DROP, RENAME, TYPE", forms = Covers.Form.SCHEMA)
    void aChangedSchemaBlockIsANewSchema() {
        Decoding decoding = new Decoding();
        String old = wrapped(insert(ROW), field("id", "int32"), field("v", "string"));
        String wide = wrapped(
                insert("{\"id\":1,\"v\":5,\"w\":true}"),
                field("id", "int32"),
                field("v", "int64"),
                field("w", "boolean"));
        assertThat(decoding.outcome(KEY, old)).isEqualTo("CHANGE");
        long id = decoding.change.schemaId;
        assertThat(decoding.outcome(KEY, wide)).isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema()).hasToString("public.t(id int32, v int64, w boolean)");
        assertThat(decoding.change.schemaId).isNotEqualTo(id);
        assertThat(decoding.outcome(KEY, old)).isEqualTo("CHANGE");
        assertThat(decoding.change.schemaId).isEqualTo(id);
    }

    @Test
    @Covers(row = "DROP, RENAME, TYPE", forms = Covers.Form.PLAIN, how = Covers.How.POLICY)
    void aNewColumnWithoutASchemaBlockIsAppended() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, insert("{\"id\":1,\"v\":\"x\"}"))).isEqualTo("CHANGE");
        assertThat(decoding.outcome(KEY, insert("{\"w\":2,\"id\":1}"))).isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema()).hasToString("public.t(id any, v any, w any)");
        assertThat(decoding.after()).hasToString("{id=1, v=null, w=2}");
        assertThat(decoding.key()).hasToString("{id=1}");
    }

    @Test
    @Covers(row = "schemas off", forms = Covers.Form.PLAIN)
    void columnTypesComeFromThePipelineFileWhereThereIsNoSchemaBlock() {
        Decoding decoding = Decoding.of(
                Decoding.settings(List.of(), Map.of("id", "int64", "amount", "decimal(12,2)", "raw", "bytes"), 8));
        assertThat(decoding.outcome(KEY, insert("{\"id\":1,\"amount\":\"12.5\",\"raw\":\"AQI=\",\"v\":\"x\"}")))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema())
                .hasToString("public.t(id int64, amount decimal(12,2), raw bytes, v any)");
        assertThat(decoding.after().get("amount")).hasToString("12.50");
        assertThat(decoding.key()).hasToString("{id=1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"c", "r"})
    @Covers(
            row = "unchanged TOAST",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void thePlaceholderInANewRowIsAValue(String operation) {
        Decoding decoding = new Decoding();
        String[] fields = {field("id", "int32"), field("v", "string")};
        String row = "{\"id\":1,\"v\":" + PLACEHOLDER + "}";
        for (String value :
                List.of(envelope(operation, "null", row), wrapped(envelope(operation, "null", row), fields))) {
            for (int i = 0; i < 2; i++) {
                assertThat(decoding.outcome(KEY, value)).isEqualTo("CHANGE");
                assertThat(decoding.after()).containsEntry("v", "__debezium_unavailable_value");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                PLACEHOLDER,
                "[" + PLACEHOLDER + "]",
                "[95,95,100,101,98,101,122,105,117,109,95,117,110,97,118,97,105,108,97,98,108,101,95,118,97,108,117,101]",
                "[\"b68a35a7-17ad-35b3-af2a-ae46edb4545a\"]"
            })
    void thePlaceholderInAnUpdateIsUnsent(String placeholder) {
        Decoding decoding = new Decoding();
        for (int i = 0; i < 2; i++) {
            assertThat(decoding.outcome(KEY, update("{\"id\":1,\"v\":" + placeholder + "}")))
                    .isEqualTo("CHANGE");
            assertThat(decoding.after()).containsEntry("v", UNSENT);
        }
    }

    @Test
    void thePlaceholderOfBytesInAnUpdateIsUnsent() {
        Decoding decoding = new Decoding();
        String[] fields = {field("id", "int32"), field("v", "bytes")};
        String row = "{\"id\":1,\"v\":\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"}";
        assertThat(decoding.outcome(KEY, wrapped(update(row), fields))).isEqualTo("CHANGE");
        assertThat(decoding.after()).containsEntry("v", UNSENT);
        assertThat(decoding.outcome(KEY, wrapped(insert(row), fields))).isEqualTo("CHANGE");
        assertThat((byte[]) decoding.after().get("v")).asString().isEqualTo("__debezium_unavailable_value");
    }

    @Test
    void theImageBeforeADeleteIsNeverUnsent() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, envelope("d", "{\"id\":1,\"v\":" + PLACEHOLDER + "}", "null")))
                .isEqualTo("CHANGE");
        assertThat(decoding.before()).containsEntry("v", "__debezium_unavailable_value");
    }

    @Test
    void aRejectedValueNamesItsColumn() {
        assertThat(new Decoding().outcome(KEY, wrapped(insert("{\"id\":\"x\"}"), field("id", "int32"))))
                .isEqualTo("REJECTED value: column 'id': cannot hold as int32, got '\"x\"'");
    }

    @Test
    void aTimeThatOverflowsIsHeldAsText() {
        String value = wrapped(insert("{\"at\":9223372036854775807}"), field("at", "io.debezium.time.Timestamp"));
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(null, value)).isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema()).hasToString("public.t(at text)");
        assertThat(decoding.after()).hasToString("{at=292278994-08-17 07:12:55.807}");
    }
}
