package io.tributary.cli;

import io.tributary.account.Account;
import io.tributary.audit.TableAudit;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.doctor.Metrics;
import io.tributary.flow.ConfigException;
import io.tributary.flow.MetricName;
import io.tributary.lake.LakeProbe;
import io.tributary.lake.LakeSettings;
import io.tributary.local.DemoTables;
import io.tributary.local.Generator;
import io.tributary.local.LivePage;
import io.tributary.local.LocalStack;
import io.tributary.local.Mix;
import io.tributary.local.ObjectStores;
import io.tributary.local.TopicCounts;
import io.tributary.sink.ConfiguredSink;
import io.tributary.sink.SinkView;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The whole real stack in one process, with data that changes. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Starts PostgreSQL, Kafka, Connect with Debezium and Flink, changes rows, and shows them arrive in a"
                        + " lake. Ctrl-C stops with a savepoint; the next start goes on. With --for it stops by itself, audits source"
                        + " against lake and exits 0 only if they agree.")
final class DemoCommand implements Callable<Integer> {
    private static final Duration ARRIVAL_TIMEOUT = Duration.ofMinutes(2);
    private static final int LINES_BETWEEN_TABLES = 10;

    @Option(
            names = "--for",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "how long rows change, for example 60s")
    private @Nullable Duration length;

    @Option(
            names = "--rate",
            defaultValue = "200",
            description = "changes a second; 0 leaves them to you (default: ${DEFAULT-VALUE})")
    private int rate;

    @Option(
            names = "--mix",
            paramLabel = "insert=N,update=N,delete=N",
            converter = MixConverter.class,
            defaultValue = "insert=40,update=45,delete=15",
            description = "per cent of each (default: ${DEFAULT-VALUE})")
    private Mix mix = Mix.USUAL;

