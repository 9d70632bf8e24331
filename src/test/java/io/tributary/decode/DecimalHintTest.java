package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decimals without a schema block: the type says their scale, but not whether they arrive as digits or as base64. */
@Pure
final class DecimalHintTest {
    private final Decoding decoding = of("decimal(12,2)");

    private static Decoding of(String type) {
        return Decoding.of(Decoding.settings(List.of(), Map.of("a", type), 1));
    }

    private String read(String value) {
        return read(decoding, value);
    }

    private static String read(Decoding by, String value) {
        String outcome = by.outcome(null, Decoding.insert("{\"a\":\"" + value + "\"}"));
        return outcome.equals("CHANGE") ? String.valueOf(by.after().get("a")) : outcome;
    }

    @ParameterizedTest
    @ValueSource(strings = {"12.50", "-12.50", "12345", "1.5"})
    void whereDigitsCameATextIsNoBase64(String digits) {
        for (int i = 0; i < 3; i++) {
            assertThat(read(digits))
                    .isEqualTo(new BigDecimal(digits).setScale(2).toString());
        }
        assertThat(read("many")).isEqualTo("REJECTED value: column 'a': cannot hold as decimal(12,2), got 'many'");
        assertThat(read("1234")).isEqualTo("1234.00");
    }

    @Test
    void whereBase64CameDigitsMayBeOfIt() {
        assertThat(read("AN4=")).isEqualTo("2.22");
        assertThat(read("1234")).isEqualTo("-26588.24"); // the bytes d7 6d f8
    }

    @Test
    void digitsThatMayBeBase64AreNotGuessed() {
        assertThat(read("1234"))
                .isEqualTo("REJECTED value: column 'a': cannot tell digits from base64: add 'text' or 'base64' to the"
                        + " column's type");
    }

    @Test
    void aSingleWrongValueDecidesNothing() {
        read("AN4=");
        read("AN4=");
        assertThat(read("12.50")).isEqualTo("12.50");
        assertThat(read("AN4=")).isEqualTo("2.22");
    }

    @Test
    void aConnectorThatIsToldOtherwiseIsFollowed() {
        for (int i = 0; i < 100; i++) {
            read("12.50");
        }
        int rejected = 0;
        while (read("AN4=").startsWith("REJECTED")) {
            rejected++;
        }
        assertThat(rejected).isEqualTo(16);
    }

    @Test
    void theTypeMaySay() {
        assertThat(read(of("decimal(12,2) text"), "1234")).isEqualTo("1234.00");
        assertThat(read(of("decimal(12,2) base64"), "1234")).isEqualTo("-26588.24");
        assertThat(read(of("decimal(12,2) text"), "AN4=")).startsWith("REJECTED value");
    }

    /** Base64 of more bytes than the number needs is not what a connector writes. */
    @Test
    void zerosInFrontAreNoBase64() {
        assertThat(read("AAAA")).startsWith("REJECTED value");
    }

    @Test
    void whatATopicsDecimalsAreIsKnownAfterARestart() {
        read("12.50");
        read("12.50");
        Decoding restarted = of("decimal(12,2)");
        decoding.decoder.memory().forEach(restarted.decoder::recall);

        assertThat(read(restarted, "many")).startsWith("REJECTED value");
        assertThat(read(restarted, "1234")).isEqualTo("1234.00");
    }

    @Test
    void aNegativeScaleOfTheConnectorsIsNotThousandsOfZeros() {
        Decoding numeric = of("numeric");

        assertThat(read(numeric, "1234600." + "0".repeat(2046))).isEqualTo("1234600");
        assertThat(read(numeric, "0." + "0".repeat(2046))).isEqualTo("0");
        assertThat(read(numeric, "1.50")).isEqualTo("1.50");
    }
}
