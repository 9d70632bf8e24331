package io.tributary.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tributary.Pure;
import io.tributary.changelog.ChangelogSettings;
import io.tributary.changelog.StateMode;
import io.tributary.changelog.Unsent;
import io.tributary.decode.OutOfRange;
import io.tributary.decode.Privacy;
import io.tributary.flow.ConfigException;
import io.tributary.validate.Rule;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the pipeline file says of a table's values: policies, hidden columns, rules. */
@Pure
final class TableSettingsFileTest {
    private static PipelineConfig parse(String table) {
        return PipelineFile.parse("""
                name: x
                source: {file: /x}
                privacy: {secret: 0123456789abcdef}
                sinks: {console: {json: true}}
                tables:
                  public.t:
                """ + table.indent(4), Map.of(), Map.of());
    }

    private static ChangelogSettings changelog(String table) {
        return Objects.requireNonNull(parse(table).changelogSettings().get("public.t"));
    }

    @Test
    void everySettingOfATableReachesItsRoom() {
        String table = """
                out-of-range: null
                unsent: null
                state: keys
                sweep: false
                columns: {a: drop, b: hash, c: mask}
                """;
        assertThat(changelog(table)).isEqualTo(new ChangelogSettings(false, Unsent.NULL, StateMode.KEYS, List.of()));
        var decode = parse(table).decodeSettings();
        assertThat(decode.of("public.t").outOfRange()).isEqualTo(OutOfRange.NULL);
        assertThat(decode.of("public.t").privacy())
                .isEqualTo(Map.of("a", Privacy.DROP, "b", Privacy.HASH, "c", Privacy.MASK));
        assertThat(decode.secret().value()).isEqualTo("0123456789abcdef");
        assertThat(decode.of("public.other").outOfRange()).isEqualTo(OutOfRange.TEXT);
        assertThat(changelog("buckets: 1")).isEqualTo(ChangelogSettings.DEFAULT);
    }

    @Test
    void theSecretIsNotPrinted() {
        PipelineConfig config = parse("buckets: 1");
        assertThat(config.toString() + config.decodeSettings()).doesNotContain("0123456789abcdef");
    }

    @ParameterizedTest
    @CsvSource({"reject,REJECT", "warn,WARN", "\"null\",NULL", "null,NULL"})
    void everyRuleHasItsValueAndItsAction(String then, Rule.Action action) {
        List<Rule> rules = changelog("""
                rules:
                  v:
                    required: true
                    min: 0.50
                    max: 1e3
                    integer: true
                    number: true
                    in: [a, 7]
                    pattern: "[a-z]+"
                    max-length: 10
                    not-in-the-future: true
                    expr: "v > 0"
                    then: %s
                """.formatted(then)).rules();
        assertThat(rules).extracting(Rule::kind).containsExactly(Rule.Kind.values());
        assertThat(rules)
                .allMatch(rule -> rule.action() == action && rule.column().equals("v"));
        assertThat(rules.get(1).limit()).isEqualByComparingTo(new BigDecimal("0.5"));
        assertThat(rules.get(2).limit()).isEqualByComparingTo(new BigDecimal("1000"));
        assertThat(rules.get(5).values()).isEqualTo(Set.of("a", "7"));
        assertThat(rules.get(6).pattern()).hasToString("[a-z]+");
        assertThat(rules.get(7).limit()).isEqualByComparingTo(BigDecimal.TEN);
        assertThat(rules.get(9).condition()).hasToString("v > 0");
    }

    @Test
    void aRuleMayHaveAnActionOfItsOwnAndBeOff() {
        List<Rule> rules = changelog("""
                rules:
                  v: {required: false, min: {value: 0, then: warn}, max: 9}
                """).rules();
        assertThat(rules).extracting(Rule::name).containsExactly("v.min", "v.max");
        assertThat(rules).extracting(Rule::action).containsExactly(Rule.Action.WARN, Rule.Action.REJECT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            rules: {v: {min: a}}                   | 'tables.public.t.rules.v.min' must be a number, got "a"
            rules: {v: {required: 1}}              | 'tables.public.t.rules.v.required' must be true or false, got 1
            rules: {v: {in: []}}                   | 'tables.public.t.rules.v.in' must be a list of values, got []
            rules: {v: {pattern: "("}}             | 'tables.public.t.rules.v.pattern' must be a regular expression (missing closing )), got "("
            rules: {v: {pattern: 7}}               | 'tables.public.t.rules.v.pattern' must be a regular expression, got 7
            rules: {v: {min: 0, then: drop}}       | 'tables.public.t.rules.v.then' must be reject, warn or null, got "drop"
            rules: {v: {min: {value: 0, then: x}}} | 'tables.public.t.rules.v.min.then' must be reject, warn or null, got "x"
            rules: {v: {mni: 0}}                   | 'tables.public.t.rules.v.mni' is no setting; did you mean 'tables.public.t.rules.v.min'?
            sweep: maybe                           | 'tables.public.t.sweep' must be true or false, got 'maybe'
            """)
    void aWrongSettingIsNamedInOneLine(String table, String message) {
        assertThat(catchThrowable(() -> parse(table)))
                .isInstanceOf(ConfigException.class)
                .hasMessage(message);
    }

    @Test
    void aColumnOfTheKeyCannotBeDropped() {
        assertThat(catchThrowable(() -> parse("columns: {id: drop}\nkey: [id]")))
                .hasMessage("'tables.public.t.columns.id' is drop, and the column is of 'tables.public.t.key'");
    }

    @Test
    void hashingNeedsASecretOfSomeLength() {
        String file = """
                name: x
                source: {file: /x}
                sinks: {console: {json: true}}
                tables: {public.t: {columns: {b: hash}}}
                """;
        assertThat(catchThrowable(() -> PipelineFile.parse(file, Map.of(), Map.of())))
                .hasMessage("'tables.public.t.columns.b' is hash, which needs 'privacy.secret'");
        assertThat(catchThrowable(() -> PipelineFile.parse(file, Map.of("privacy.secret", "short"), Map.of())))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("'privacy.secret'");
    }

    @ParameterizedTest
    @CsvSource({"out-of-range", "unsent", "state"})
    void aPolicyThatIsNoneIsRefused(String setting) {
        assertThat(catchThrowable(() -> parse(setting + ": perhaps")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("tables.public.t." + setting);
    }
}
