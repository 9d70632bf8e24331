package io.tributary.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What fuzzing found, each as small as it gets. */
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

    /** It became the bytes from the field's name on. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":1}", "{}", "[1]", "null"})
    void transactionThatIsNoScalarIsNone(String txId) {
        assertThat(decoding.outcome(null, ofTransaction(txId))).isEqualTo("CHANGE");
        assertThat(decoding.change.transaction.isPresent()).isFalse();
    }
}
