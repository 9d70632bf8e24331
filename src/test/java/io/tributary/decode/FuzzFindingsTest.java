package io.tributary.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What fuzzing found, each as small as it gets. */
@Pure
final class FuzzFindingsTest {
    private final Decoding decoding = new Decoding();

    private static String ofTransaction(String txId) {
        return Decoding.insert("{\"id\":1}").replace("\"txId\":7", "\"txId\":" + txId);
    }

    @Test
    void transactionThatIsNotUtf8IsRejected() {
        byte[] value = ofTransaction("\"\u00c0\u0080\"").getBytes(ISO_8859_1);

        assertThat(decoding.decode(Decoding.TOPIC, null, value)).isEqualTo(Outcome.REJECTED);
        assertThat(decoding.decoder.reason()).isEqualTo(Reason.NOT_JSON);
    }

    @Test
    void transactionOfARowWithoutEnvelopeThatIsNotUtf8IsRejected() {
        byte[] value = "{\"id\":1,\"__op\":\"r\",\"__source_txId\":\"\u00ff\"}".getBytes(ISO_8859_1);

        assertThat(decoding.decode(Decoding.TOPIC, null, value)).isEqualTo(Outcome.REJECTED);
        assertThat(decoding.decoder.reason()).isEqualTo(Reason.NOT_JSON);
    }

    /** It became the bytes from the field's name on. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":1}", "{}", "[1]", "null"})
    void transactionThatIsNoScalarIsNone(String txId) {
        assertThat(decoding.outcome(null, ofTransaction(txId))).isEqualTo("CHANGE");
        assertThat(decoding.change.transaction.isPresent()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"-1000,-00:00:00.000001", "86400000001000,24:00:00.000001", "253402300800000,70:23:22.3008"})
    void timeOfDayInNanosecondsOutsideTheDayIsText(String nanos, String text) {
        String value = Decoding.wrapped(
                Decoding.insert("{\"at\":" + nanos + "}"), Decoding.field("at", "io.debezium.time.NanoTime"));

        assertThat(decoding.outcome(null, value)).isEqualTo("CHANGE");
        assertThat(decoding.after()).hasToString("{at=" + text + "}");
    }

    /** It became the delete of a row with a key of no columns. */
    @Test
    void nullAfterRowsWithoutEnvelopeUnderAKeyOfNoColumnsIsNothing() {
        assertThat(decoding.decode("cap.public.unopk", null, "{\"id\":1}".getBytes(ISO_8859_1)))
                .isEqualTo(Outcome.CHANGE);
        assertThat(decoding.decode("cap.public.unopk", "{}".getBytes(ISO_8859_1), null))
                .isEqualTo(Outcome.IGNORED);
    }
}
