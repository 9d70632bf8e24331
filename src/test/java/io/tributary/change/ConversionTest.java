package io.tributary.change;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Pure
final class ConversionTest {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd", Locale.ROOT);
    private static final DateTimeFormatter DATE_TIME = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT))
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 6, true)
            .toFormatter(Locale.ROOT);

    private static String text(ColumnType from, long value) {
        return new String(Conversion.of(from, ColumnType.TEXT).bytes(value), UTF_8);
    }

    private static String text(ColumnType from, byte[] value) {
        byte[] padded = new byte[value.length + 3];
        System.arraycopy(value, 0, padded, 2, value.length);
        return new String(Conversion.of(from, ColumnType.TEXT).bytes(padded, 2, value.length), UTF_8);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    boolean       | 1                    | true
                    boolean       | 0                    | false
                    int16         | -32768               | -32768
                    int32         | 2147483647           | 2147483647
                    int64         | -9223372036854775808 | -9223372036854775808
                    decimal(12,2) | -5                   | -0.05
                    decimal(18,18)| 1                    | 0.000000000000000001
                    decimal(3,0)  | 100                  | 100
                    date          | 19782                | 2024-02-29
                    date          | -735160              | 0044-03-15 BC
                    date          | -719528              | 0001-01-01 BC
                    date          | -719162              | 0001-01-01
                    date          | 106751990            | 294247-01-09
                    date          | 106762616            | 294276-02-12
                    date          | 2147483647           | 5881580-07-11
                    date          | -2147483648          | 5877642-06-23 BC
                    time          | 0                    | 00:00:00
                    time          | 86400000000          | 24:00:00
                    time          | 47655500000          | 13:14:15.5
                    time          | 47655000001          | 13:14:15.000001
                    timestamp     | 0                    | 1970-01-01 00:00:00
                    timestamp     | -1                   | 1969-12-31 23:59:59.999999
                    timestamp     | 1709212455123456     | 2024-02-29 13:14:15.123456
                    timestamp     | 1709212455120000     | 2024-02-29 13:14:15.12
                    timestamp     | -63517777544877000   | 0044-03-15 12:54:15.123 BC
                    timestamp     | 9223372036854775807  | 294247-01-10 04:00:54.775807
                    timestamp     | -9223372036854775808 | 290309-12-21 19:59:05.224192 BC
                    timestamptz   | 1709212455123456     | 2024-02-29 13:14:15.123456+00
                    timestamptz   | -63517777544877000   | 0044-03-15 12:54:15.123+00 BC
                    timestamptz   | 9223372036854775807  | 294247-01-10 04:00:54.775807+00
                    """)
    void aNumberHeldBecomesPostgresText(String type, long value, String expected) {
        assertThat(text(ColumnType.parse(type), value)).isEqualTo(expected);
    }

    @Test
    void floatsAreJavasTextWithPostgresNamesForWhatIsNoNumber() {
        assertThat(text(ColumnType.FLOAT32, Float.floatToIntBits(0.1f))).isEqualTo("0.1");
        assertThat(text(ColumnType.FLOAT32, Float.floatToIntBits(Float.NEGATIVE_INFINITY)))
                .isEqualTo("-Infinity");
        assertThat(text(ColumnType.FLOAT64, Double.doubleToLongBits(-1.5e300))).isEqualTo("-1.5E300");
        assertThat(text(ColumnType.FLOAT64, Double.doubleToLongBits(Double.NaN)))
                .isEqualTo("NaN");
        assertThat(text(ColumnType.FLOAT64, Double.doubleToLongBits(Double.POSITIVE_INFINITY)))
                .isEqualTo("Infinity");
        assertThat(text(ColumnType.FLOAT64, Double.doubleToLongBits(-0.0))).isEqualTo("-0.0");
    }

    @Test
    void bytesAreHexadecimalAndTextStaysAsItIs() {
        assertThat(text(ColumnType.BYTES, new byte[] {0, -1, 0x5c})).isEqualTo("\\x00ff5c");
        assertThat(text(ColumnType.BYTES, new byte[0])).isEqualTo("\\x");
        assertThat(text(ColumnType.JSON, "{ \"å\" : 1 }".getBytes(UTF_8))).isEqualTo("{ \"å\" : 1 }");
        assertThat(text(ColumnType.decimal(38, 3), new BigInteger("-12345678901234567890").toByteArray()))
                .isEqualTo("-12345678901234567.890");
    }

    @Property
    void everyDayIsItsTextInTheEraOfTheCalendar(@ForAll int day) {
        LocalDate date = LocalDate.ofEpochDay(day);
        assertThat(text(ColumnType.DATE, day).replace(" BC", ""))
                .isEqualTo(DATE.format(date).replace("+", ""));
        assertThat(text(ColumnType.DATE, day).endsWith(" BC")).isEqualTo(date.getYear() <= 0);
    }

    @Property
    void everyMicrosecondIsItsTextInTheEraOfTheCalendar(@ForAll("micros") long micros) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(
                Math.floorDiv(micros, 1_000_000L), (int) Math.floorMod(micros, 1_000_000L) * 1000, ZoneOffset.UTC);
        String plain = DATE_TIME.format(time).replace("+", "");
        String era = time.getYear() <= 0 ? " BC" : "";
        assertThat(text(ColumnType.TIMESTAMP, micros)).isEqualTo(plain + era);
        assertThat(text(ColumnType.TIMESTAMPTZ, micros)).isEqualTo(plain + "+00" + era);
    }

    @Provide
    Arbitrary<Long> micros() {
        return Arbitraries.oneOf(
                Arbitraries.longs(), Arbitraries.longs().map(m -> m / 1_000_000 * 1_000_000 + m % 10 * 100_000));
    }

    @Property
    void everyTimeOfDayIsItsText(@ForAll @LongRange(min = 0, max = 86_399_999_999L) long micros) {
        LocalDateTime time =
                LocalDateTime.ofEpochSecond(micros / 1_000_000, (int) (micros % 1_000_000) * 1000, ZoneOffset.UTC);
        assertThat("1970-01-01 " + text(ColumnType.TIME, micros)).isEqualTo(DATE_TIME.format(time));
    }

    @Test
    void whatWouldLoseValuesIsRefused() {
        assertThatThrownBy(() -> Conversion.of(ColumnType.INT64, ColumnType.INT32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("int32 does not hold every value of int64");
        assertThatThrownBy(() -> Conversion.of(ColumnType.decimal(12, 2), ColumnType.decimal(12, 3)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Numbers keep their value in whatever type they are joined to, and come back from text. */
    @Property(tries = 5000)
    void exactNumbersStayEqual(@ForAll("exact") ColumnType from, @ForAll("exact") ColumnType other, @ForAll long seed) {
        ColumnType to = from.join(other);
        BigDecimal value = number(from, seed);
        BigInteger unscaled = value.unscaledValue();
        Conversion conversion = Conversion.of(from, to);
        BigDecimal converted;
        if (!from.isVariable() && !to.isVariable()) {
            converted = BigDecimal.valueOf(conversion.number(unscaled.longValueExact()), to.scale());
        } else {
            byte[] held = unscaled.toByteArray();
            byte[] bytes = from.isVariable()
                    ? conversion.bytes(held, 0, held.length)
                    : conversion.bytes(unscaled.longValueExact());
            converted = to.equals(ColumnType.TEXT)
                    ? new BigDecimal(new String(bytes, UTF_8))
                    : new BigDecimal(new BigInteger(bytes), to.scale());
        }
        assertThat(converted).isEqualByComparingTo(value);
        assertThat(to.kind() == ColumnType.Kind.DECIMAL && converted.precision() > to.precision())
                .isFalse();
        if (conversion.isNone()) {
            assertThat(converted).isEqualTo(value);
        }
    }

    private static BigDecimal number(ColumnType type, long seed) {
        return switch (type.kind()) {
            case INT16 -> BigDecimal.valueOf((short) seed);
            case INT32 -> new BigDecimal((int) seed);
            case INT64 -> BigDecimal.valueOf(seed);
            default -> {
                BigInteger limit = BigInteger.TEN.pow(type.precision());
                BigInteger many = BigInteger.valueOf(seed).pow(3).add(BigInteger.valueOf(seed));
                yield new BigDecimal(many.remainder(limit), type.scale());
            }
        };
    }

    @Provide
    Arbitrary<ColumnType> exact() {
        return JoinPropertyTest.types().filter(t -> switch (t.kind()) {
            case INT16, INT32, INT64, DECIMAL -> true;
            default -> false;
        });
    }

    @Property
    void aFloatIsTheSameNumberAsADouble(@ForAll float value) {
        long bits = Conversion.of(ColumnType.FLOAT32, ColumnType.FLOAT64).number(Float.floatToIntBits(value));
        assertThat(Double.longBitsToDouble(bits)).isEqualTo((double) value);
    }
}
