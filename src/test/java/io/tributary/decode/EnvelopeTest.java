package io.tributary.decode;

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
import io.tributary.change.Operation;
import io.tributary.change.RawRecord;
import io.tributary.change.Slice;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys, headers, policies and hidden columns. */
@Pure
final class EnvelopeTest {
    private static final String KEY = "{\"id\":1}";
    private static final String ROW = "{\"id\":1,\"v\":\"x\"}";
    private static final String[] BLOCK = {field("id", "int32"), field("v", "string")};
    private static final String INFINITE = "9223372036825200000";

    private static TableSettings settings(OutOfRange policy, Map<String, Privacy> privacy) {
        return new TableSettings(List.of(), Map.of(), 1, policy, privacy, false);
    }

    private static byte[] bytes(String text) {
        return Objects.requireNonNull(Decoding.bytes(text));
    }

    // ---- what is refused

    @Test
    @Covers(row = "registry", how = How.REFUSED)
    void aRegistrysPrefixIsRefused() {
        byte[] confluent = {0, 0, 0, 1, 2, '{', '}'};
        Decoding decoding = new Decoding();
        assertThat(decoding.decode(Decoding.TOPIC, null, confluent)).isEqualTo(Outcome.REJECTED);
        assertThat(decoding.decoder.reason()).isEqualTo(Reason.REGISTRY);
        assertThat(decoding.decoder.detail()).contains("schema id 258 (Confluent)");
        for (String header : List.of("apicurio.value.globalId", "apicurio.value.contentId")) {
            assertThat(decoding.decode(Decoding.TOPIC, null, new byte[] {2, 4, 'x'}, Decoding.header(header, "7")))
                    .isEqualTo(Outcome.REJECTED);
            assertThat(decoding.decoder.reason()).isEqualTo(Reason.REGISTRY);
            assertThat(decoding.decoder.detail()).contains(header + " (Apicurio)");
        }
        assertThat(decoding.decode(
                        Decoding.TOPIC,
                        bytes(KEY),
                        bytes(insert(ROW)),
                        Decoding.header("apicurio.value.globalId", "7")))
                .as("JSON needs no registry to be read")
                .isEqualTo(Outcome.CHANGE);
    }