    @Option(
            names = "--csv",
            paramLabel = "DIR",
            description =
                    "the tables are those of DIR's CSV files, and nobody changes them but you; those of DIR/later come"
                            + " while the job runs")
    private @Nullable Path csvFolder;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "keeps everything (default: .tributary/demo, with --csv .tributary/csv)")
    private @Nullable Path data;

    @Option(
            names = "--lake",
            paramLabel = "PATH",
            description = "a folder or s3://BUCKET/PATH, reached as AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and"
                    + " AWS_SECRET_ACCESS_KEY say (default: DIR/lake)")
    private @Nullable String lake;

    @Option(names = "--report", paramLabel = "FILE.json", description = "where to write what the audit found")
    private @Nullable Path report;

    @Mixin
    private DemoPorts ports = new DemoPorts();

    @Override
    public Integer call() throws Exception {
        long start = System.nanoTime();
        checkOptions();
        Path home = Path.of(System.getProperty("tributary.home", "."))
                .toAbsolutePath()
                .normalize();
        DemoCsv csv = csvFolder == null ? null : new DemoCsv(csvFolder);
        DataFolder held = data != null
                ? DataFolder.at(data)
                : csv != null
                        ? DataFolder.at(home.resolve(".tributary/csv"))
                        : DataFolder.next(home.resolve(".tributary"));
        Path folder = held.path();
        System.setProperty("log.file", folder.resolve("tributary.log").toString());
        if (data == null && folder.getFileName().toString().startsWith("demo-")) {
            Tributary.tell("another demo runs in " + folder.resolveSibling("demo") + ": this one is beside it");
        }
        Tributary.tell("data and log in " + folder);
        LakeSettings target =
                LakeSettings.at(lake == null ? folder.resolve("lake").toString() : lake);
        ObjectStores.openFor(target);
        LakeProbe.check(target);
        LocalStack stack = LocalStack.in(folder, Tributary::tell);
        try (Stopping stopping = Stopping.of(held, "the job takes a savepoint")) {
            stopping.first(stack);
            stack.stopLeftBehind();
            stack.start(
                    ports.plan(), home.resolve(csv == null ? "debezium/postgres.json" : "debezium/examples/csv.json"));
            Path file = home.resolve(csv == null ? "pipelines/demo.yaml" : "pipelines/csv.yaml");
            RunningStack.tell(folder, stack.addresses(), target.path(), file);
            PipelineConfig pipeline = pipeline(file, stack, target);
            stack.submit(pipeline);
            double startSeconds = seconds(start);
            Generator generator = Generator.start(
                    () -> stack.postgres().connect(LocalStack.DATABASE), csv == null ? rate : 0, mix, start);
            stopping.first(generator);
            if (csv == null) {
                LivePage page = LivePage.start(stack, generator::changes, target.uri(), ports.page());
                stopping.first(page);
                Tributary.tell("page       " + page.url());
            } else {
                try (Connection connection = stack.postgres().connect(LocalStack.DATABASE)) {
                    csv.start(connection);
                }
            }
            Tributary.tell("up in %.1f s; lake in %s".formatted(startSeconds, target.path()));
            if (rate == 0 || csv != null) {
                sayHowToChangeRows(folder, stack);
            }
            Tributary.tell("Ctrl-C stops; the same command goes on where it stopped");
            try {
                watch(stack, generator, csv);
            } catch (Exception e) {
                if (stopping.isSignalled()) {
                    return 0; // the line was made of a stack that is going down
                }
                throw e;
            }
            return length == null
                    ? 0
                    : finish(stack, generator, pipeline, csv == null ? DemoTables.NAMES : csv.tables(), startSeconds);
        }
    }

    private static PipelineConfig pipeline(Path file, LocalStack stack, LakeSettings target) throws IOException {
        return PipelineFile.read(
                file,
                Map.of(),
                Map.of(
                        "KAFKA_BOOTSTRAP", stack.kafka().bootstrap(),
                        "LAKE_PATH", target.path(),
                        "WAREHOUSE_URL", stack.postgres().jdbcUrl(LocalStack.WAREHOUSE),
                        "WAREHOUSE_USER", stack.postgres().user(),
                        "WAREHOUSE_PASSWORD", stack.postgres().password()));
    }

    private static void sayHowToChangeRows(Path folder, LocalStack stack) {
        Tributary.tell("to change rows: PGPASSWORD=$(cat %s) psql -h 127.0.0.1 -p %d -U %s %s"
                .formatted(
                        folder.resolve("postgres/password"),
                        stack.postgres().port(),
                        stack.postgres().user(),
                        LocalStack.DATABASE));
    }

    private void checkOptions() {
        if (rate < 0 || rate > 100_000) {
            throw new ConfigException("'--rate' must be from 0 to 100000, got " + rate);
        }
    }

    /** A line a second, until the time is over. */
    private void watch(LocalStack stack, Generator generator, @Nullable DemoCsv csv) throws Exception {
        long end = length == null ? Long.MAX_VALUE : System.nanoTime() + length.toNanos();
        for (int line = 1; System.nanoTime() < end; line++) {
            Thread.sleep(Math.max(1, Math.min(1000, (end - System.nanoTime()) / 1_000_000)));
            Tributary.tell(status(stack, generator));
            if (line % LINES_BETWEEN_TABLES == 0) {
                byTable(stack).forEach(Tributary::say);
            }
            if (csv != null && csv.isDue()) {
                try (Connection connection = stack.postgres().connect(LocalStack.DATABASE)) {
                    csv.comeLater(connection);
                }
            }
            if (stack.flink().failed()) {
                throw new IllegalStateException(
                        "the job has ended: " + stack.flink().status());
            }
            String trouble = stack.connectorTrouble();
            if (!trouble.isEmpty() && length != null) {
                throw new IllegalStateException(trouble);
            }
            if (!trouble.isEmpty()) {
                Tributary.tell(trouble + "; ./tributary check says what to do");
            }
        }
    }

    private static String status(LocalStack stack, Generator generator) {
        return "rows changed %,d | %s"
                .formatted(generator.changes(), StatusLine.of(stack.flink().metricsUrl(), "./tributary check"));
    }

    /** A line for each table: what came of it, was found right, is in its mirror, and became dead letters. */
    private static List<String> byTable(LocalStack stack) {
        try {
            Metrics metrics = Metrics.read(stack.flink().metricsUrl());
            Map<String, Double> validated = metrics.sums(MetricName.TRANSACTIONS.template(), "table");
            Map<String, Double> loaded = metrics.sums(MetricName.WAREHOUSE_ROWS.template(), "table");
            Map<String, Double> failed = metrics.sums(MetricName.REJECTED.template(), "table");
            List<String> lines = new ArrayList<>();
            metrics.sums(MetricName.READ.template(), "table")
                    .forEach((table, consumed) ->
                            lines.add("  %-24s consumed %,d | validated %,d | loaded %,d | failed %,d"
                                    .formatted(
                                            table,
                                            consumed.longValue(),
                                            validated.getOrDefault(table, 0.0).longValue(),
                                            loaded.getOrDefault(table, 0.0).longValue(),
                                            failed.getOrDefault(table, 0.0).longValue())));
            return lines;
        } catch (IOException e) {
            return List.of(); // the line before it says so
        }
    }

    private int finish(
            LocalStack stack, Generator generator, PipelineConfig pipeline, List<String> tables, double startSeconds)
            throws Exception {
        generator.stop();
        Tributary.tell("rows changed %,d; waiting until all has arrived".formatted(generator.changes()));
        TopicCounts kafka = awaitArrival(
                stack, Pattern.compile(Objects.requireNonNull(pipeline.source().topics())));
        Tributary.tell("stopping the job with a savepoint");
        Account account = stack.flink().stop();
        List<TableAudit> audits = new ArrayList<>();
        SinkView lake = Objects.requireNonNull(pipeline.sinks().get("lake")).view();
        ConfiguredSink warehouse = pipeline.sinks().get("warehouse");
        SinkView mirrors = warehouse == null ? null : warehouse.view();
        try (Connection source = stack.postgres().connect(LocalStack.DATABASE)) {
            for (String table : tables) {
                int dot = table.indexOf('.');
                Tributary.tell("comparing " + table);
                audits.add(TableAudit.of(
                        source,
                        Objects.requireNonNull(lake),
                        mirrors,
                        new TableName(table.substring(0, dot), table.substring(dot + 1))));
            }
        }
        DemoReport result = new DemoReport(account, kafka, audits, startSeconds);
        if (report != null) {
            result.write(report);
        }
        result.lines().forEach(Tributary::tell);
        result.problems().forEach(Tributary::say);
        String sinks = warehouse == null ? "source and lake" : "source, lake and mirror";
        Tributary.tell(sinks + (result.problems().isEmpty() ? " agree" : " do NOT agree"));
        return result.problems().isEmpty() ? 0 : Tributary.NO;
    }

    /** Waits until a mark written after the last change is in Kafka, and then until the job's account has every record. */
    private static TopicCounts awaitArrival(LocalStack stack, Pattern topics) throws Exception {
        long deadline = System.nanoTime() + ARRIVAL_TIMEOUT.toNanos();
        try (Connection source = stack.postgres().connect(LocalStack.DATABASE)) {
            Arrival.mark(source, stack.kafka().bootstrap(), ARRIVAL_TIMEOUT);
        }
        stack.stopConnect();
        TopicCounts counts = TopicCounts.of(stack.kafka().bootstrap(), topics);
        while (true) {
            long read = Metrics.read(stack.flink().metricsUrl()).sum("cdc_read_total");
            if (read == counts.total()) {
                return counts;
            }
            if (System.nanoTime() > deadline) {
                Tributary.tell("the job has read %,d of %,d records after %d s"
                        .formatted(read, counts.total(), ARRIVAL_TIMEOUT.toSeconds()));
                return counts;
            }
            Thread.sleep(500);
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
