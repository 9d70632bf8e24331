package io.tributary.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Pure
final class CanonicalTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    numeric(12,2)               | NUMERIC
                    double precision            | FLOAT64
                    timestamp(3) with time zone | TIMESTAMP
                    timestamp without time zone | TIMESTAMP
                    date                        | DATE
                    bytea                       | BYTES
                    jsonb                       | JSON
                    numeric(12,2)[]             | NUMERIC
                    character(3)                | CHAR
                    bit(1)                      | BIT
                    time(3) with time zone      | TIMETZ
                    interval day to second(3)   | INTERVAL
                    extensions.hstore           | HSTORE
                    character varying(20)       | TEXT
                    uuid                        | TEXT
                    """)
    void aTypeHasItsCanonicalForm(String type, Canonical canonical) {
        assertThat(Canonical.of(type)).isEqualTo(canonical);
    }

    @Test
    void equalNumbersHaveOneText() {
        for (Object number : List.of("1.10", "1.1", new BigDecimal("1.100"), "1.1e0", 1.1d)) {
            assertThat(Canonical.NUMERIC.text(number)).isEqualTo("1.1");
        }
        assertThat(Canonical.NUMERIC.text("0.00")).isEqualTo("0");
        assertThat(Canonical.NUMERIC.text("1E+3")).isEqualTo("1000");
        assertThat(Canonical.NUMERIC.text("NaN")).isEqualTo("nan");
        assertThat(Canonical.NUMERIC.text("-Infinity")).isEqualTo("-infinity");
    }

    /** As PostgreSQL, and as Debezium and the sinks have it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
            FLOAT32|1.1754944e-38|1.17549435E-38
            FLOAT32|-0|0.0
            FLOAT64|5e-324|4.9E-324
            FLOAT64|NaN|NaN
            FLOAT64|-Infinity|-Infinity
            MONEY|-92233720368547758.08|-92233720368547758.08
            MONEY|-$1,234.50|-1234.5
            BOOLEAN|true|t
            BIT|1|true
            BIT|0|false
            BIT|0101|0101
            CHAR|ab   |ab
            TIMESTAMP|2024-02-29 13:14:15.123456|1709212455123456
            TIMESTAMP|2024-02-29 13:14:15.1+05:30|2024-02-29T07:44:15.100Z
            TIMESTAMP|infinity|infinity
            TIMETZ|13:14:15.123456+05:30|07:44:15.123456Z
            TIMETZ|24:00:00-05|05:00:00Z
            TIMETZ|23:59:59.999999-15:59|15:58:59.999999Z
            INTERVAL|1 year 2 mons 3 days 04:05:06.789012|P1Y2M3DT4H5M6.789012S
            INTERVAL|-1 days -00:00:00.000001|P0Y0M-1DT0H0M-0.000001S
            INTERVAL|-7 mons -3 days +100:00:00|P0Y-7M-3DT100H0M0S
            INTERVAL|00:00:00|P0Y0M0DT0H0M0S
            INTERVAL|1 mon|P0Y1M0DT0H0M0S
            INET|10.0.0.1/32|10.0.0.1
            INET|::1/128|::1
            INET|10.0.0.0/8|10.0.0.0/8
            POINT|(1.5,-2.25)|{"x":1.5,"y":-2.25,"wkb":"AQE=","srid":null}
            POINT|(NaN,Infinity)|{"x":"NaN","y":"Infinity"}
            SHAPE|(3,4),(1,2)|(3.0,4.0),(1.0,2.0)
            SHAPE|<(0,1e+300),2>|<(0.0,1.0E300),2.0>
            HSTORE|"b"=>NULL, "a"=>"1", "q\\"k"=>"v\\\\"|{"a":"1","b":null,"q\\"k":"v\\\\"}
            HSTORE|``|{}
            """)
    void equalValuesHaveOneText(Canonical canonical, String source, String sink) {
        assertThat(canonical.text(source)).isEqualTo(canonical.text(sink));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            NUMERIC   | ["1.10",null,"-2.00"]        | [1.1,null,-2]
            BOOLEAN   | ["t","f",null]               | [true,false,null]
            JSON      | ["{\\"a\\": 1}"]             | ["{\\"a\\":1}"]
            TIMESTAMP | ["2024-02-29 13:14:15.5+00"] | ["2024-02-29T13:14:15.500Z"]
            CHAR      | ["a"]                        | ["a  "]
            TEXT      | [["a","b"],["c","d"]]        | [["a","b"],["c","d"]]
            """)
    void soHaveEqualArrays(Canonical canonical, String source, String sink) {
        assertThat(canonical.array(source)).isEqualTo(canonical.array(sink));
    }

    /** What an audit would take for equal is never seen again. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            JSON     | {"a":1}       | {"a":1}garbage
            JSON     | {"a":1,"a":2} | {"a":2}
            JSON     | [1]           | [1]]
            HSTORE   | ``            | garbage
            HSTORE   | "a"=>"1"      | "a"=>"1", rest
            INTERVAL | 1 mon         | 30 days
            CHAR     | a             | ` a`
            TIMETZ   | 10:00:00+00   | 10:00:00+01
            BIT      | 01            | 1
            """)
    void otherValuesHaveAnother(Canonical canonical, String source, String sink) {
        assertThat(canonical.text(source)).isNotEqualTo(canonical.text(sink));
        assertThat(canonical.array("[1,2]")).isNotEqualTo(canonical.array("[1,2]]"));
    }

    @Test
    void whateverComesHasAText() {
        assertThat(Canonical.HSTORE.text("\"a\"=>\"" + "x".repeat(100_000) + "\""))
                .hasSizeGreaterThan(100_000);
        assertThat(Canonical.INTERVAL.text("2562047788:00:54.775807")).isEqualTo("0 0 9223372036854775807");
        assertThat(Canonical.TIMETZ.text("10:00:00+99")).isEqualTo("10:00:00+99");
    }

    @Test
    void equalJsonHasOneText() {
        assertThat(Canonical.JSON.text("{ \"a\" : [1, 2.50] }")).isEqualTo(Canonical.JSON.text("{\"a\":[1,2.50]}"));
        assertThat(Canonical.JSON.text("no json")).isEqualTo("no json");
    }

    @Test
    void bytesAreHexadecimalAndNullIsNull() {
        assertThat(Canonical.BYTES.text(new byte[] {0, -1})).isEqualTo("00ff");
        assertThat(Canonical.TEXT.text(null)).isNull();
    }

    @Test
    void aRowsDigestTellsNullsAndBordersApart() {
        List<RowDigests.Digest> digests = List.of(
                RowDigests.of(Arrays.asList("a", null)),
                RowDigests.of(Arrays.asList(null, "a")),
                RowDigests.of(List.of("a", "")),
                RowDigests.of(List.of("", "a")),
                RowDigests.of(List.of("a", "\0")),
                RowDigests.of(List.of("a")),
                RowDigests.of(List.of("ab", "c")),
                RowDigests.of(List.of("a", "bc")));
        assertThat(digests).doesNotHaveDuplicates();
        assertThat(RowDigests.of(List.of("a", "bc"))).isEqualTo(digests.get(7));
    }

    @Test
    void aChecksumDoesNotDependOnTheOrderOfRows() {
        RowDigests one = new RowDigests();
        RowDigests other = new RowDigests();
        one.put("id=1", RowDigests.of(List.of("1", "a")));
        one.put("id=2", RowDigests.of(List.of("2", "b")));
        other.put("id=2", RowDigests.of(List.of("2", "b")));
        other.put("id=1", RowDigests.of(List.of("1", "a")));
        assertThat(one.checksum()).isEqualTo(other.checksum()).hasSize(32);
        assertThat(one.differing(other)).isEmpty();
    }

    @Test
    void rowsThatDifferOrAreOnOneSideAreNamedInOrder() {
        RowDigests one = new RowDigests();
        RowDigests other = new RowDigests();
        one.put("id=3", RowDigests.of(List.of("x")));
        one.put("id=1", RowDigests.of(List.of("x")));
        one.put("id=4", RowDigests.of(List.of("x")));
        other.put("id=2", RowDigests.of(List.of("x")));
        other.put("id=1", RowDigests.of(List.of("y")));
        other.put("id=4", RowDigests.of(List.of("x")));
        assertThat(one.differing(other)).containsExactly("id=1", "id=2", "id=3");
        assertThat(other.differing(one)).containsExactly("id=1", "id=2", "id=3");
    }
}
