package io.tributary.decode;

import static io.tributary.decode.Decoding.field;
import static io.tributary.decode.Decoding.insert;
import static io.tributary.decode.Decoding.wrapped;
import static io.tributary.decode.Decoding.wrappedRow;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Covers.Form;
import io.tributary.Covers.How;
import io.tributary.Pure;
import io.tributary.change.Operation;
import io.tributary.change.TableName;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that ExtractNewRecordState took out of their envelope. */
@Pure
final class FlatRowTest {
    private static final String KEY = "{\"id\":1}";
    private static final String ROW = "{\"id\":1,\"v\":\"x\"}";
    private static final String[] BLOCK = {field("id", "int32"), field("v", "string")};

    private static String with(String metadata) {
        return ROW.substring(0, ROW.length() - 1) + "," + metadata + "}";
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers(row = "unwrapped rows", forms = Form.FLAT)
    void aRowAloneIsACreateOfTheTopicsTable(boolean wrapped) {
        Decoding decoding = new Decoding();
        for (int i = 0; i < 2; i++) {
            assertThat(decoding.outcome(KEY, wrapped ? wrappedRow(ROW, BLOCK) : ROW))
                    .isEqualTo("CHANGE");
            assertThat(decoding.change.operation).isEqualTo(Operation.CREATE);
            assertThat(decoding.change.requireSchema().table()).isEqualTo(new TableName("public", "t"));
            assertThat(decoding.after()).hasToString("{id=1, v=x}");
            assertThat(decoding.key()).hasToString("{id=1}");
            assertThat(decoding.decoder.memory()).containsExactly("flat " + Decoding.TOPIC, "router " + Decoding.TOPIC);
        }
    }

    @ParameterizedTest
    @CsvSource({"cdc.public.t,public.t", "t,kafka.t", "public.t,public.t", "a.b.c.d,c.d"})
    @Covers(row = "unwrapped rows", forms = Form.FLAT, how = How.POLICY)
    @Covers(row = "names", forms = Form.FLAT, how = How.POLICY)
    void theTableIsTheTopicsLastTwoParts(String topic, String table) {
        Decoding decoding = new Decoding();
        assertThat(decoding.decode(topic, Decoding.bytes(KEY), java.util.Objects.requireNonNull(Decoding.bytes(ROW))))
                .isEqualTo(Outcome.CHANGE);
        assertThat(decoding.change.requireSchema().table()).hasToString(table);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers(row = "unwrapped rows", forms = Form.FLAT)
    @Covers(row = "names", forms = Form.FLAT)
    @Covers(row = "transactions", forms = Form.FLAT)
    void theTransformsFieldsAreReadAndAreNoColumns(boolean wrapped) {
        String metadata =
                "\"__op\":\"u\",\"__table\":\"o\",\"__schema\":\"s\",\"__source_ts_ms\":1700000000100,\"__ts_ms\":7,"
                        + "\"__source_sequence\":\"[\\\"10\\\",\\\"20\\\"]\",\"__source_txId\":9,\"__source_snapshot\":\"false\",\"__deleted\":\"false\"";
        String row = with(metadata);
        Decoding decoding = new Decoding();
        for (int i = 0; i < 2; i++) {
            String value = wrapped
                    ? wrappedRow(
                            row,
                            field("id", "int32"),
                            field("v", "string"),
                            field("__op", "string"),
                            field("__table", "string"),
                            field("__deleted", "string"))
                    : row;
            assertThat(decoding.outcome(KEY, value)).isEqualTo("CHANGE");
            assertThat(decoding.change.operation).isEqualTo(Operation.UPDATE);
            assertThat(decoding.change.requireSchema().table()).isEqualTo(new TableName("s", "o"));
            assertThat(decoding.after()).hasToString("{id=1, v=x}");
            assertThat(decoding.change.sourceMillis).isEqualTo(1_700_000_000_100L);
            assertThat(decoding.change.sequenceCommit).isEqualTo(10);
            assertThat(decoding.change.sequenceEvent).isEqualTo(20);
            assertThat(decoding.change.transaction.copy()).asString().isEqualTo("9");
            assertThat(decoding.decoder.label()).isEqualTo("s.o");
        }
    }

    @Test
    @Covers(row = "unwrapped rows", forms = Form.FLAT)
    void aDeletedRowIsADelete() {
        Decoding decoding = new Decoding();
        for (String mark : List.of("\"__deleted\":\"true\"", "\"__deleted\":true", "\"__op\":\"d\"")) {
            assertThat(decoding.outcome(KEY, with(mark))).isEqualTo("CHANGE");
            assertThat(decoding.change.operation).isEqualTo(Operation.DELETE);
            assertThat(decoding.change.after.isPresent()).isFalse();
            assertThat(decoding.before()).hasToString("{id=1, v=x}");
            assertThat(decoding.key()).hasToString("{id=1}");
            assertThat(decoding.change.tombstone).isFalse();
        }
    }

    @Test
    @Covers(row = "unwrapped rows", forms = Form.FLAT, how = How.REFUSED)
    @Covers(row = "truncate", forms = Form.FLAT, how = How.REFUSED)
    void aTruncateWithoutAnEnvelopeIsRefused() {
        assertThat(new Decoding().outcome(null, "{\"__op\":\"t\"}"))
                .isEqualTo("REJECTED operation: cannot use a truncate without an envelope");
        assertThat(new Decoding().outcome(KEY, with("\"__op\":\"z\"")))
                .isEqualTo("REJECTED operation: cannot use the operation 'z': it is none of c r u d t m");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers(row = "tombstone", forms = Form.FLAT)
    void aTombstoneIsTheDeleteOfARowAlone(boolean wrapped) {
        Decoding decoding = new Decoding();
        String key = wrapped
                ? "{\"schema\":{\"type\":\"struct\",\"fields\":[" + field("id", "int32") + "]},\"payload\":{\"id\":1}}"
                : KEY;
        assertThat(decoding.outcome(key, null)).isEqualTo("IGNORED tombstone");
        assertThat(decoding.outcome(key, wrapped ? wrappedRow(ROW, BLOCK) : ROW))
                .isEqualTo("CHANGE");
        long schema = decoding.change.schemaId;
        assertThat(decoding.outcome(key, null)).isEqualTo("CHANGE");
        assertThat(decoding.change.operation).isEqualTo(Operation.DELETE);
        assertThat(decoding.change.tombstone).isTrue();
        assertThat(decoding.change.schemaId).isEqualTo(schema);
        assertThat(decoding.key()).hasToString("{id=1}");
        assertThat(decoding.change.before.isPresent()).isFalse();
        assertThat(decoding.outcome(null, null)).isEqualTo("IGNORED tombstone");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers(row = "tombstone", forms = Form.FLAT)
    void aTombstoneAfterARestartIsStillADelete(boolean wrapped) {
        Decoding decoding = new Decoding();
        decoding.decoder.recall("flat " + Decoding.TOPIC);
        String key = wrapped
                ? "{\"schema\":{\"type\":\"struct\",\"fields\":[" + field("id", "int32") + "]},\"payload\":{\"id\":1}}"
                : KEY;
        assertThat(decoding.outcome(key, null)).isEqualTo("CHANGE");
        assertThat(decoding.change.operation).isEqualTo(Operation.DELETE);
        assertThat(decoding.change.requireSchema().table()).isEqualTo(new TableName("public", "t"));
        assertThat(decoding.key()).hasToString("{id=1}");
        // the key is the same bytes as that of the row that comes later
        byte[] bytes = decoding.change.key.copy();
        assertThat(decoding.outcome(key, wrapped ? wrappedRow(ROW, BLOCK) : ROW))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.key.copy()).isEqualTo(bytes);
    }

    @Test
    @Covers(
            row = "tombstone",
            forms = {Form.SCHEMA, Form.PLAIN})
    void aTombstoneAfterAnEnvelopeSaysNothing() {
        Decoding decoding = new Decoding();
        decoding.decoder.recall("envelope " + Decoding.TOPIC);
        assertThat(decoding.outcome(KEY, null)).isEqualTo("IGNORED tombstone");
        assertThat(decoding.decoder.memory()).containsExactly("envelope " + Decoding.TOPIC);
        assertThat(decoding.outcome(KEY, insert(ROW))).isEqualTo("CHANGE");
        assertThat(decoding.outcome(KEY, null)).isEqualTo("IGNORED tombstone");
        assertThat(decoding.outcome(KEY, wrapped(insert(ROW), BLOCK))).isEqualTo("CHANGE");
        assertThat(decoding.outcome(KEY, null)).isEqualTo("IGNORED tombstone");
    }

    @Test
    @Covers(row = "tombstone", forms = Form.FLAT)
    void aTombstoneOfAKeyThatOnlyTextHoldsIsADelete() {
        Decoding decoding = new Decoding();
        String[] block = {field("at", "io.debezium.time.MicroTimestamp"), field("v", "string")};
        String infinite = "{\"at\":9223372036825200000}";
        assertThat(decoding.outcome("{\"at\":1}", wrappedRow("{\"at\":1,\"v\":\"x\"}", block)))
                .isEqualTo("CHANGE");
        assertThat(decoding.outcome(infinite, wrappedRow("{\"at\":9223372036825200000,\"v\":\"x\"}", block)))
                .isEqualTo("CHANGE");
        byte[] key = decoding.change.key.copy();
        assertThat(decoding.outcome("{\"at\":1}", null)).isEqualTo("CHANGE");
        assertThat(decoding.key()).hasToString("{at=1}");
        assertThat(decoding.change.requireSchema()).hasToString("public.t(at timestamp, v text)");
        assertThat(decoding.outcome(infinite, null)).isEqualTo("CHANGE");
        assertThat(decoding.change.key.copy()).isEqualTo(key);
        assertThat(decoding.change.operation).isEqualTo(Operation.DELETE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Covers(row = "schemas on or off")
    void columnsMayBeNamedLikeTheEnvelopesFields(boolean wrapped) {
        String row =
                "{\"id\":1,\"schema\":\"s\",\"payload\":\"p\",\"op\":\"d\",\"before\":\"b\",\"after\":\"a\",\"source\":\"o\"}";
        String[] block = {
            field("id", "int32"),
            field("schema", "string"),
            field("payload", "string"),
            field("op", "string"),
            field("before", "string"),
            field("after", "string"),
            field("source", "string")
        };
        String held = "{id=1, schema=s, payload=p, op=d, before=b, after=a, source=o}";
        Decoding inEnvelope = new Decoding();
        assertThat(inEnvelope.outcome(KEY, wrapped ? wrapped(insert(row), block) : insert(row)))
                .isEqualTo("CHANGE");
        assertThat(inEnvelope.after()).hasToString(held);
        Decoding alone = new Decoding();
        assertThat(alone.outcome(KEY, wrapped ? wrappedRow(row, block) : row)).isEqualTo("CHANGE");
        assertThat(alone.after()).hasToString(held);
    }

    @Test
    @Covers(row = "schemas on or off", forms = Form.PLAIN)
    void aColumnOfAnEnvelopeMayBeNamedDeleted() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, insert("{\"id\":1,\"__deleted\":\"true\",\"__op\":\"d\"}")))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.operation).isEqualTo(Operation.CREATE);
        assertThat(decoding.after()).hasToString("{id=1, __deleted=true, __op=d}");
    }

    @Test
    @Covers(row = "schemas on or off")
    void aRowAloneOnATopicOfEnvelopesIsKnownByItsBlockOnly() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, insert(ROW))).isEqualTo("CHANGE");
        assertThat(decoding.outcome(KEY, ROW)).isEqualTo("REJECTED not-an-envelope: cannot find the envelope's 'op'");
        assertThat(decoding.outcome(KEY, wrappedRow(ROW, BLOCK))).isEqualTo("CHANGE");
        assertThat(decoding.outcome(KEY, wrapped("{\"before\":null,\"after\":{\"id\":1}}", BLOCK)))
                .isEqualTo("REJECTED not-an-envelope: cannot find the envelope's 'op'");
    }

    @Test
    @Covers(row = "unwrapped rows", forms = Form.FLAT)
    void aTableWithoutKeyTakesThePipelineFiles() {
        Decoding decoding = new Decoding(Map.of("public.t", Decoding.settings(List.of("id"), Map.of(), 1)));
        assertThat(decoding.outcome(null, ROW)).isEqualTo("CHANGE");
        assertThat(decoding.key()).hasToString("{id=1}");
    }

    @Test
    @Covers(row = "snapshot flags", forms = Form.FLAT)
    void theSnapshotsFlagMayStandBesideTheColumns() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(KEY, with("\"__op\":\"r\",\"__source_snapshot\":\"last\",\"__lsn\":20")))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.operation).isEqualTo(Operation.READ);
        assertThat(decoding.change.snapshot).isTrue();
        assertThat(decoding.change.last).isTrue();
        assertThat(decoding.change.sequenceEvent).isEqualTo(-1);
    }
}
