package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Doors;
import io.tributary.Pure;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A source database that nothing of ours knows of is wired by its provider alone: its positions are of another shape. */
@Pure
class SourceDialectTest {
    private Decoding decoding = Doors.with("doors-source", Decoding::new);

    private String event(String connector, String epoch, int tick) {
        return decoding.outcome(
                "{\"id\":1}",
                ("{\"after\":{\"id\":1},\"source\":{\"connector\":\"%s\",\"schema\":\"public\",\"table\":\"t\","
                                + "\"epoch\":\"%s\",\"tick\":%d},\"op\":\"u\"}")
                        .formatted(connector, epoch, tick));
    }

    @Test
    void itsEventsHaveNumbersThatRise() {
        assertThat(event("epochs", "spring", 7)).isEqualTo("CHANGE");
        long first = decoding.change.sequenceEvent;
        assertThat(event("epochs", "autumn", 3)).isEqualTo("CHANGE");

        assertThat(decoding.change.sequenceEvent).isGreaterThan(first);
        assertThat(decoding.change.appends).isTrue();
    }

    @Test
    void whatIsDeliveredAgainIsKnownAlsoAfterARestart() throws IOException {
        event("epochs", "spring", 7);
        Decoding restarted = Doors.with("doors-source", Decoding::new);
        for (byte[] order : decoding.decoder.orders(0, 1)) {
            restarted.decoder.recallOrder(order);
        }
        decoding = restarted;

        assertThat(event("epochs", "spring", 7)).isEqualTo("REPEATED");
        assertThat(event("epochs", "spring", 8)).isEqualTo("CHANGE");
    }

    @Test
    void othersFieldsOfThoseNamesAreTheirOwn() {
        assertThat(event("another", "spring", 7)).isEqualTo("CHANGE");
        assertThat(decoding.change.sequenceEvent).isEqualTo(-1);
        assertThat(event("another", "spring", 7)).isEqualTo("CHANGE");
    }

    /** It may be the first under a new schema, which the changelog learns of it. */
    @Test
    void aRejectedEventIsOfItsDialectToo() {
        String event =
                "{\"after\":{\"id\":1,\"n\":\"x\"},\"source\":{\"connector\":\"postgresql\",\"schema\":\"public\",\"table\":\"t\","
                        + "\"sequence\":\"[\\\"10\\\",\\\"20\\\"]\"},\"op\":\"c\"}";
        Decoding typed = Decoding.of(Decoding.settings(List.of("id"), Map.of("n", "int64"), 1));

        assertThat(typed.outcome("{\"id\":1}", event)).startsWith("REJECTED value");
        assertThat(typed.change.sequenceEvent).isEqualTo(20);
        assertThat(typed.change.appends).isTrue();
    }
}
