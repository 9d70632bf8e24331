package io.tributary.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Pure
final class ValueTextTest {
    /** As PostgreSQL puts them out; microseconds since 1970 end in the year 294247. */
    @ParameterizedTest
    @CsvSource({
        "2024-02-29T13:14:15.5Z, 2024-02-29 13:14:15.5+00",
        "1970-01-01T00:00:00Z, 1970-01-01 00:00:00+00",
        "1969-12-31T23:59:59.999999Z, 1969-12-31 23:59:59.999999+00",
        "2024-01-02T03:04:05.000010Z, 2024-01-02 03:04:05.00001+00",
        "0001-01-01T00:00:00Z, 0001-01-01 00:00:00+00",
        "0000-12-31T00:00:00Z, 0001-12-31 00:00:00+00 BC",
        "-0043-03-15T12:00:00Z, 0044-03-15 12:00:00+00 BC",
        "+10000-01-01T00:00:00Z, 10000-01-01 00:00:00+00",
        "+294246-12-31T23:59:59.999999Z, 294246-12-31 23:59:59.999999+00"
    })
    void momentsAreAsPostgresPutsThemOut(String instant, String text) {
        Instant at = Instant.parse(instant);
        long micros = at.getEpochSecond() * 1_000_000 + at.getNano() / 1000;
        assertThat(ValueText.of(ColumnType.TIMESTAMPTZ, micros)).isEqualTo(text);
    }

    @Test
    void theLongestMomentHasRoom() {
        for (long micros : new long[] {Long.MIN_VALUE, Long.MAX_VALUE}) {
            byte[] text = new byte[ValueText.LONGEST_MOMENT];
            assertThat(new String(text, 0, ValueText.moment(text, 0, micros), StandardCharsets.US_ASCII))
                    .isEqualTo(ValueText.of(ColumnType.TIMESTAMPTZ, micros));
        }
    }

    @Property
    void momentsAreAsJavaFormatsThem(
            @ForAll @LongRange(min = -62_135_596_800_000_000L, max = 253_402_300_799_999_999L) long micros) {
        DateTimeFormatter format = new DateTimeFormatterBuilder()
                .appendPattern("uuuu-MM-dd HH:mm:ss")
                .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
                .toFormatter(java.util.Locale.ROOT);
        String expected = LocalDateTime.ofEpochSecond(
                        Math.floorDiv(micros, 1_000_000L),
                        (int) Math.floorMod(micros, 1_000_000L) * 1000,
                        ZoneOffset.UTC)
                .format(format);
        assertThat(ValueText.of(ColumnType.TIMESTAMP, micros)).isEqualTo(expected);
        assertThat(ValueText.of(ColumnType.DATE, (int) Math.floorDiv(micros, 86_400_000_000L)))
                .isEqualTo(expected.substring(0, 10));
    }
}
