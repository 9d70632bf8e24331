package io.tributary.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.google.re2j.Pattern;
import io.tributary.Pure;
import io.tributary.change.ColumnType;
import io.tributary.expression.Expression;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Pure
final class RuleTest {
    /** Aggregates in savepoints know their conditions again by it. */
    @Test
    void itsTextIsWhatItWas() {
        assertThat(new Rule("status", Rule.Kind.IN, Rule.Action.REJECT, null, Set.of("paid"), null))
                .hasToString("Rule[column=status, kind=IN, action=REJECT, limit=null, values=[paid], pattern=null]");
        assertThat(new Rule("", Rule.Kind.EXPR, Rule.Action.REJECT, null, null, null, Expression.parse("a > 1")))
                .hasToString(
                        "Rule[column=, kind=EXPR, action=REJECT, limit=null, values=null, pattern=null, condition=a > 1]");
    }

    private static Rule rule(Rule.Kind kind) {
        return new Rule(
                "c",
                kind,
                Rule.Action.REJECT,
                new BigDecimal("2"),
                Set.of("a", "1.50", "2024-02-29"),
                Pattern.compile("a+"));
    }

    private static boolean holds(Rule.Kind kind, ColumnType type, @Nullable Object value) {
        return rule(kind).holds(type, value, 1000);
    }

    @ParameterizedTest
    @EnumSource(Rule.Kind.class)
    void nullPassesAllRulesButOne(Rule.Kind kind) {
        assertThat(holds(kind, ColumnType.TEXT, null)).isEqualTo(kind != Rule.Kind.REQUIRED);
        assertThat(rule(kind).name()).isEqualTo("c." + kind.spelled());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            REQUIRED   | a      | true
            REQUIRED   | ``     | false
            MIN        | 2      | true
            MIN        | 1.99   | false
            MIN        | x      | false
            MAX        | 2.0    | true
            MAX        | 2.01   | false
            MAX        | x      | false
            INTEGER    | 1e2    | true
            INTEGER    | ` 7 `  | true
            INTEGER    | 0.0    | true
            INTEGER    | 1.5    | false
            INTEGER    | x      | false
            NUMBER     | -1.5e3 | true
            NUMBER     | NaN    | false
            NUMBER     | ``     | false
            IN         | a      | true
            IN         | b      | false
            PATTERN    | aa     | true
            PATTERN    | aab    | false
            MAX_LENGTH | ab     | true
            MAX_LENGTH | abc    | false
            NOT_IN_THE_FUTURE | never | true
            """)
    void aTextKeepsARule(Rule.Kind kind, String value, boolean holds) {
        assertThat(holds(kind, ColumnType.TEXT, value)).isEqualTo(holds);
    }

    @Test
    void numbersAreComparedAsNumbers() {
        assertThat(holds(Rule.Kind.MIN, ColumnType.INT64, 2L)).isTrue();
        assertThat(holds(Rule.Kind.MAX, ColumnType.INT32, 3)).isFalse();
        assertThat(holds(Rule.Kind.MAX, ColumnType.FLOAT64, 2.5)).isFalse();
        assertThat(holds(Rule.Kind.MAX, ColumnType.FLOAT64, Double.NaN)).isFalse();
        assertThat(holds(Rule.Kind.INTEGER, ColumnType.FLOAT64, 4.0)).isTrue();
        assertThat(holds(Rule.Kind.IN, ColumnType.decimal(4, 2), new BigDecimal("1.50")))
                .isTrue();
        assertThat(holds(Rule.Kind.MIN, ColumnType.decimal(4, 2), new BigDecimal("1.50")))
                .isFalse();
        assertThat(holds(Rule.Kind.NUMBER, ColumnType.BOOLEAN, true)).isFalse();
        assertThat(holds(Rule.Kind.NUMBER, ColumnType.TEXT, "1".repeat(1001))).isFalse();
    }

    @Test
    void charactersAreCountedNotUnits() {
        assertThat(holds(Rule.Kind.MAX_LENGTH, ColumnType.TEXT, "😀😀")).isTrue();
        assertThat(holds(Rule.Kind.MAX_LENGTH, ColumnType.TEXT, "😀😀😀")).isFalse();
    }

    @Test
    void timesAreHeldAgainstTheChanges() {
        assertThat(holds(Rule.Kind.NOT_IN_THE_FUTURE, ColumnType.TIMESTAMPTZ, 1_000_999L))
                .isTrue();
        assertThat(holds(Rule.Kind.NOT_IN_THE_FUTURE, ColumnType.TIMESTAMP, 1_001_000L))
                .isFalse();
        assertThat(holds(Rule.Kind.NOT_IN_THE_FUTURE, ColumnType.DATE, 0)).isTrue();
        assertThat(holds(Rule.Kind.NOT_IN_THE_FUTURE, ColumnType.DATE, 1)).isFalse();
        assertThat(holds(Rule.Kind.IN, ColumnType.DATE, 19_782)).isTrue();
    }

    /** Java's own expressions would take years, or the whole stack. */
    @ParameterizedTest
    @CsvSource({"(a+)+b, 50000", "(a|aa)+b, 50000", "(a|b)*c, 5000000", "(.*)*x, 5000000"})
    void noValueHoldsUpAPattern(String pattern, int length) {
        Rule rule = new Rule("c", Rule.Kind.PATTERN, Rule.Action.REJECT, null, null, Pattern.compile(pattern));

        assertTimeoutPreemptively(
                Duration.ofSeconds(20), () -> assertThat(rule.holds(ColumnType.TEXT, "a".repeat(length), 1000))
                        .isFalse());
    }

    @ParameterizedTest
    @EnumSource(Rule.Kind.class)
    void aValueThatCannotBeAskedBreaksItsRuleAndNothingElse(Rule.Kind kind) {
        for (Object value :
                new Object[] {"100e2147483647", "1e-2147483647", "9".repeat(1000), new byte[] {1}, 1e308, Long.MIN_VALUE
                }) {
            for (ColumnType type : List.of(ColumnType.TEXT, ColumnType.DATE, ColumnType.TIMESTAMP, ColumnType.ANY)) {
                assertThatCode(() -> holds(kind, type, value)).doesNotThrowAnyException();
            }
        }
        assertThat(holds(Rule.Kind.INTEGER, ColumnType.TEXT, "100e2147483647")).isFalse();
    }
}
