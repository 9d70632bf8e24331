package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.change.RowReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The placeholder of an unchanged value, in the create half of a changed key and in a create of a user's own text. */
@Pure
class ChangedKeyTest {
    private static final String CREATE = """
            {"before":null,"after":{"id":2,"v":"__debezium_unavailable_value"},"source":{"schema":"s","table":"t","ts_ms":1},"op":"c"}""";

    private static boolean hasUnsent(RawRecord.Headers headers) {
        Event change = new Event();
        RawRecord record = new RawRecord();
        record.set(
                "cdc.s.t",
                0,
                0,
                0,
                "{\"id\":2}".getBytes(StandardCharsets.UTF_8),
                CREATE.getBytes(StandardCharsets.UTF_8));
        record.headers = headers;
        assertThat(new Decoder(DecodeSettings.NONE).decode(record, change)).isEqualTo(Outcome.CHANGE);
        RowReader reader = new RowReader();
        reader.open(change.requireSchema(), change.after.bytes(), change.after.offset());
        return reader.hasUnsent();
    }

    @Test
    @Covers(row = "key change", forms = Covers.Form.PLAIN)
    void createOfAChangedKeyMayLeaveValuesOut() {
        assertThat(
                        hasUnsent(List.of(new RawRecord.Header(
                                "__debezium.oldkey", "{\"id\":1}".getBytes(StandardCharsets.UTF_8)))::iterator))
                .isTrue();
    }

    @Test
    void createOfANewRowMayHoldThePlaceholdersText() {
        assertThat(hasUnsent(RawRecord.Headers.NONE)).isFalse();
    }
}