    @Test
    @Covers(
            row = "schemas on or off",
            forms = {Form.SCHEMA, Form.PLAIN})
    void anEnvelopeWithoutSourceIsOfTheTopicsTable() {
        for (String value : List.of(
                "{\"op\":\"c\",\"before\":null,\"after\":" + ROW + "}",
                wrapped("{\"op\":\"c\",\"before\":null,\"after\":" + ROW + "}", BLOCK))) {
            Decoding decoding = new Decoding();
            assertThat(decoding.outcome(KEY, value)).isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema().table()).hasToString("public.t");
            assertThat(decoding.after()).hasToString("{id=1, v=x}");
            assertThat(decoding.change.sequenceEvent).isEqualTo(-1);
        }
    }

    // ---- keys

    @Test
    @Covers(row = "fast DDL", forms = Form.SCHEMA)
    void aKeyThatComesLaterIsNotTakenYet() {
        Decoding decoding = new Decoding();
        String value = wrapped(insert(ROW), BLOCK);
        assertThat(decoding.outcome(KEY, value)).isEqualTo("CHANGE");
        byte[] key = decoding.change.key.copy();
        assertThat(decoding.outcome("{\"id\":1,\"g\":42}", value)).isEqualTo("CHANGE");
        assertThat(decoding.change.key.copy()).isEqualTo(key);
        Decoding told = Decoding.of(Decoding.settings(List.of("id"), Map.of(), 1));
        assertThat(told.outcome("{\"g\":42}", value)).isEqualTo("CHANGE");
        assertThat(told.change.key.copy()).isEqualTo(key);
    }

    @Test
    @Covers(row = "fast DDL", forms = Form.SCHEMA, how = How.POLICY)
    void aKeyThatComesLaterAndNoneBeforeBringsItsColumns() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome("{\"id\":1,\"g\":42}", wrapped(insert(ROW), BLOCK)))
                .isEqualTo("CHANGE");
        assertThat(decoding.key()).hasToString("{id=1, g=42}");
        assertThat(decoding.after()).containsEntry("g", "42");
    }

    @Test
    @Covers(
            row = "fast DDL",
            forms = {Form.PLAIN, Form.FLAT},
            how = How.POLICY)
    void withoutASchemaBlockTheKeysColumnsAreTaken() {
        for (String value : List.of(insert(ROW), ROW)) {
            Decoding decoding = new Decoding();
            assertThat(decoding.outcome("{\"id\":1,\"g\":42}", value)).isEqualTo("CHANGE");
            assertThat(decoding.key()).hasToString("{id=1, g=42}");
        }
    }

    @Test
    @Covers(
            row = "router",
            forms = {Form.SCHEMA, Form.PLAIN, Form.FLAT})
    void theRoutersColumnIsOfTheKey() {
        String key = "{\"id\":1,\"__dbz__physicalTableIdentifier\":\"cdc.public.t\"}";
        for (String value : List.of(wrapped(insert(ROW), BLOCK), insert(ROW), ROW, wrappedRow(ROW, BLOCK))) {
            Decoding decoding = new Decoding();
            for (int i = 0; i < 2; i++) {
                assertThat(decoding.outcome(key, value)).isEqualTo("CHANGE");
                assertThat(decoding.key()).hasToString("{id=1, __dbz__physicalTableIdentifier=cdc.public.t}");
            }
        }
    }

    @Test
    @Covers(
            row = "identity USING INDEX",
            forms = {Form.SCHEMA, Form.PLAIN},
            how = How.POLICY)
    void aKeyIsBelievedAlsoWhereItIsMadeUp() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome("{\"id\":0}", envelope("d", "{\"id\":0,\"v\":\"x\"}", "null")))
                .isEqualTo("CHANGE");
        assertThat(decoding.key()).hasToString("{id=0}");
        assertThat(decoding.outcome("{\"v\":\"x\"}", wrapped(envelope("d", "{\"id\":0,\"v\":\"x\"}", "null"), BLOCK)))
                .as("message.key.columns")
                .isEqualTo("CHANGE");
        assertThat(decoding.key()).hasToString("{v=x}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":7,\"b\":\"x\"}",
                "{\"b\":\"x\",\"a\":7}",
                "{\"schema\":{\"type\":\"struct\",\"fields\":[]},\"payload\":{\"a\":7,\"b\":\"x\"}}"
            })
    @Covers(row = "key change")
    void theOldKeyIsReadFromItsHeader(String header) {
        String key = "{\"a\":8,\"b\":\"x\"}";
        String row = "{\"b\":\"x\",\"a\":8,\"v\":1}";
        String[] block = {field("b", "string"), field("a", "int16"), field("v", "int32")};
        for (String value : List.of(
                insert(row),
                wrapped(insert(row), block),
                "{\"b\":\"x\",\"a\":8,\"v\":1,\"__op\":\"c\"}",
                wrappedRow(row, block))) {
            Decoding decoding = new Decoding();
            assertThat(decoding.decode(
                            Decoding.TOPIC, bytes(key), bytes(value), Decoding.header("__debezium.oldkey", header)))
                    .isEqualTo(Outcome.CHANGE);
            assertThat(decoding.key()).hasToString("{a=8, b=x}");
            assertThat(decoding.key(decoding.change.oldKey)).hasToString("{a=7, b=x}");
            assertThat(decoding.after()).hasToString("{b=x, a=8, v=1}");
        }
    }

    @Test
    @Covers(
            row = "key change",
            forms = {Form.SCHEMA, Form.PLAIN})
    void theDeleteOfAChangedKeyIsMarked() {
        Decoding decoding = new Decoding();
        byte[] delete = bytes(envelope("d", ROW, "null"));
        RawRecord.Headers headers = Decoding.header("__debezium.newkey", "{\"id\":2}");
        assertThat(decoding.decode(Decoding.TOPIC, bytes(KEY), delete, headers)).isEqualTo(Outcome.CHANGE);
        assertThat(decoding.change.moved).isTrue();
        assertThat(decoding.decode(Decoding.TOPIC, bytes(KEY), delete)).isEqualTo(Outcome.CHANGE);
        assertThat(decoding.change.moved).isFalse();
        assertThat(decoding.decode(
                        Decoding.TOPIC, bytes(KEY), bytes(wrapped(envelope("d", ROW, "null"), BLOCK)), headers))
                .isEqualTo(Outcome.CHANGE);
        assertThat(decoding.change.moved).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"other\":1}", "id=1", "[1]", "null", "{\"id\":\"x\"}"})
    @Covers(row = "key change", how = How.POLICY)
    void aHeaderThatIsNoKeyIsLeftAlone(String header) {
        for (String value : List.of(wrapped(insert(ROW), BLOCK), wrappedRow(ROW, BLOCK))) {
            Decoding decoding = new Decoding();
            assertThat(decoding.decode(
                            Decoding.TOPIC, bytes(KEY), bytes(value), Decoding.header("__debezium.oldkey", header)))
                    .isEqualTo(Outcome.CHANGE);
            assertThat(decoding.change.oldKey.isPresent()).isFalse();
            assertThat(decoding.key()).hasToString("{id=1}");
            assertThat(decoding.after()).hasToString("{id=1, v=x}");
        }
    }

    @Test
    @Covers(row = "headers")
    void otherHeadersSayNothing() {
        RawRecord.Headers headers = Decoding.header("__debezium.context.taskId", "0");
        for (String value : List.of(insert(ROW), wrapped(insert(ROW), BLOCK), ROW)) {
            Decoding decoding = new Decoding();
            assertThat(decoding.decode(Decoding.TOPIC, bytes(KEY), bytes(value), headers))
                    .isEqualTo(Outcome.CHANGE);
            assertThat(decoding.change.moved).isFalse();
            assertThat(decoding.change.oldKey.isPresent()).isFalse();
        }
    }

    // ---- snapshots

    @ParameterizedTest
    @CsvSource({
        "first,true,true,false",
        "first_in_data_collection,true,true,false",
        "true,true,false,false",
        "last_in_data_collection,true,false,true",
        "last,true,false,true",
        "incremental,false,false,false",
        "false,false,false,false"
    })
    @Covers(
            row = "snapshot flags",
            forms = {Form.SCHEMA, Form.PLAIN})
    @Covers(
            row = "incremental snapshot",
            forms = {Form.SCHEMA, Form.PLAIN})
    void theSnapshotsFlagSaysWhereItBeginsAndEnds(String flag, boolean snapshot, boolean first, boolean last) {
        String read = envelope("r", "null", ROW).replace("\"snapshot\":\"false\"", "\"snapshot\":\"" + flag + "\"");
        for (String value : List.of(read, wrapped(read, BLOCK))) {
            Decoding decoding = new Decoding();
            assertThat(decoding.outcome(KEY, value)).isEqualTo("CHANGE");
            assertThat(decoding.change.snapshot).isEqualTo(snapshot);
            assertThat(decoding.change.first).isEqualTo(first);
            assertThat(decoding.change.last).isEqualTo(last);
            assertThat(decoding.change.sequenceEvent).isEqualTo(-1);
        }
    }

    @Test
    @Covers(
            row = "null and default",
            forms = {Form.SCHEMA, Form.PLAIN})
    void nullIsNullWhereTheConverterLeavesItAndSoIsTheSnapshotsFlag() {
        String nulls = insert("{\"id\":1,\"v\":null}").replace("\"snapshot\":\"false\"", "\"snapshot\":null");
        String defaulted = field("v", "string").replace("\"optional\":true", "\"optional\":true,\"default\":\"D\"");
        for (String value : List.of(nulls, wrapped(nulls, field("id", "int32"), defaulted))) {
            Decoding decoding = new Decoding();
            assertThat(decoding.outcome(KEY, value)).isEqualTo("CHANGE");
            assertThat(decoding.after()).containsEntry("v", null);
            assertThat(decoding.change.snapshot).isFalse();
            assertThat(decoding.change.sequenceEvent).isEqualTo(20);
        }
    }

    @Test
    @Covers(
            row = "ADD COLUMN DEFAULT",
            forms = {Form.SCHEMA, Form.FLAT})
    void aDefaultIsPartOfTheSchema() {
        String defaulted = field("n", "int32").replace("\"optional\":true", "\"optional\":true,\"default\":7");
        String row = "{\"id\":1,\"n\":null}";
        for (String value : List.of(
                wrapped(insert(row), field("id", "int32"), defaulted),
                wrappedRow(row, field("id", "int32"), defaulted))) {
            Decoding decoding = new Decoding();
            assertThat(decoding.outcome(KEY, value)).isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema().defaultOf(0)).isNull();
            assertThat(Objects.requireNonNull(decoding.change.requireSchema().defaultOf(1))
                            .copy())
                    .containsExactly(7, 0, 0, 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"io.debezium.time.Date,0", "io.debezium.time.MicroTimestamp,0", "string,null", "int32,\"x\""})
    @Covers(row = "ADD COLUMN DEFAULT", forms = Form.SCHEMA, how = How.POLICY)
    void aDefaultThatIsMadeUpOrNoneIsLeftOut(String type, String json) {
        String defaulted = field("n", type).replace("\"optional\":true", "\"optional\":true,\"default\":" + json);
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, wrapped(insert("{\"id\":1,\"n\":null}"), field("id", "int32"), defaulted)))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema().defaultOf(1)).isNull();
    }

    // ---- out of range

    @Test
    @Covers(row = "timestamp", forms = Form.SCHEMA, how = How.POLICY)
    void aColumnThatBecameTextStaysText() {
        Decoding decoding = new Decoding();
        String[] block = {field("id", "int32"), field("at", "io.debezium.time.MicroTimestamp")};
        String[] wider = {field("id", "int32"), field("at", "io.debezium.time.MicroTimestamp"), field("w", "int32")};
        assertThat(decoding.outcome(KEY, wrapped(insert("{\"id\":1,\"at\":0}"), block)))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema()).hasToString("public.t(id int32, at timestamp)");
        assertThat(decoding.outcome(KEY, wrapped(insert("{\"id\":1,\"at\":" + INFINITE + "}"), block)))
                .isEqualTo("CHANGE");
        assertThat(decoding.after()).hasToString("{id=1, at=infinity}");
        assertThat(decoding.outcome(KEY, wrapped(insert("{\"id\":1,\"at\":1000000}"), block)))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema()).hasToString("public.t(id int32, at text)");
        assertThat(decoding.after()).hasToString("{id=1, at=1970-01-01 00:00:01}");
        assertThat(decoding.outcome(KEY, wrapped(insert("{\"id\":1,\"at\":1000000,\"w\":5}"), wider)))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema()).hasToString("public.t(id int32, at text, w int32)");
        assertThat(decoding.decoder.nulled()).isZero();
    }

    @Test
    @Covers(row = "timestamp", forms = Form.SCHEMA, how = How.POLICY)
    void aPolicyOfNullCountsAndOneOfRejectKeepsTheKey() {
        String[] block = {field("id", "int32"), field("at", "io.debezium.time.MicroTimestamp")};
        String value = wrapped(insert("{\"id\":1,\"at\":" + INFINITE + "}"), block);
        Decoding nulls = Decoding.of(settings(OutOfRange.NULL, Map.of()));
        assertThat(nulls.outcome(KEY, value)).isEqualTo("CHANGE");
        assertThat(nulls.after()).hasToString("{id=1, at=null}");
        assertThat(nulls.decoder.nulled()).isEqualTo(1);
        assertThat(nulls.outcome(KEY, wrapped(insert("{\"id\":1,\"at\":0}"), block)))
                .isEqualTo("CHANGE");
        assertThat(nulls.decoder.nulled()).isZero();
        Decoding rejects = Decoding.of(settings(OutOfRange.REJECT, Map.of()));
        assertThat(rejects.outcome(KEY, value))
                .isEqualTo("REJECTED out-of-range: column 'at': cannot hold as timestamp, got 'infinity'");
        assertThat(rejects.change.requireSchema()).hasToString("public.t(id int32, at timestamp)");
        assertThat(rejects.key()).hasToString("{id=1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TEXT", "NULL"})
    @Covers(row = "date infinity", forms = Form.SCHEMA, how = How.POLICY)
    void aKeysColumnIsTextForTheKeyThatNeedsIt(OutOfRange policy) {
        Decoding decoding = Decoding.of(settings(policy, Map.of()));
        String[] block = {field("d", "io.debezium.time.Date"), field("v", "string")};
        String finite = wrapped(insert("{\"d\":1,\"v\":\"x\"}"), block);
        String infinite = wrapped(insert("{\"d\":-2147472692,\"v\":\"x\"}"), block);
        assertThat(decoding.outcome("{\"d\":1}", finite)).isEqualTo("CHANGE");
        byte[] key = decoding.change.key.copy();
        assertThat(decoding.outcome("{\"d\":-2147472692}", infinite)).isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema()).hasToString("public.t(d text, v text)");
        assertThat(decoding.key()).hasToString("{d=infinity}");
        assertThat(decoding.after()).hasToString("{d=infinity, v=x}");
        assertThat(decoding.decoder.nulled()).as("nothing became null").isZero();
        assertThat(decoding.outcome("{\"d\":1}", finite)).isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema()).hasToString("public.t(d date, v text)");
        assertThat(decoding.change.key.copy()).isEqualTo(key);
        assertThat(decoding.outcome(
                        "{\"d\":-2147472692}", wrapped(envelope("d", "{\"d\":-2147472692,\"v\":null}", "null"), block)))
                .isEqualTo("CHANGE");
        assertThat(decoding.key()).hasToString("{d=infinity}");
    }

    @Test
    @Covers(
            row = "date infinity",
            forms = {Form.SCHEMA, Form.PLAIN},
            how = How.POLICY)
    void theOldKeyOfARowMayBeTextToo() {
        String[] block = {field("d", "io.debezium.time.Date"), field("v", "string")};
        Decoding decoding = new Decoding();
        assertThat(decoding.decode(
                        Decoding.TOPIC,
                        bytes("{\"d\":-2147472692}"),
                        bytes(wrapped(insert("{\"d\":-2147472692,\"v\":\"x\"}"), block)),
                        Decoding.header("__debezium.oldkey", "{\"d\":-2147472691}")))
                .isEqualTo(Outcome.CHANGE);
        assertThat(decoding.key()).hasToString("{d=infinity}");
        assertThat(decoding.key(decoding.change.oldKey)).hasToString("{d=-infinity}");
    }

    // ---- privacy

    @Test
    void hiddenColumnsAreDroppedHashedOrMasked() {
        Decoding decoding = new Decoding(
                Map.of(
                        "public.t",
                        settings(
                                OutOfRange.TEXT,
                                Map.of("a", Privacy.DROP, "b", Privacy.HASH, "c", Privacy.MASK, "d", Privacy.MASK))),
                "0123456789abcdef");
        String[] block = {
            field("id", "int32"), field("a", "string"), field("b", "int64"), field("c", "string"), field("d", "string")
        };
        String row = "{\"id\":1,\"a\":\"secret\",\"b\":42,\"c\":\"4111111111111111\",\"d\":\"12345678\"}";
        for (String value : List.of(wrapped(insert(row), block), insert(row), wrapped(insert(row), block))) {
            assertThat(decoding.outcome(KEY, value)).isEqualTo("CHANGE");
            assertThat(decoding.after().keySet()).containsExactly("id", "b", "c", "d");
            assertThat(decoding.after())
                    .containsEntry("b", "8d24a2a526d5f556469db8b6280e3a7b877a41155ca536be3a1f2a9d2be0eacd")
                    .containsEntry("c", "************1111")
                    .containsEntry("d", "********");
        }
    }

    @Test
    void aHashedColumnOfTheKeyIsHashedThereToo() {
        Decoding decoding = new Decoding(
                Map.of("public.t", settings(OutOfRange.TEXT, Map.of("id", Privacy.HASH))), "0123456789abcdef");
        assertThat(decoding.outcome(KEY, wrapped(insert(ROW), BLOCK))).isEqualTo("CHANGE");
        Object hash = decoding.after().get("id");
        assertThat(hash).asString().hasSize(64).isNotEqualTo("1");
        assertThat(decoding.key()).containsEntry("id", hash);
        assertThat(decoding.outcome(KEY, wrapped(envelope("d", ROW, "null"), BLOCK)))
                .isEqualTo("CHANGE");
        assertThat(decoding.key()).containsEntry("id", hash);
        assertThat(decoding.outcome(KEY, insert(ROW))).isEqualTo("CHANGE");
        assertThat(decoding.key()).as("the same without a schema block").containsEntry("id", hash);
    }

    @Test
    void aHiddenColumnMayBeNullUnsentOrInfinite() {
        Decoding decoding = new Decoding(
                Map.of("public.t", settings(OutOfRange.TEXT, Map.of("v", Privacy.MASK, "at", Privacy.MASK))), "");
        String[] block = {field("id", "int32"), field("v", "string"), field("at", "io.debezium.time.MicroTimestamp")};
        assertThat(decoding.outcome(
                        KEY,
                        wrapped(
                                update("{\"id\":1,\"v\":\"__debezium_unavailable_value\",\"at\":" + INFINITE + "}"),
                                block)))
                .isEqualTo("CHANGE");
        assertThat(decoding.after()).containsEntry("v", Decoding.UNSENT).containsEntry("at", "********");
        assertThat(decoding.outcome(KEY, wrapped(insert("{\"id\":1,\"v\":null,\"at\":null}"), block)))
                .isEqualTo("CHANGE");
        assertThat(decoding.after()).hasToString("{id=1, v=null, at=null}");
    }

    @Test
    void aKeysColumnCannotBeDropped() {
        Decoding decoding = Decoding.of(settings(OutOfRange.TEXT, Map.of("id", Privacy.DROP)));
        assertThat(decoding.outcome(KEY, insert(ROW)))
                .isEqualTo("REJECTED key: cannot drop the column 'id': it is of the key");
    }

    // ---- other connectors

    private static String source(String connector, String more) {
        return "\"source\":{\"connector\":\"" + connector + "\",\"ts_ms\":1,\"snapshot\":\"false\"," + more + "}";
    }

    @Test
    @Covers(
            row = "MySQL, MariaDB",
            forms = {Form.SCHEMA, Form.PLAIN})
    void mysqlsDatabaseIsTheSchema() {
        String source = source(
                "mysql",
                "\"db\":\"shop\",\"sequence\":null,\"table\":\"t\",\"server_id\":1,\"gtid\":null,\"file\":\"bin.000003\",\"pos\":484,\"row\":0");
        String value = "{\"before\":null,\"after\":" + ROW + "," + source + ",\"op\":\"c\"}";
        for (String event : List.of(value, wrapped(value, BLOCK))) {
            Decoding decoding = new Decoding();
            assertThat(decoding.outcome(KEY, event)).isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema().table()).hasToString("shop.t");
            assertThat(decoding.after()).hasToString("{id=1, v=x}");
            assertThat(decoding.change.operation).isEqualTo(Operation.CREATE);
        }
    }

    @Test
    @Covers(
            row = "SQL Server",
            forms = {Form.SCHEMA, Form.PLAIN},
            how = How.POLICY)
    void sqlServersSchemaIsTheSchemaAndItsOrderTheArrival() {
        String source = source(
                "sqlserver",
                "\"db\":\"shop\",\"schema\":\"dbo\",\"table\":\"t\",\"change_lsn\":\"00000027:00000758:0003\",\"commit_lsn\":\"00000027:00000758:0005\",\"event_serial_no\":\"2\"");
        String value = "{\"before\":" + ROW + ",\"after\":" + ROW + "," + source + ",\"op\":\"u\"}";
        for (String event : List.of(value, wrapped(value, BLOCK))) {
            Decoding decoding = new Decoding();
            assertThat(decoding.outcome(KEY, event)).isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema().table()).hasToString("dbo.t");
            assertThat(decoding.change.sequenceEvent).isEqualTo(-1);
        }
    }

    @Test
    @Covers(
            row = "Oracle",
            forms = {Form.SCHEMA, Form.PLAIN},
            how = How.POLICY)
    void oraclesSchemaIsTheSchemaAndItsOrderTheArrival() {
        String source = source(
                "oracle",
                "\"db\":\"ORCL\",\"schema\":\"SHOP\",\"table\":\"T\",\"txId\":\"6.28.807\",\"scn\":\"2122185\",\"commit_scn\":\"2122185\"");
        String value = "{\"before\":null,\"after\":" + ROW + "," + source + ",\"op\":\"c\"}";
        for (String event : List.of(value, wrapped(value, BLOCK))) {
            Decoding decoding = new Decoding();
            assertThat(decoding.outcome(KEY, event)).isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema().table()).hasToString("SHOP.T");
            assertThat(decoding.change.transaction.copy()).asString().isEqualTo("6.28.807");
            assertThat(decoding.change.sequenceEvent).isEqualTo(-1);
        }
    }

    @Test
    @Covers(
            row = "MongoDB",
            forms = {Form.SCHEMA, Form.PLAIN},
            how = How.EXACT)
    void mongosDocumentsAreJsonBesideTheirId() {
        String source = source("mongodb", "\"db\":\"shop\",\"collection\":\"t\",\"ord\":1");
        String after = "\"{\\\"_id\\\": 1, \\\"v\\\": \\\"x\\\"}\"";
        String value = "{\"before\":null,\"after\":" + after + "," + source + ",\"op\":\"c\"}";
        for (String each : List.of(value, wrapped(value, field("id", "string")))) {
            Decoding decoding = new Decoding();
            assertThat(decoding.outcome("{\"id\":\"1\"}", each)).isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema()).hasToString("shop.t(id any, document json)");
            assertThat(decoding.after()).hasToString("{id=1, document={\"_id\": 1, \"v\": \"x\"}}");
        }
    }

    @Test
    @Covers(
            row = "MongoDB",
            forms = {Form.PLAIN},
            how = How.EXACT)
    void mongosUpdateMaySayOnlyWhatChanged() {
        String source = source("mongodb", "\"db\":\"shop\",\"collection\":\"t\",\"ord\":1");
        String update = "{\"updatedFields\":\"{\\\"v\\\": 2}\",\"removedFields\":null,\"truncatedArrays\":null}";
        String value =
                "{\"before\":null,\"after\":null,\"updateDescription\":" + update + "," + source + ",\"op\":\"u\"}";
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome("{\"id\":\"1\"}", value)).isEqualTo("CHANGE");
        assertThat(decoding.after()).hasToString("{id=1, document=UNSENT}");
        Slice patch = decoding.change.patch;
        assertThat(new String(patch.copy(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo(update);
    }

    /** As TiCDC and CockroachDB write them: JSON's objects have no order. */
    @Test
    void thePayloadMayComeBeforeTheSchemaOrAlone() {
        String block = wrapped(insert(ROW), BLOCK);
        int payload = block.indexOf(",\"payload\":");
        String schema = block.substring("{\"schema\":".length(), payload);
        Decoding usual = new Decoding();
        assertThat(usual.outcome(KEY, block)).isEqualTo("CHANGE");
        for (String value : List.of(
                "{\"payload\":" + insert(ROW) + ",\"schema\":" + schema + "}",
                "{\"payload\":" + insert(ROW) + ",\"schema\":null}",
                "{\"payload\":" + insert(ROW) + "}")) {
            for (String key : List.of(
                    KEY, "{\"payload\":" + KEY + "}", "{\"payload\":" + KEY + ",\"schema\":{\"type\":\"struct\"}}")) {
                Decoding decoding = new Decoding();
                for (int i = 0; i < 2; i++) {
                    assertThat(decoding.outcome(key, value)).isEqualTo("CHANGE");
                    assertThat(decoding.after().toString())
                            .isEqualTo(usual.after().toString());
                    assertThat(decoding.key()).hasToString(usual.key().toString());
                }
            }
        }
        assertThat(new Decoding().outcome(KEY, "{\"payload\":" + insert(ROW) + "} x"))
                .startsWith("REJECTED not-json");
        Decoding row = new Decoding();
        assertThat(row.outcome(KEY, "{\"payload\":{\"op\":\"c\"}}"))
                .as("a column of JSON")
                .isEqualTo("CHANGE");
        assertThat(row.after()).containsEntry("payload", "{\"op\":\"c\"}");
    }

    /** Connectors have forms of their own, which are no numbers of PostgreSQL's. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ["10","20"]             | 10 | 20
            [null,"20"]             | 0  | 20
            ["10", "20"]            | 10 | 20
            ["10",null]             | 0  | -1
            [null,null]             | 0  | -1
            ["10","20","30"]        | 0  | -1
            ["10"]                  | 0  | -1
            ["1:1::0:3","1:1::0:4"] | 0  | -1
            [null,"1:1::0:4"]       | 0  | -1
            00000027:000003f0:0003  | 0  | -1
            7                       | 0  | -1
            {"lsn":"10","end":"20"} | 0  | -1
            ["10","99999999999999999999"] | 0 | -1
            MySQL-bin.000003:484    | 0  | -1
            """)
    @Covers(
            row = "another connector's sequence",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void aSequenceOfAnotherFormIsNoPosition(String sequence, long commit, long event) {
        String quoted = sequence.replace("\"", "\\\"");
        Decoding decoding = new Decoding();
        for (int i = 0; i < 2; i++) {
            String value = "{\"before\":null,\"after\":{\"id\":1},\"source\":{\"ts_ms\":1,\"sequence\":\"" + quoted
                    + "\",\"schema\":\"public\",\"table\":\"t\"},\"op\":\"c\"}";
            assertThat(decoding.outcome(KEY, value)).isEqualTo("CHANGE");
            assertThat(decoding.change.sequenceEvent).isEqualTo(event);
            if (event >= 0) {
                assertThat(decoding.change.sequenceCommit).isEqualTo(commit);
            }
            String row = "{\"id\":1,\"__source_sequence\":\"" + quoted + "\",\"__op\":\"c\"}";
            Decoding flat = new Decoding();
            assertThat(flat.outcome(KEY, row)).isEqualTo("CHANGE");
            assertThat(flat.change.sequenceEvent).isEqualTo(event);
        }
    }
}
