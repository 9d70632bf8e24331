package io.tributary.decode;

import static io.tributary.decode.Decoding.envelope;
import static io.tributary.decode.Decoding.field;
import static io.tributary.decode.Decoding.insert;
import static io.tributary.decode.Decoding.update;
import static io.tributary.decode.Decoding.wrapped;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Pure;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@Pure
final class DecoderKeyTest {
    private static final TableSettings BY_ID = Decoding.settings(List.of("id"), Map.of(), 8);

    @Test
    void theKeyIsTheRecords() {
        Decoding decoding = Decoding.of(Decoding.settings(List.of("v"), Map.of(), 8));
        assertThat(decoding.outcome("{\"id\":1}", insert("{\"id\":1,\"v\":\"x\"}")))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema().key()).containsExactly(0);
        assertThat(decoding.key()).hasToString("{id=1}");
    }

    @Test
    void theKeyMayStandBehindASchemaBlockOfItsOwn() {
        Decoding decoding = new Decoding();
        String value = wrapped(insert("{\"id\":1}"), field("id", "int32"));
        String key =
                "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"field\":\"id\"}]},\"payload\":{\"id\":1}}";
        for (int i = 0; i < 2; i++) {
            assertThat(decoding.outcome(key, value)).isEqualTo("CHANGE");
            assertThat(decoding.key()).hasToString("{id=1}");
        }
        assertThat(decoding.outcome("{\"id\":1}", value)).isEqualTo("CHANGE");
        assertThat(decoding.key()).hasToString("{id=1}");
    }

    @Test
    void aCompositeKeyIsInTheKeysOrder() {
        Decoding decoding = new Decoding();
        for (int i = 0; i < 2; i++) {
            assertThat(decoding.outcome(
                            "{\"region\":\"eu\",\"no\":7}", insert("{\"no\":7,\"v\":\"x\",\"region\":\"eu\"}")))
                    .isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema().key()).containsExactly(2, 0);
            assertThat(decoding.key()).hasToString("{region=eu, no=7}");
        }
    }

    @Test
    void withoutARecordsKeyThePipelineFilesColumnsAreTheKey() {
        Decoding decoding = Decoding.of(BY_ID);
        for (String key : new String[] {null, "null", "{\"schema\":null,\"payload\":null}"}) {
            assertThat(decoding.outcome(key, insert("{\"v\":\"x\",\"id\":1}"))).isEqualTo("CHANGE");
            assertThat(decoding.change.requireSchema().key()).containsExactly(1);
            assertThat(decoding.key()).hasToString("{id=1}");
        }
    }

    @Test
    void aDeleteTakesThePipelineFilesKeyFromItsImageBefore() {
        Decoding decoding = Decoding.of(BY_ID);
        assertThat(decoding.outcome(null, envelope("d", "{\"id\":9,\"v\":\"x\"}", "null")))
                .isEqualTo("CHANGE");
        assertThat(decoding.key()).hasToString("{id=9}");
        assertThat(decoding.before()).hasToString("{id=9, v=x}");
    }

    @Test
    void aDeleteWithNeitherKeyNorImageIsRejected() {
        assertThat(Decoding.of(BY_ID).outcome(null, envelope("d", "null", "null")))
                .isEqualTo("REJECTED key: cannot tell the row of a delete without key and 'before'");
    }

    @Test
    void aDeleteMayHaveOnlyItsKey() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome("{\"id\":4}", envelope("d", "null", "null")))
                .isEqualTo("CHANGE");
        assertThat(decoding.key()).hasToString("{id=4}");
        assertThat(decoding.change.before.isPresent()).isFalse();
    }

    @Test
    void aRecordsKeyAndThePipelineFilesAreTheSameBytes() {
        Decoding fromRecord = new Decoding(Map.of());
        Decoding fromFile = Decoding.of(BY_ID);
        String value = insert("{\"v\":\"x\",\"id\":\"ä\\n\"}");
        assertThat(fromRecord.outcome("{\"id\":\"\\u00e4\\n\"}", value)).isEqualTo("CHANGE");
        assertThat(fromFile.outcome(null, value)).isEqualTo("CHANGE");
        assertThat(fromRecord.change.key.copy()).isEqualTo(fromFile.change.key.copy());
        assertThat(fromRecord.change.schemaId).isEqualTo(fromFile.change.schemaId);
    }

    @Test
    @Covers(row = "keyless table", forms = Covers.Form.PLAIN)
    void aTableWithoutAKeyHasItsImagesBeforeAndAfter() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome(null, envelope("u", "{\"v\":\"x\"}", "{\"v\":\"y\"}")))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.requireSchema().hasKey()).isFalse();
        assertThat(decoding.change.key.isPresent()).isFalse();
        assertThat(decoding.before()).hasToString("{v=x}");
        assertThat(decoding.after()).hasToString("{v=y}");
    }

    @Test
    void anUpdatesImageBeforeIsLeftOutWhereThereIsAKey() {
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome("{\"id\":1}", envelope("u", "{\"id\":1,\"v\":\"\"}", "{\"id\":1,\"v\":\"y\"}")))
                .isEqualTo("CHANGE");
        assertThat(decoding.change.before.isPresent()).isFalse();
    }

    @Test
    @Covers(row = "router", forms = Covers.Form.PLAIN)
    void theRoutersColumnTellsRowsOfShardsApart() {
        Decoding decoding = new Decoding();
        String value = wrapped(insert("{\"id\":1,\"v\":\"x\"}"), field("id", "int32"), field("v", "string"));
        for (int i = 0; i < 2; i++) {
            for (String shard : new String[] {"s1.public.t", "s2.public.t"}) {
                assertThat(decoding.outcome("{\"id\":1,\"__dbz__physicalTableIdentifier\":\"" + shard + "\"}", value))
                        .isEqualTo("CHANGE");
                assertThat(decoding.after()).hasToString("{id=1, v=x, __dbz__physicalTableIdentifier=" + shard + "}");
                assertThat(decoding.key()).hasToString("{id=1, __dbz__physicalTableIdentifier=" + shard + "}");
            }
        }
    }

    @Test
    @Covers(row = "key beside the row")
    void aKeysColumnThatTheRowDoesNotHaveIsTakenFromTheKey() {
        Decoding decoding = new Decoding();
        for (int i = 0; i < 2; i++) {
            assertThat(decoding.outcome("{\"other\":7}", wrapped(insert("{\"id\":1}"), field("id", "int32"))))
                    .isEqualTo("CHANGE");
            assertThat(decoding.after()).hasToString("{id=1, other=7}");
            assertThat(decoding.key()).hasToString("{other=7}");
        }
    }

    @Test
    @Covers(row = "primary key altered", forms = Covers.Form.PLAIN)
    void anotherKeyIsAnotherSchema() {
        Decoding decoding = new Decoding();
        String value = update("{\"id\":3,\"g\":42}");
        assertThat(decoding.outcome("{\"id\":3}", value)).isEqualTo("CHANGE");
        long id = decoding.change.schemaId;
        assertThat(decoding.outcome("{\"id\":3,\"g\":42}", value)).isEqualTo("CHANGE");
        assertThat(decoding.key()).hasToString("{id=3, g=42}");
        assertThat(decoding.change.schemaId).isNotEqualTo(id);
        assertThat(decoding.outcome("{\"id\":3}", value)).isEqualTo("CHANGE");
        assertThat(decoding.change.schemaId).isEqualTo(id);
    }

    @Test
    void keyColumnsWithEscapedNamesAreFound() {
        Decoding decoding = new Decoding();
        String value = insert("{\"a\\\"b\":1,\"ü\":2}");
        for (int i = 0; i < 2; i++) {
            assertThat(decoding.outcome("{\"a\\\"b\":1,\"\\u00fc\":2}", value)).isEqualTo("CHANGE");
            assertThat(decoding.key()).hasToString("{a\"b=1, ü=2}");
        }
    }

    @Test
    void theKeysValueIsCheckedAgainstItsColumn() {
        assertThat(new Decoding().outcome("{\"id\":\"x\"}", wrapped(insert("{\"id\":1}"), field("id", "int32"))))
                .isEqualTo("REJECTED value: column 'id': cannot hold as int32, got '\"x\"'");
    }

    /** A row has nothing of the key of the record before it. */
    @Test
    void aRecordWithoutAKeyHasNoneOfTheOneBefore() {
        for (String value : new String[] {
            insert("{\"v\":\"x\"}"), wrapped(insert("{\"v\":\"x\"}"), field("v", "string")), "{\"v\":\"x\"}"
        }) {
            Decoding decoding = new Decoding();
            assertThat(decoding.outcome("{\"id\":1}", value)).isEqualTo("CHANGE");
            assertThat(decoding.after()).containsEntry("id", "1");
            assertThat(decoding.outcome(null, value)).isEqualTo("CHANGE");
            assertThat(decoding.after()).containsEntry("id", null);
            assertThat(decoding.change.key.isPresent()).isFalse();
        }
    }

    /** The key's columns may be called like a schema block's parts. */
    @Test
    void aKeyMayHaveColumnsThatAreCalledLikeASchemaBlock() {
        String value = insert("{\"schema\":{\"a\":1},\"payload\":2,\"v\":\"x\"}");
        Decoding decoding = new Decoding();
        assertThat(decoding.outcome("{\"schema\":{\"a\":1},\"other\":2}", value))
                .startsWith("CHANGE");
        assertThat(decoding.key().keySet()).containsExactly("schema", "other");
        decoding = new Decoding();
        assertThat(decoding.outcome("{\"payload\":2}", value)).isEqualTo("CHANGE");
        assertThat(decoding.key()).hasToString("{payload=2}");
        decoding = new Decoding();
        assertThat(decoding.outcome("{\"schema\":3,\"payload\":2}", insert("{\"schema\":3,\"payload\":2}")))
                .isEqualTo("CHANGE");
        assertThat(decoding.key()).hasToString("{schema=3, payload=2}");
    }

    /** Names that JSON may write in two ways are one name. */
    @Test
    void aKeysNamesAreFoundInEverySpelling() {
        Decoding decoding = new Decoding();
        for (String name : new String[] {"i", "\\u0069", "i"}) {
            for (String other : new String[] {"d\\\"", "d\\u0022", "\\u0064\\\""}) {
                String key = "{ \"" + name + "\" : 1,\"" + other + "\": 2 }";
                assertThat(decoding.outcome(key, insert("{\"i\":1,\"d\\\"\":2,\"v\":3}")))
                        .isEqualTo("CHANGE");
                assertThat(decoding.key()).hasToString("{i=1, d\"=2}");
            }
        }
        assertThat(decoding.change.requireSchema().columns()).hasSize(3);
    }

    /** A router's column is none of the key of a table that an earlier version has read; wherever it stands. */
    @Test
    void whatIsNotOfTheKeyIsPassedOver() {
        Decoding decoding = new Decoding();
        decoding.decoder.recall("envelope " + Decoding.TOPIC);
        String value = insert("{\"id\":1,\"n\":2,\"v\":\"x\"}");
        for (String key : new String[] {
            "{\"id\":1,\"n\":2}",
            "{\"__dbz__physicalTableIdentifier\":{\"a\":[1]},\"id\":1,\"n\":2}",
            "{\"id\":1,\"__dbz__physicalTableIdentifier\":\"a\",\"n\":2}",
            "{\"id\":1,\"n\":2,\"__dbz__physicalTableIdentifier\":\"a\"}"
        }) {
            assertThat(decoding.outcome(key, value)).isEqualTo("CHANGE");
            assertThat(decoding.key()).hasToString("{id=1, n=2}");
        }
    }
}
