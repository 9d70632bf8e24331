package io.tributary.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tributary.Pure;
import io.tributary.change.Secret;
import io.tributary.deadletter.ConfiguredDeadLetters;
import io.tributary.flow.ConfigException;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of the environment and of {@code --set}: as they are, and those that are secret nowhere to be seen. */
@Pure
class GivenValuesTest {
    private static final String FILE = """
            name: orders
            source:
              bootstrap: broker:9092
              topics: cdc.*
              group: ${V}
              properties: {sasl.jaas.config: "${V}"}
            privacy: {secret: "${V}-and-so-many-more"}
            tables:
              public.orders: {key: ["${V}"], columns: {c: hash}}
            sinks:
              warehouse: {url: "jdbc:postgresql://db/w", user: "${V}", password: "${V}", properties: {p: "${V}"}}
              dead-letters: {topic: dead, properties: {q: "${V}"}}
            """;

    static String[] texts() {
        return new String[] {
            "S3cret #1",
            "S3cr: et!",
            "12345",
            "0123",
            "1e3",
            "0x1F",
            "true",
            "no",
            "null",
            "~",
            "[a]",
            "{a: b}",
            "'q'",
            "\"q\"",
            "*a",
            "&a",
            "!!x",
            "@x",
            "`x",
            "%x",
            "|",
            "> x",
            "- x",
            "? x",
            "a\nb",
            " a ",
            "\ta",
            "2001-01-01",
            "${PATH}",
            "$1",
            "\\",
            "é…",
        };
    }

    @ParameterizedTest
    @MethodSource("texts")
    void ofTheEnvironmentAreTextWhereTextIsWanted(String text) {
        PipelineConfig config = PipelineFile.parse(FILE, Map.of(), Map.of("V", text));

        assertThat(config.kafka().group()).isEqualTo(text);
        assertThat(config.kafka().properties()).containsEntry("sasl.jaas.config", text);
        assertThat(config.decodeSettings().secret().value()).isEqualTo(text + "-and-so-many-more");
        assertThat(Objects.requireNonNull(config.tables().get("public.orders")).key())
                .containsExactly(text);
        assertThat(Objects.requireNonNull(config.sink(ConfiguredDeadLetters.class))
                        .producer())
                .containsEntry("q", text);
        JdbcConnectionOptions connection =
                Objects.requireNonNull(config.warehouse()).connection();
        assertThat(connection.getUsername()).hasValue(text);
        assertThat(connection.getPassword()).hasValue(text);
        assertThat(connection.getProperties()).containsEntry("p", text);
    }

