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
                    double precision            | NUMERIC
                    timestamp(3) with time zone | TIMESTAMP
                    timestamp without time zone | TIMESTAMP
                    date                        | DATE
                    bytea                       | BYTES
                    jsonb                       | JSON
                    numeric(12,2)[]             | JSON
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
