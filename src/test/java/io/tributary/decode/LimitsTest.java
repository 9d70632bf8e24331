package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.change.Secret;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import org.junit.jupiter.api.Test;

/** Records that ask for more than there is become dead letters, and those beside them rows. */
@Pure
class LimitsTest {
    private final Decoder decoder = new Decoder(new DecodeSettings(
            new HashMap<>(), DecodeSettings.UNAVAILABLE, Secret.NONE, new Limits(3, 6, 5, 2, 20, 300), false));
    private final Event change = new Event();
    private long offset;

    private String outcome(String key, String table, String columns) {
        byte[] value = ("{\"before\":null,\"after\":{\"id\":1" + columns
                        + "},\"source\":{\"ts_ms\":1,\"schema\":\"s\",\"table\":\"" + table + "\"},\"op\":\"c\"}")
                .getBytes(StandardCharsets.UTF_8);
        RawRecord record =
                new RawRecord().set("cdc.s." + table, 0, ++offset, 1, key.getBytes(StandardCharsets.UTF_8), value);
        return decoder.decode(record, change) == Outcome.CHANGE
                ? "change"
                : decoder.reason().label() + ": " + decoder.detail();
    }

    private String row(String table, String columns) {
        return outcome("{\"id\":1}", table, columns);
    }

    @Test
    void ofKeysAndValues() {
        assertThat(outcome("{\"id\":\"12345678901234567890\"}", "t", ""))
                .isEqualTo("limit: cannot take a key of 29 bytes: 'limits.key-bytes' is 20");
        assertThat(change.key.isPresent()).as("nothing of it is kept").isFalse();
        assertThat(row("t", ",\"a\":\"" + "x".repeat(300) + "\""))
                .startsWith("limit: cannot take a value of ")
                .endsWith("'limits.record-bytes' is 300");
        assertThat(row("t", "")).isEqualTo("change");
    }

    @Test
    void ofTables() {
        for (String table : new String[] {"a", "b", "c"}) {
            assertThat(row(table, "")).isEqualTo("change");
        }
        assertThat(row("d", "")).isEqualTo("limit: cannot take another table: 'limits.tables' is 3");
        assertThat(row("a", "")).isEqualTo("change");
    }

    @Test
    void ofSchemasAndColumns() {
        assertThat(row("t", "")).isEqualTo("change");
        decoder.checkpoint();
        assertThat(row("t", ",\"a\":1")).isEqualTo("change");
        assertThat(row("t", ",\"b\":1")).isEqualTo("change");
        assertThat(row("t", ",\"c\":1"))
                .isEqualTo(
                        "limit: cannot take another schema of s.t before the next checkpoint: 'limits.new-schemas' is 2");
        assertThat(row("u", ",\"c\":1")).isEqualTo("change");
        decoder.checkpoint();
        assertThat(row("t", ",\"c\":1")).isEqualTo("change");
        assertThat(row("t", ",\"d\":1")).isEqualTo("change");
        decoder.checkpoint();
        assertThat(row("t", ",\"e\":1")).isEqualTo("limit: cannot take another schema of s.t: 'limits.schemas' is 5");
        assertThat(row("t", ",\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"x\":1,\"y\":1"))
                .startsWith("limit: cannot take a table of more columns");
    }
}
