package io.tributary.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tributary.Pure;
import io.tributary.account.BreakerLimits;
import io.tributary.deadletter.ConfiguredDeadLetters;
import io.tributary.decode.OutOfRange;
import io.tributary.decode.TableSettings;
import io.tributary.flow.ConfigException;
import io.tributary.flow.Nearest;
import io.tributary.lake.LakeSettings;
import io.tributary.metrics.MetricSettings;
import io.tributary.sink.ConfiguredSink;
import io.tributary.warehouse.WarehouseSettings;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Pure
final class PipelineFileTest {
    private static final String GOOD = """
            name: orders
            source:
              bootstrap: broker:9092
              topics: cdc\\..*
              properties:
                security.protocol: SSL
            tables:
              public.orders:
                key: [id]
                types: {amount: "decimal(12,2)"}
                buckets: 4
            sinks:
              lake: {path: /data/lake}
            """;

    private static PipelineConfig parse(String yaml) {
        return PipelineFile.parse(yaml, Map.of(), Map.of());
    }

    private static String message(String yaml, Map<String, String> settings) {
        Throwable thrown = catchThrowable(() -> PipelineFile.parse(yaml, settings, Map.of()));
        assertThat(thrown).isInstanceOf(ConfigException.class);
        assertThat(thrown.getMessage()).hasLineCount(1);
        return String.valueOf(thrown.getMessage());
    }

    @Test
    void aGoodFileIsRead() {
        PipelineConfig config = parse(GOOD);
        assertThat(config.name()).isEqualTo("orders");
        assertThat(config.source().bootstrap()).isEqualTo("broker:9092");
        assertThat(config.source().topics()).isEqualTo("cdc\\..*");
        assertThat(config.kafka().properties()).isEqualTo(Map.of("security.protocol", "SSL"));
        assertThat(config.decodeSettings().tables())
                .isEqualTo(Map.of(
                        "public.orders",
                        new TableSettings(
                                List.of("id"),
                                Map.of("amount", "decimal(12,2)"),
                                4,
                                OutOfRange.TEXT,
                                Map.of(),
                                false)));
        assertThat(config.lake()).isEqualTo(LakeSettings.at("/data/lake"));
    }

