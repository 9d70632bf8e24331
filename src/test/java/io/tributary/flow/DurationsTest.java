package io.tributary.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Pure
class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S",
        "60s, PT1M",
        "5m, PT5M",
        "1h, PT1H",
        "1h30m, PT1H30M",
        "1h 30m 5s, PT1H30M5S",
        "1 minute, PT1M",
        "90 Seconds, PT1M30S",
        "2 days, P2D",
        "250 milliseconds, PT0.25S",
        "' 10 min ', PT10M",
    })
    void isReadAsPeopleWriteIt(String text, Duration duration) {
        assertThat(Durations.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "90", "1x", "soon", "m", "-1s", "1.5h", "1m!", "5 6s", "1h and 5m", "12345678901s"})
    void whatIsNoneIsRefused(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is no duration such as 60s, 5m or 1h");
    }
}
