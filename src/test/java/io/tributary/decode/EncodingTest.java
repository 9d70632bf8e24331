package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Doors;
import io.tributary.Pure;
import io.tributary.change.Operation;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An encoding that nothing of ours knows of is wired by its provider alone, and its tables are those that JSON has. */
@Pure
class EncodingTest {
    private final Decoding decoding = Doors.with("doors-encoding", Decoding::new);

    @Test
    void aRowHasItsTableAndValues() {
        assertThat(decoding.outcome("|id=1", "|c|public|t|id=1|name=x")).isEqualTo("CHANGE");

        assertThat(decoding.change.operation).isEqualTo(Operation.CREATE);
        assertThat(decoding.change.requireSchema().table()).hasToString("public.t");
        assertThat(decoding.key()).isEqualTo(Map.of("id", "1"));
        assertThat(decoding.after()).isEqualTo(Map.of("id", "1", "name", "x"));
    }

    @Test
    void aDeleteHasItsRowBefore() {
        assertThat(decoding.outcome("|id=1", "|d|public|t|id=1|name=x")).isEqualTo("CHANGE");

        assertThat(decoding.change.operation).isEqualTo(Operation.DELETE);
        assertThat(decoding.before()).isEqualTo(Map.of("id", "1", "name", "x"));
    }

    @Test
    void keysAndValuesAreReadEachForItself() {
        String json = "{\"before\":null,\"after\":{\"id\":1,\"name\":\"x\"},"
                + "\"source\":{\"schema\":\"public\",\"table\":\"t\"},\"op\":\"c\"}";
        assertThat(decoding.outcome("|id=1", json)).isEqualTo("CHANGE");
        assertThat(decoding.key()).isEqualTo(Map.of("id", "1"));
        long schema = decoding.change.schemaId;

        assertThat(decoding.outcome("{\"id\":2}", "|u|public|t|id=2|name=y")).isEqualTo("CHANGE");
        assertThat(decoding.key()).isEqualTo(Map.of("id", "2"));
        assertThat(decoding.after()).isEqualTo(Map.of("id", "2", "name", "y"));
        assertThat(decoding.change.schemaId).as("the table is one").isEqualTo(schema);
    }

    @Test
    void whatIsWrongInItIsRejected() {
        assertThat(decoding.outcome("|id=1", "|z|public|t|id=1")).startsWith("REJECTED operation");
        assertThat(decoding.outcome("|id=1", "|c|public||id=1")).startsWith("REJECTED not-an-envelope");
        assertThat(decoding.outcome("|", "|c|public|t|id=1")).startsWith("REJECTED key");
    }

    @Test
    void withoutItsProviderItIsNoJson() {
        Decoding other = new Decoding();
        assertThat(other.decode(Decoding.TOPIC, null, "|c|public|t|id=1".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(Outcome.REJECTED);
        assertThat(other.decoder.reason()).isEqualTo(Reason.NOT_JSON);
    }
}
