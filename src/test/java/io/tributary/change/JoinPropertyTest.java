package io.tributary.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What makes widening safe whatever comes first: the order of types does not matter, and nothing is ever lost. */
@Pure
final class JoinPropertyTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    int16          | int32          | int32
                    int64          | int16          | int64
                    int16          | decimal(5,2)   | decimal(7,2)
                    int16          | decimal(5,0)   | decimal(5,0)
                    int32          | decimal(4,2)   | decimal(12,2)
                    int64          | decimal(30,10) | decimal(30,10)
                    int64          | decimal(38,20) | text
                    decimal(10,2)  | decimal(8,4)   | decimal(12,4)
                    decimal(38,0)  | decimal(1,1)   | text
                    float32        | float64        | float64
                    float64        | int16          | text
                    float32        | decimal(3,1)   | text
                    json           | text           | text
                    json           | int32          | text
                    date           | timestamp      | text
                    timestamp      | timestamptz    | text
                    time           | text           | text
                    bytes          | boolean        | text
                    """)
    void theJoinIsTheNarrowestThatHoldsBoth(String one, String other, String joined) {
        assertThat(ColumnType.parse(one).join(ColumnType.parse(other))).hasToString(joined);
    }

    @Property
    void joinIsSymmetricAndIdempotent(@ForAll("types") ColumnType one, @ForAll("types") ColumnType other) {
        assertThat(one.join(one)).isEqualTo(one);
        ColumnType joined = one.join(other);
        assertThat(other.join(one)).isEqualTo(joined);
        assertThat(joined.join(one)).isEqualTo(joined);
        assertThat(joined.join(other)).isEqualTo(joined);
    }

    @Property(tries = 5000)
    void joinIsAssociative(
            @ForAll("types") ColumnType one, @ForAll("types") ColumnType other, @ForAll("types") ColumnType third) {
        assertThat(one.join(other).join(third)).isEqualTo(one.join(other.join(third)));
    }

    /** Numbers more often than the rest: only among them a join is not always text. */
    @Provide
    static Arbitrary<ColumnType> types() {
        Arbitrary<ColumnType> decimals = Combinators.combine(
                        Arbitraries.integers().between(1, ColumnType.MAX_PRECISION),
                        Arbitraries.integers().between(0, ColumnType.MAX_PRECISION))
                .as((precision, scale) -> ColumnType.decimal(precision, Math.min(precision, scale)));
        Arbitrary<ColumnType> others = Arbitraries.of(ColumnType.Kind.class)
                .filter(kind -> kind != ColumnType.Kind.DECIMAL)
                .map(kind -> new ColumnType(kind, 0, 0));
        return Arbitraries.frequencyOf(
                Tuple.of(2, decimals),
                Tuple.of(
                        2,
                        Arbitraries.of(
                                ColumnType.INT16,
                                ColumnType.INT32,
                                ColumnType.INT64,
                                ColumnType.FLOAT32,
                                ColumnType.FLOAT64)),
                Tuple.of(1, others));
    }
}