    @ParameterizedTest
    @MethodSource("texts")
    void ofTheCommandLineAreTextWhereTextIsWanted(String text) {
        Map<String, String> set = Map.of(
                "sinks.warehouse.password", text,
                "source.group", text,
                "source.properties.ssl.key.password", text);
        PipelineConfig config = PipelineFile.parse(FILE, set, Map.of("V", "v", "PATH", "${PATH}"));

        assertThat(config.kafka().group()).isEqualTo(text);
        assertThat(Objects.requireNonNull(config.warehouse()).connection().getPassword())
                .hasValue(text);
        assertThat(config.kafka().properties()).containsValue(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tables.public.orders.buckets        | 8       | 8
            tables.public.orders.current        | false   | false
            tables.public.orders.key            | [a, b]  | [a, b]
            tables.public.orders.columns        | {a: drop} | {a=drop}
            breaker.share                       | 0.25    | 0.25
            sinks.lake.current.every            | 5s      | 5s
            """)
    void ofTheCommandLineAreWhatIsWanted(String setting, String value, String read) {
        String file =
                "name: n\nsource: {file: f}\ntables: {public.orders: {}}\nsinks: {lake: {path: /l}, console: {}}\n";
        PipelineConfig config = PipelineFile.parse(file, Map.of(setting, value), Map.of());

        assertThat(config.toString()).contains(setting.substring(setting.lastIndexOf('.') + 1) + "=" + read);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            buckets: ${V}   | 8     | ''
            buckets: ${V}   | eight | 'tables.t.buckets' must be a whole number, got 'eight'
            buckets: ${V}   | [8]   | 'tables.t.buckets' must be a whole number, got '[8]'
            sweep: ${V}     | false | ''
            sweep: ${V}     | no    | 'tables.t.sweep' must be true or false, got 'no'
            key: ${V}       | [id]  | 'tables.t.key' must be a list, got '[id]'
            columns: ${V}   | {a: drop} | 'tables.t.columns' must be a mapping, got '{a: drop}'
            state: ${V}     | keys  | ''
            """)
    void ofTheEnvironmentAreNumbersAndTruthsWhereThoseAreWantedAndNothingElse(
            String setting, String value, String told) {
        String file = "name: n\nsource: {file: f}\ntables:\n  t:\n    " + setting + "\nsinks: {console: {}}\n";
        Throwable thrown = catchThrowable(() -> PipelineFile.parse(file, Map.of(), Map.of("V", value)));

        assertThat(thrown == null ? "" : thrown.getMessage()).isEqualTo(told.equals("''") ? "" : told);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "privacy: {secret: 271828182845904523}",
                "privacy: {secret: canary}",
                "privacy: {secret: [canary]}",
                "source: {properties: {a: 271828182845904523}}",
                "source: {properties: {a: [canary]}}",
                "sinks: {warehouse: {url: 'jdbc:x://u:canary@h/d?p=canary'}}",
                "sinks: {warehouse: {url: 'jdbc:x://u:can/canary@h/d'}}",
                "sinks: {warehouse: {url: 'jdbc:x://u:can?canary@h/d'}}",
                "sinks: {warehouse: {url: 'jdbc:postgresql://h/d', password: 271828182845904523}}",
                "sinks: {warehouse: {url: 'jdbc:postgresql://h/d', token: {canary: 1}}}",
                "sinks: {warehouse: {url: 'jdbc:postgresql://h/d', password: canary, token: canary}}",
                "sinks: {warehouse: {url: 'jdbc:postgresql://h/d?password=canary', token: canary}}",
                "sinks: {warehouse: {url: 271828182845904523}}",
                "sinks: {lake: {path: 's3://key:canary@bucket/x'}}",
                "sinks: {lake: {path: 'gs://key:canary@bucket/x'}}",
                "sinks: {dead-letters: {topic: t, properties: {a: 271828182845904523}}}",
            })
    void whatIsWrongIsToldWithoutASecret(String wrong) {
        String file = "name: n\n" + (wrong.startsWith("source") ? "" : "source: {file: f}\n") + wrong + "\n"
                + (wrong.startsWith("sinks") ? "" : "sinks: {console: {}}\n");
        Throwable thrown = catchThrowable(() -> PipelineFile.parse(file, Map.of(), Map.of()));

        assertThat(thrown).isInstanceOf(ConfigException.class);
        assertThat(thrown.getMessage()).hasLineCount(1).doesNotContain("canary").doesNotContain("2718281828");
    }

    @Test
    void noSettingPrintsASecret() {
        PipelineConfig config = PipelineFile.parse(
                FILE.replace("key: [\"${V}\"], ", "").replace("group: ${V}", "group: g"),
                Map.of(),
                Map.of("V", "canary"));
        String printed = config.sinks() + " " + config.privacy() + " "
                + config.source().properties() + " " + config.decodeSettings() + " " + config.warehouse();

        assertThat(printed).doesNotContain("canary").contains("secret=" + Secret.SHOWN);
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db:5432/w, jdbc:postgresql://db:5432/w",
        "jdbc:postgresql://db:5432/w?user=a@b&password=c, jdbc:postgresql://db:5432/w",
        "jdbc:snowflake://a.b.com/;db=x, jdbc:snowflake://a.b.com/",
        "jdbc:postgresql://u:p@db/w, jdbc:postgresql://db/w",
        "jdbc:postgresql://u:p/q@db/w, jdbc:postgresql://db/w",
        "jdbc:postgresql://u:p?q@db/w, jdbc:postgresql://…",
        "jdbc:postgresql://u:p;q@db/w?x=y, jdbc:postgresql://…",
        "s3://k:s@bucket/x, s3://bucket/x",
    })
    void aUrlIsShownAsAPlace(String url, String place) {
        assertThat(Secret.place(url)).isEqualTo(place);
    }

    @Test
    void aSettingThatIsThereTwiceIsRefused() {
        String file =
                "name: n\nsource: {file: f}\ntables:\n  s.t: {columns: {a: drop}}\n  s.t: {key: [id]}\nsinks: {console: {}}\n";

        assertThat(catchThrowable(() -> PipelineFile.parse(file, Map.of(), Map.of())))
                .isInstanceOf(ConfigException.class)
                .hasMessage("line 5: 's.t' is there twice in its mapping");
    }
}