    /** Each line replaces one line of the good file, and is refused in these words. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    name: orders             | nam: orders          | 'nam' is no setting; did you mean 'name'?
                    name: orders             | colour: red          | 'colour' is no setting; there are name, source, tables, privacy, metrics, aggregates, sinks, limits, breaker
                    name: orders             | name: 5              | 'name' must be text, got 5
                    name: orders             | name: a b            | 'name' must match ^[A-Za-z0-9][A-Za-z0-9._-]*$, got 'a b'
                    name: orders             | #                    | 'name' must be set
                    `  bootstrap: broker:9092` | `  bootstraps: x`  | 'source.bootstraps' is no setting; did you mean 'source.bootstrap'?
                    `  bootstrap: broker:9092` | `  bootstrap: ""`  | 'source.bootstrap' must not be empty
                    `  bootstrap: broker:9092` | `  bootstrap: [a]` | 'source.bootstrap' must be text, got ["a"]
                    `  bootstrap: broker:9092` | #                  | 'source' must have 'bootstrap' and 'topics', or 'file'
                    `  bootstrap: broker:9092` | `  file: /x`       | 'source.file' cannot stand beside 'source.bootstrap' and 'source.topics'
                    `  topics: cdc\\..*`     | `  topics: "cdc.("`  | 'source.topics' must be a regular expression, got 'cdc.(': Unclosed group
                    `    security.protocol: SSL` | `    a: 1`       | 'source.properties.a' must be text, in quotes, got …
                    `    key: [id]`          | `    key: id`        | 'tables.public.orders.key' must be a list, got 'id'
                    `    key: [id]`          | `    key: []`        | 'tables.public.orders.key' must not be empty
                    `    key: [id]`          | `    key: [7]`       | 'tables.public.orders.key.0' must be text, got 7
                    `    key: [id]`          | `    keys: [id]`     | 'tables.public.orders.keys' is no setting; did you mean 'tables.public.orders.key'?
                    `    buckets: 4`         | `    buckets: 0`     | 'tables.public.orders.buckets' must be at least 1, got 0
                    `    buckets: 4`         | `    buckets: 129`   | 'tables.public.orders.buckets' must be at most 128, got 129
                    `    buckets: 4`         | `    buckets: four`  | 'tables.public.orders.buckets' must be a whole number, got 'four'
                    `    buckets: 4`         | `    buckets: 1.5`   | 'tables.public.orders.buckets' must be a whole number, got 1.5
                    `    types: {amount: "decimal(12,2)"}` | `    types: {amount: money}` | 'tables.public.orders.types.amount' must be a column type: no type 'money'; there are boolean, int16, int32, int64, float32, float64, decimal(p,s), text, json, bytes, date, time, timestamp, timestamptz, any
                    `    types: {amount: "decimal(12,2)"}` | `    types: {amount: "decimal(12,13)"}` | 'tables.public.orders.types.amount' must be a column type: decimal(12,13) is not between decimal(1,0) and decimal(38,38)
                    `  lake: {path: /data/lake}` | `  lake: {}`     | 'sinks.lake.path' must be set
                    `  lake: {path: /data/lake}` | `  lake: /data`  | 'sinks.lake' must be a mapping, got '/data'
                    `  lake: {path: /data/lake}` | `  lake: {path: "gs://b/x"}` | 'sinks.lake.path' must be a folder, a file: URI or s3://BUCKET/PATH, got 'gs://b/x'
                    `  lake: {path: /data/lake}` | `  lake: {path: "s3:/b/x"}`  | 'sinks.lake.path' must be a folder, a file: URI or s3://BUCKET/PATH, got 's3:/b/x'
                    `  lake: {path: /data/lake}` | `  lake: {path: "s3:///x"}`  | 'sinks.lake.path' must be a folder, a file: URI or s3://BUCKET/PATH, got 's3:///x'
                    `  lake: {path: /data/lake}` | `  lake: {path: "hdfs:x"}`   | 'sinks.lake.path' must be a folder, a file: URI or s3://BUCKET/PATH, got 'hdfs:x'
                    name: orders             | `name: orders\nprivacy: {secret: short}` | 'privacy.secret' must have at least 16 characters
                    `    buckets: 4`         | `    unknown-columns: stop` | 'tables.public.orders.unknown-columns' must be one of warn, fail, got 'stop'
                    `  lake: {path: /data/lake}` | `  lake: {path: /l, current: {every: 1x}}` | 'sinks.lake.current.every' must be a duration or never: '1x' is no duration such as 60s, 5m or 1h
                    `  lake: {path: /data/lake}` | `  lake: {path: /l, current: sometimes}` | 'sinks.lake.current' must be a mapping, got 'sometimes'
                    `  lake: {path: /data/lake}` | `  lake: {path: /l, format: orc}` | 'sinks.lake.format' must be one of delta, parquet, json, csv, csv-guarded, got 'orc'
                    `  lake: {path: /data/lake}` | `  lake: {path: /l, schema-changes: never}` | 'sinks.lake.schema-changes' must be one of evolve, ignore, fail, got 'never'
                    `    buckets: 4`         | `    format: avro`                        | 'tables.public.orders.format' must be one of delta, parquet, json, csv, csv-guarded, got 'avro'
                    `    buckets: 4`         | `    schema-changes: stop`                | 'tables.public.orders.schema-changes' must be one of evolve, ignore, fail, got 'stop'
                    `  lake: {path: /data/lake}` | `  console: {json: yes please}` | 'sinks.console.json' must be true or false, got 'yes please'
                    `  lake: {path: /data/lake}` | `  dead-letters: {}` | 'sinks.dead-letters.topic' must be set
                    `  lake: {path: /data/lake}` | `  dead-letters: {topic: a b}` | 'sinks.dead-letters.topic' must match ^[A-Za-z0-9._-]{1,249}$, got 'a b'
                    `  lake: {path: /data/lake}` | `  lake: {path: /x}\n  dead-letters: {topic: cdc.dead}` | 'sinks.dead-letters.topic' must not match 'source.topics' cdc\\..*, or the job would read its own dead letters, got 'cdc.dead'
                    `  lake: {path: /data/lake}` | `  dead-letters: {topic: dead}` | 'sinks' must have at least one of 'lake', 'warehouse' and 'console', or the file must have 'metrics'
                    name: orders             | `name: orders\nmetrics: {m: {amount: a}}` | 'metrics.m.table' must be set
                    name: orders             | `name: orders\nmetrics: {"m x": {table: t, amount: a}}` | a name in 'metrics' must match ^[A-Za-z0-9][A-Za-z0-9._-]*$, got 'm x'
                    name: orders             | `name: orders\nmetrics: {m: {table: public.orders, amount: a, buckets: [1, 0.5]}}` | 'metrics.m.buckets' must rise, got 0.5 after 1
                    name: orders             | `name: orders\nmetrics: {m: {table: public.orders, amount: a, buckets: []}}` | 'metrics.m.buckets' must not be empty
                    name: orders             | `name: orders\nmetrics: {m: {table: public.orders, amount: a, buckets: [x]}}` | 'metrics.m.buckets.0' must be a number, got 'x'
                    name: orders             | `name: orders\nmetrics: {m: {table: public.orders, amount: a, labels: [a, a]}}` | 'metrics.m.labels' must name each column once, got 'a' twice
                    name: orders             | `name: orders\nmetrics: {m: {table: public.orders, amount: a, labels: [le]}}` | 'metrics.m.labels' must not be a label that every metric has, got 'le'
                    name: orders             | `name: orders\nmetrics: {m: {table: public.orders, amount: a, labels: [a-b]}}` | 'metrics.m.labels' must be columns that can name a label (letters, digits and '_', no 'cdc'), got 'a-b'
                    name: orders             | `name: orders\nmetrics: {m: {table: public.orders, amount: a, labels: [a, b, c, d, e, f]}}` | 'metrics.m.labels' must be at most 5, got 6
                    name: orders             | `name: orders\nmetrics: {m: {table: public.orders, amount: a, label-limit: 0}}` | 'metrics.m.label-limit' must be at least 1, got 0
                    name: orders             | `name: orders\nmetrics: {m: {table: public.orders, amount: a, currency: {to: euro}}}` | 'metrics.m.currency.to' must match ^[A-Z]{3}$, got 'euro'
                    name: orders             | `name: orders\nmetrics: {m: {table: public.orders, amount: a, currency: {rates: {USD: 1}}}}` | 'metrics.m.currency.rates' needs 'metrics.m.currency.column'
                    name: orders             | `name: orders\nmetrics: {m: {table: public.orders, amount: a, currency: {column: c, rates: {USD: 0}}}}` | 'metrics.m.currency.rates.USD' must be above 0, got 0
                    name: orders             | `name: orders\naggregates: {a: {table: public.orders}}` | 'aggregates.a' must have at least one of 'count', 'sum', 'avg', 'min', 'max' and 'count-distinct'
                    name: orders             | `name: orders\naggregates: {a: {table: public.orders, summ: x}}` | 'aggregates.a.summ' is no setting; did you mean 'aggregates.a.sum'?
                    name: orders             | `name: orders\naggregates: {a: {table: public.orders, sum: 7}}` | 'aggregates.a.sum' must be text or a list, got 7
                    name: orders             | `name: orders\naggregates: {a: {table: public.orders, sum: [x, x]}}` | 'aggregates.a' must give each column of the result a name of its own, got 'sum_x' twice
                    name: orders             | `name: orders\naggregates: {current: {table: public.orders, count: true}}` | 'aggregates.current' must not be called as a folder of the lake: current, raw-kafka-data, rejected
                    name: orders             | `name: orders\naggregates: {a: {table: public.orders, count: true, join: {table: c}}}` | 'aggregates.a.join.on' must be set
                    name: orders             | `name: orders\naggregates: {a: {table: public.orders, count: true, window: 0s}}` | 'aggregates.a.window' must be above 0, got '0s'
                    name: orders             | `name: orders\naggregates: {a: {table: public.orders, count: true, window: soon}}` | 'aggregates.a.window' must be a duration: 'soon' is no duration such as 60s, 5m or 1h
                    name: orders             | `name: orders\naggregates: {a: {table: public.orders, count: true, keep: 7h}}` | 'aggregates.a.keep' needs 'aggregates.a.window'
                    name: orders             | `name: orders\naggregates: {a: {table: public.orders, count: true, window: 1m, join: {table: c, on: {c: id}}}}` | 'aggregates.a.window' cannot stand beside 'aggregates.a.join': changes have a time, joined rows have none
                    name: orders             | `name: orders\naggregates: {a: {table: public.orders, count: true, where: {x: {min: low}}}}` | 'aggregates.a.where.x.min' must be a number, got "low"
                    `    buckets: 4`         | `    state: keys\naggregates: {a: {table: public.orders, count: true}}` | 'aggregates.a.table' is public.orders, of which 'tables.public.orders.state' keeps keys only: its rows could not be taken back
                    `    buckets: 4`         | `    state: keys\n    current: true` | 'tables.public.orders.current' must be false with 'state: keys', got true
                    `    buckets: 4\nsinks:\n  lake: {path: /data/lake}` | `    state: keys\n    current: true\nsinks:\n  console: {}` | 'tables.public.orders.current' must be false with 'state: keys', got true
                    name: orders             | `name: orders\nbreaker: {share: 1.5}` | 'breaker.share' must be at most 1, got 1.5
                    name: orders             | `name: orders\nbreaker: {share: half}` | 'breaker.share' must be a number, got 'half'
                    name: orders             | `name: orders\nbreaker: {window: soon}` | 'breaker.window' must be a duration: 'soon' is no duration such as 60s, 5m or 1h
                    name: orders             | `name: orders\nbreaker: {window: 60}` | 'breaker.window' must be text, got 60
                    name: orders             | `name: orders\nbreaker: {window: 900ms}` | 'breaker.window' must be at least 1s, got '900ms'
                    name: orders             | `name: orders\nbreaker: {least: 0}` | 'breaker.least' must be at least 1, got 0
                    name: orders             | `name: orders\nbreaker: {lest: 9}` | 'breaker.lest' is no setting; did you mean 'breaker.least'?
                    `  lake: {path: /data/lake}` | `  {}`           | 'sinks' must have at least one of 'lake', 'warehouse' and 'console', or the file must have 'metrics'
                    """)
    void aWrongSettingIsNamedInOneLine(String line, String replacement, String message) {
        assertThat(GOOD).contains(line + "\n");
        assertThat(message(GOOD.replace(line + "\n", replacement + "\n"), Map.of()))
                .isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    ``              | a pipeline file is a mapping that starts with 'name:' and 'source:'
                    - name          | a pipeline file is a mapping that starts with 'name:' and 'source:'
                    hello           | a pipeline file is a mapping that starts with 'name:' and 'source:'
                    `name: x`       | 'source' must be set
                    """)
    void whatIsNoPipelineIsRefused(String yaml, String message) {
        assertThat(message(yaml, Map.of())).isEqualTo(message);
    }

    private static Properties producer(PipelineConfig config) {
        return Objects.requireNonNull(config.sink(ConfiguredDeadLetters.class)).producer();
    }

    @Test
    void deadLettersGoToTheSourcesBrokersOrToOthers() {
        String sinks = "sinks:\n  console: {}\n  dead-letters: {topic: dead, ";
        PipelineConfig own = parse("name: x\nsource: {file: y}\n" + sinks + "bootstrap: 'b:1', properties: {a: b}}\n");
        assertThat(producer(own)).isEqualTo(Map.of("bootstrap.servers", "b:1", "a", "b"));
        PipelineConfig sources = parse(GOOD + "  dead-letters: {topic: dead, properties: {a: b}}\n");
        assertThat(producer(sources))
                .isEqualTo(Map.of("bootstrap.servers", "broker:9092", "security.protocol", "SSL", "a", "b"));
        assertThat(message("name: x\nsource: {file: y}\n" + sinks + "}\n", Map.of()))
                .isEqualTo("'sinks.dead-letters.bootstrap' must be set, because 'source' has no 'bootstrap'");
    }

    @Test
    void theBreakerHasDefaults() {
        assertThat(parse(GOOD).breakerLimits()).isEqualTo(BreakerLimits.DEFAULT);
        assertThat(parse(GOOD + "breaker: {share: 1}\n").breakerLimits().share())
                .isEqualTo(1);
        assertThat(parse(GOOD + "breaker: {window: 90s, least: 5, scope: table}\n")
                        .breakerLimits())
                .isEqualTo(new BreakerLimits(0.5, Duration.ofSeconds(90), 5, BreakerLimits.Scope.TABLE));
    }

    @Test
    void aMetricHasDefaults() {
        assertThat(parse(GOOD + "metrics: {m: {table: t, amount: a}}\n").metricSettings())
                .containsExactly(new MetricSettings(
                        "m", "t", "a", null, "EUR", Map.of(), List.of(), MetricSettings.BUCKETS, MetricSettings.LIMIT));
    }

    @Test
    void aMetricsNumbersAreTakenAsTheyAreWritten() {
        MetricSettings metric = parse(GOOD + "metrics: {m: {table: t, amount: a, labels: [x, y], buckets: [0.1, 2],"
                        + " currency: {column: c, to: NOK, rates: {USD: 10.1234567890123456789}}, label-limit: 7}}\n")
                .metricSettings()
                .get(0);
        assertThat(metric.rates()).isEqualTo(Map.of("USD", new BigDecimal("10.1234567890123456789")));
        assertThat(metric.buckets()).containsExactly(new BigDecimal("0.1"), new BigDecimal("2"));
        assertThat(metric.to()).isEqualTo("NOK");
        assertThat(metric.limit()).isEqualTo(7);
    }

    @Test
    void amountsThatCouldNotBeTakenBackOrAreHiddenAreRefused() {
        String metric = "metrics: {m: {table: public.orders, amount: amount}}\n";
        assertThat(message(GOOD.replace("    buckets: 4\n", "    state: keys\n") + metric, Map.of()))
                .isEqualTo("'metrics.m.table' is public.orders, of which 'tables.public.orders.state' keeps keys only:"
                        + " its amounts could not be taken back");
        assertThat(message(GOOD.replace("    buckets: 4\n", "    columns: {amount: drop}\n") + metric, Map.of()))
                .isEqualTo("'metrics.m.amount' is amount, which 'tables.public.orders.columns' hides");
    }

    @Test
    void badYamlIsNamedWithItsLine() {
        assertThat(message("name: x\nsource:\n\tfile: y\n", Map.of()))
                .isEqualTo("line 3 is no YAML: found character '\\t(TAB)' that cannot start any token."
                        + " (Do not use \\t(TAB) for indentation)");
        assertThat(message("name: x\nsource: [a\nsinks: {}\n", Map.of()))
                .isEqualTo("line 3 is no YAML: expected ',' or ']', but got :");
        assertThat(message("name: x\n  source: y\n", Map.of()))
                .isEqualTo("line 2 is no YAML: mapping values are not allowed here");
    }

    @Test
    void aSettingFromTheCommandLineReplacesTheFiles() {
        PipelineConfig config = PipelineFile.parse(
                GOOD,
                Map.of("sinks.lake.path", "/other", "sinks.console.json", "true", "tables.public.orders.buckets", "16"),
                Map.of());
        assertThat(config.lake()).isEqualTo(LakeSettings.at("/other"));
        assertThat(config.sinks().values())
                .extracting(ConfiguredSink::description)
                .contains("console  JSON lines");
        assertThat(config.tables().get("public.orders"))
                .isEqualTo(new TableFile(
                        List.of("id"),
                        Map.of("amount", "decimal(12,2)"),
                        16,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null));
    }

    private static final String WAREHOUSE = """
            name: mirror
            source: {bootstrap: "b:9092", topics: t}
            tables:
              public.orders: {to: ORDERS, deletes: soft, history: true, freshness: 15m}
              public.secrets: {mirror: false}
              public.quiet: {history: false}
            sinks:
              warehouse:
                history: true
                url: jdbc:postgresql://db/warehouse?password=canary
                user: tributary
                password: canary
                batch: {rows: 500, interval: 10s}
                names: {pattern: "(.*)\\\\.(.*)", to: "$1_$2", letters: upper}
            """;

    @Test
    void aWarehouseIsReadAndItsSecretsAreNeverPrinted() {
        PipelineConfig config = PipelineFile.parse(WAREHOUSE, Map.of(), Map.of());
        WarehouseSettings warehouse = Objects.requireNonNull(config.warehouse());
        assertThat(warehouse.execution().getBatchSize()).isEqualTo(500);
        assertThat(warehouse.execution().getBatchIntervalMs()).isEqualTo(10_000);
        assertThat(warehouse.freshness()).containsExactly(Map.entry("public.orders", Duration.ofMinutes(15)));
        assertThat(warehouse.without()).containsExactly("public.secrets");
        assertThat(warehouse.allHistories()).isTrue();
        assertThat(warehouse.histories()).isEqualTo(Map.of("public.orders", true, "public.quiet", false));
        assertThat(config.toString() + warehouse).doesNotContain("canary").contains("jdbc:postgresql://db/warehouse");
    }

    @Test
    void snowflakeKnowsTheUserByAKeyATokenOrAPassword() {
        String url = "jdbc:snowflake://account/?private_key_file_pwd=canary";
        String keyed = WAREHOUSE
                .replace("jdbc:postgresql://db/warehouse?password=canary", url)
                .replace(
                        "password: canary",
                        "password: \"${PASSWORD:}\"\n    private-key-file: \"${KEY:}\"\n    token: \"${TOKEN:}\"");
        for (String named : List.of("KEY", "TOKEN", "PASSWORD")) {
            PipelineConfig config = PipelineFile.parse(keyed, Map.of(), Map.of(named, "canary"));
            JdbcConnectionOptions connection =
                    Objects.requireNonNull(config.warehouse()).connection();
            assertThat(connection.getProperties())
                    .containsEntry("QUERY_TAG", "tributary")
                    .containsAllEntriesOf(
                            switch (named) {
                                case "KEY" -> Map.of("authenticator", "snowflake_jwt", "private_key_file", "canary");
                                case "TOKEN" -> Map.of("authenticator", "programmatic_access_token", "token", "canary");
                                default -> Map.of("password", "canary");
                            });
            assertThat(config.toString() + config.warehouse()).doesNotContain("canary");
        }
        assertThat(message(keyed, Map.of("sinks.warehouse.token", "canary", "sinks.warehouse.password", "canary")))
                .isEqualTo(
                        "'sinks.warehouse.token' must be alone: of password, private-key-file and token one can be set");
        assertThat(message(WAREHOUSE.replace("    password: canary\n", ""), Map.of("sinks.warehouse.token", "canary")))
                .isEqualTo(
                        "'sinks.warehouse.token' is nothing that 'jdbc:postgresql://db/warehouse' takes: use 'user' and 'password'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"transactions", "demo", "csv", "console", "snowflake"})
    void thePipelinesToStartFromAreRead(String name) throws IOException {
        PipelineConfig config = PipelineFile.parse(
                Files.readString(Path.of("pipelines", name + ".yaml")),
                Map.of(),
                Map.of(
                        "SNOWFLAKE_ACCOUNT",
                        "account",
                        "SNOWFLAKE_USER",
                        "user",
                        "SNOWFLAKE_PRIVATE_KEY_FILE",
                        "key.p8"));
        assertThat(config.name()).isEqualTo(name);
        config.warehouse();
    }

    @Test
    void aWarehousesMistakesAreNamed() {
        assertThat(message(WAREHOUSE, Map.of("sinks.warehouse.url", "jdbc:oracle:thin:@db?password=canary")))
                .isEqualTo(
                        "'sinks.warehouse.url' must begin with one of [jdbc:postgresql:, jdbc:snowflake:], got 'jdbc:oracle:thin:@db'");
        assertThat(message(WAREHOUSE, Map.of("sinks.warehouse.batch.interval", "soon")))
                .startsWith("'sinks.warehouse.batch.interval' must be a duration: ");
        assertThat(message(WAREHOUSE, Map.of("tables.public.orders.freshness", "soon")))
                .startsWith("'tables.public.orders.freshness' must be a duration: ");
        assertThat(message(WAREHOUSE, Map.of("sinks.warehouse.names.to", "$3")))
                .isEqualTo("'sinks.warehouse.names.to' must name groups of 'pattern' up to $2, got '$3'");
        assertThat(message(WAREHOUSE, Map.of("sinks.warehouse.names.pattern", "(")))
                .startsWith("'sinks.warehouse.names.pattern' must be a regular expression, got '('");
    }

    @Test
    void aSettingFromTheCommandLineIsChecked() {
        assertThat(message(GOOD, Map.of("tables.public.orders.buckets", "many")))
                .isEqualTo("'tables.public.orders.buckets' must be a whole number, got 'many'");
        assertThat(message(GOOD, Map.of("sink.lake.path", "x")))
                .isEqualTo("'sink' is no setting; did you mean 'sinks'?");
    }

    @Test
    void propertiesWithDotsAreSetWhereTheFileHasThem() {
        PipelineConfig config =
                PipelineFile.parse(GOOD, Map.of("source.properties.security.protocol", "PLAINTEXT"), Map.of());
        assertThat(config.kafka().properties()).isEqualTo(Map.of("security.protocol", "PLAINTEXT"));
    }

    @Test
    void theEnvironmentsValuesArePutIn() {
        String yaml = GOOD.replace("broker:9092", "${HOST}:${PORT:9092}").replace("buckets: 4", "buckets: ${N}");
        PipelineConfig config = PipelineFile.parse(yaml, Map.of(), Map.of("HOST", "a$1\\b", "N", "16"));
        assertThat(config.source().bootstrap()).isEqualTo("a$1\\b:9092");
        assertThat(config.decodeSettings().tables().get("public.orders"))
                .isEqualTo(new TableSettings(
                        List.of("id"), Map.of("amount", "decimal(12,2)"), 16, OutOfRange.TEXT, Map.of(), false));
    }

    @Test
    void hiddenColumnsAreOfATableThatATopicHas() {
        PipelineConfig config = parse(GOOD.replace("    buckets: 4", "    buckets: 4\n    columns: {email: mask}"));

        assertThatThrownBy(() -> config.checkHidden(Set.of("cdc.public.order", "cdc.public.users")))
                .isInstanceOf(ConfigException.class)
                .hasMessage("'tables.public.orders.columns' hides columns of a table that no topic has;"
                        + " did you mean 'public.order'?");
        config.checkHidden(Set.of("cdc.public.orders", "cdc.public.users"));
        config.checkHidden(Set.of("renamed", "cdc.public.users")); // these do not tell their tables
        config.checkHidden(Set.of());
    }

    @Test
    void topicsOfTwoDatabasesWhoseTablesHaveOneNameAreRefused() {
        PipelineConfig config = parse(GOOD);
        config.checkTables(Set.of("ms.a.dbo.orders", "ms.b.dbo.users", "cdc.public.orders", "plain", "__x.dbo.orders"));

        assertThatThrownBy(() -> config.checkTables(Set.of("ms.b.dbo.orders", "ms.a.dbo.orders")))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "'source.topics' matches ms.a.dbo.orders and ms.b.dbo.orders, whose rows would be of one table,"
                                + " dbo.orders; give each a pipeline of its own, or set 'source.same-tables: merge' if they are of one"
                                + " table");
        assertThatThrownBy(() -> config.checkTables(Set.of("one.public.orders", "two.public.orders")))
                .hasMessageContaining("public.orders;");
        parse(GOOD.replace("source:", "source:\n  same-tables: merge"))
                .checkTables(Set.of("one.public.orders", "two.public.orders"));
        PipelineConfig recorded = parse("name: n\nsource: {file: a.jsonl}\nsinks: {lake: {path: lake}}\n");
        assertThatThrownBy(() -> recorded.checkTables(Set.of("one.public.orders", "two.public.orders")))
                .hasMessageStartingWith("'source.file' has one.public.orders and two.public.orders, whose rows");
    }

    @Test
    void anAbsentVariableIsNamedWithItsSetting() {
        assertThat(message(GOOD.replace("broker:9092", "${HOST}:9092"), Map.of()))
                .isEqualTo("'source.bootstrap' needs the environment variable HOST, which is not set");
        assertThat(message(GOOD.replace("[id]", "[a, \"${KEY}\"]"), Map.of()))
                .isEqualTo("'tables.public.orders.key[1]' needs the environment variable KEY, which is not set");
        assertThat(message(GOOD, Map.of("sinks.lake.path", "${LAKE}")))
                .isEqualTo("'sinks.lake.path' needs the environment variable LAKE, which is not set");
    }

    @Test
    void aFileThatIsNotThereIsNamed(@TempDir Path folder) {
        Path file = folder.resolve("none.yaml");
        assertThat(catchThrowable(() -> PipelineFile.read(file, Map.of(), Map.of())))
                .isInstanceOf(ConfigException.class)
                .hasMessage("'--config' " + file + " is not there");
    }

    @Test
    void aFilesMistakeIsNamedWithTheFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("p.yaml"), "name: x\n");
        assertThat(catchThrowable(() -> PipelineFile.read(file, Map.of(), Map.of())))
                .isInstanceOf(ConfigException.class)
                .hasMessage(file + ": 'source' must be set");
    }

    @ParameterizedTest
    @CsvSource({
        "/data/lake,file:/data/lake",
        "/data/lake/,file:/data/lake",
        "/data/./x/../lake,file:/data/lake",
        "file:/data/lake/,file:/data/lake",
        "file:///data/lake,file:///data/lake"
    })
    void aLakesPathIsAUriWithoutASlashAtItsEnd(String path, String uri) {
        assertThat(LakeSettings.at(path).uri()).isEqualTo(uri);
    }

    @ParameterizedTest
    @CsvSource({"name,name,0", "nam,name,1", "mane,name,2", "'',abc,3", "kitten,sitting,3"})
    void distanceIsHowManyLettersMustChange(String a, String b, int distance) {
        assertThat(Nearest.distance(a, b)).isEqualTo(distance);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "where: 'amount >'|'tables.s.t.where' must be an expression (at character 9: ",
                "where: 5|'tables.s.t.where' must be text, got 5",
                "columns: {x: {expr: 'a b'}}|'tables.s.t.columns.x.expr' must be an expression (at character 3: ",
                "columns: {x: {type: text}}|'tables.s.t.columns.x.expr' must be set",
                "columns: {x: {expr: a, type: texts}}|'tables.s.t.columns.x.type' must be a column type: ",
                "columns: {x: hide}|'tables.s.t.columns.x' must be one of drop, hash, mask, got 'hide'",
                "columns: {x: {expr: a, typ: text}}|'tables.s.t.columns.x.typ' is no setting; did you mean 'tables.s.t.columns.x.type'?",
                "rules: {x: {expr: 1}}|'tables.s.t.rules.x.expr' must be an expression, got 1",
                "state: keys, where: a > 1|'tables.s.t.where' cannot stand beside 'state: keys'",
            })
    void anExpressionThatIsNoneIsNamed(String table, String message) {
        assertThatThrownBy(() -> PipelineFile.parse(
                        "name: n\nsource: {file: f}\ntables: {s.t: {" + table + "}}\nsinks: {console: {}}",
                        Map.of(),
                        Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }
}
