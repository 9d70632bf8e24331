package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tributary.Pure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Pure
final class TimeTextTest {
    private static long micros(String text, boolean zoned) {
        byte[] bytes = ("'" + text + "'").getBytes(StandardCharsets.UTF_8);
        return TimeText.micros(bytes, 1, bytes.length - 2, zoned);
    }

    @ParameterizedTest
    @CsvSource({
        "1970-01-01T00:00:00Z, 0",
        "1970-01-01T00:00Z, 0",
        "1970-01-01Z, 0",
        "1970-01-01 00:00:00+00, 0",
        "1969-12-31T23:59:59.999999Z, -1",
        "2024-02-29T12:00:00.5Z, 1709208000500000",
        "2024-02-29T12:00:00.500000000Z, 1709208000500000",
        "2024-02-29T24:00:00Z, 1709251200000000",
        "2024-02-29T12:00:00+02:00, 1709200800000000",
        "2024-02-29T12:00:00-05:30, 1709227800000000",
        "1900-01-01T00:00:00+00:19:32, -2208989972000000",
        "0000-01-01T00:00:00Z, -62167219200000000",
        "-0043-03-15T00:00:00Z, -63517824000000000",
        "+10000-01-01T00:00:00Z, 253402300800000000",
        "+294246-12-31T23:59:59.999999Z, 9223371244799999999",
        "-290307-01-01T00:00:00Z, -9223371158400000000"
    })
    void anInstantIsHeldExactly(String text, long micros) {
        assertThat(micros(text, true)).isEqualTo(micros);
    }

    @ParameterizedTest
    @CsvSource({
        "2024-02-29T12:00:00, 1709208000000000",
        "2024-02-29T12:00:00Z, 1709208000000000",
        "2024-02-29Z, 1709164800000000",
        "2024-02-29, 1709164800000000"
    })
    void aTimeWithoutZoneMayEndInZ(String text, long micros) {
        assertThat(micros(text, false)).isEqualTo(micros);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "infinity",
                "-infinity",
                "2024",
                "2024-02",
                "2024-2-29T00:00:00Z",
                "24-02-29T00:00:00Z",
                "2024-00-01T00:00:00Z",
                "2024-13-01T00:00:00Z",
                "2024-01-00T00:00:00Z",
                "2024-01-32T00:00:00Z",
                "2024-04-31T00:00:00Z",
                "2023-02-29T00:00:00Z",
                "1900-02-29T00:00:00Z",
                "2024-02-30T00:00:00Z",
                "2024-01-01T25:00:00Z",
                "2024-01-01T24:00:01Z",
                "2024-01-01T24:01:00Z",
                "2024-01-01T24:00:00.1Z",
                "2024-01-01T00:60:00Z",
                "2024-01-01T00:00:61Z",
                "2024-01-01T00:00:00",
                "2024-01-01T00:00:00X",
                "2024-01-01T00:00:00Z ",
                "2024-01-01T00:00:00Zx",
                "2024-01-01T00:00:00+1",
                "2024-01-01T00Z",
                "+294277-01-01T00:00:00Z",
                "-290308-01-01T00:00:00Z",
                "99999999-01-01T00:00:00Z",
                "２０２４-01-01T00:00:00Z",
                "2024-01-01T",
                "T",
                "+",
                "-"
            })
    void whatIsNoInstantIsRejected(String text) {
        Throwable thrown = catchThrowable(() -> micros(text, true));
        assertThat(thrown).isInstanceOf(DecodeException.class).hasMessage("cannot hold as a time, got '" + text + "'");
        assertThat(((DecodeException) thrown).reason()).isEqualTo(Reason.VALUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"2024-01-01T00:00:00.0000001Z", "2024-01-01T00:00:00.1234567890Z", "+294247-01-01T00:00:00Z"})
    void whatMicrosecondsCannotHoldIsOutOfRange(String text) {
        Throwable thrown = catchThrowable(() -> micros(text, true));
        assertThat(thrown)
                .isInstanceOf(OutOfRangeException.class)
                .hasMessage("cannot hold as microseconds, got '" + text + "'");
    }

    @Property(tries = 1000)
    void anInstantIsReadAsJavaWritesIt(
            @ForAll @LongRange(min = -9_000_000_000_000L, max = 9_000_000_000_000L) long second,
            @ForAll @IntRange(max = 999_999) int micros) {
        String text = Instant.ofEpochSecond(second, micros * 1000L).toString();
        assertThat(micros(text, true)).isEqualTo(second * 1_000_000 + micros);
    }

    @Property(tries = 1000)
    void daysAreCountedAsJavaCountsThem(@ForAll @IntRange(min = -100_000_000, max = 100_000_000) int day) {
        LocalDate date = LocalDate.ofEpochDay(day);
        assertThat(TimeText.days(date.getYear(), date.getMonthValue(), date.getDayOfMonth()))
                .isEqualTo(day);
    }
}
