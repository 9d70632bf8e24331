package io.tributary.cli;

import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import io.tributary.local.DemoTables;
import io.tributary.local.EventProducer;
import io.tributary.local.Generator;
import io.tributary.local.Mix;
import io.tributary.local.SimulatedUsers;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Changes where there are none: events of simulated users in Kafka, or rows that change in a PostgreSQL. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Makes changes: to Kafka or Redpanda, events of simulated users (id, name, balance) as Debezium would send"
                    + " them, for when there is no database; to PostgreSQL, inserts, updates and deletes of rows.",
            "Ends by --for, --count or Ctrl-C."
        })
final class GenerateCommand implements Callable<Integer> {
    private static final int SECOND = 1000;

    /** Where changes are made. */
    enum Target {
        kafka,
        postgres
    }

    @Option(names = "--to", required = true, description = "${COMPLETION-CANDIDATES}")
    private Target to = Target.kafka;

    @Option(
            names = "--rate",
            defaultValue = "${EVENTS_PER_SEC:-10}",
            description = "changes a second (default: EVENTS_PER_SEC, or 10)")
    private int rate;

    @Option(
            names = "--mix",
            paramLabel = "insert=N,update=N,delete=N",
            converter = MixConverter.class,
            defaultValue = "insert=70,update=25,delete=5",
            description = "per cent of each (default: ${DEFAULT-VALUE})")
    private Mix mix = Mix.USUAL;

    @Option(
            names = "--for",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "how long, for example 60s (default: until Ctrl-C)")
    private @Nullable Duration length;

    @Option(names = "--count", paramLabel = "N", description = "end after so many changes")
    private long count = Long.MAX_VALUE;

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "the brokers (default: KAFKA_BOOTSTRAP, or the running demo's, or localhost:9092)")
    private @Nullable String bootstrap;

    @Option(
            names = "--topic",
            defaultValue = "${TOPIC:-r023hf}",
            description = "made if it is not there (default: TOPIC, or r023hf)")
    private String topic = "";

    @Option(
            names = "--min-value",
            paramLabel = "N",
            defaultValue = "${MIN_VALUE:-0}",
            description = "the smallest balance (default: MIN_VALUE, or 0)")
    private long least;

    @Option(
            names = "--max-value",
            paramLabel = "N",
            defaultValue = "${MAX_VALUE:-1000}",
            description = "the greatest balance (default: MAX_VALUE, or 1000)")
    private long greatest;

    @Option(
            names = "--source",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description =
                    "whether events have a 'source' (default: yes); without, their table is named after the topic")
    private boolean source;

    @Option(
            names = "--table",
            defaultValue = "public.transactions",
            description =
                    "of PostgreSQL: public.transactions, sales.transactions or sales.orders; made, as the demo has them,"
                            + " if they are not there (default: ${DEFAULT-VALUE})")
    private String table = "";

    @Mixin
    private PostgresOptions postgres = new PostgresOptions();

    @Override
    public Integer call() throws Exception {
        if (rate < 1 || rate > 100_000) {
            throw new ConfigException("'--rate' must be from 1 to 100000, got " + rate);
        }
        if (count < 1) {
            throw new ConfigException("'--count' must be at least 1, got " + count);
        }
        return to == Target.kafka ? toKafka() : toPostgres();
    }

    private int toKafka() throws InterruptedException {
        if (least > greatest) {
            throw new ConfigException(
                    "'--min-value' must not be above '--max-value', got " + least + " and " + greatest);
        }
        String brokers = RunningStack.or(bootstrap, "KAFKA_BOOTSTRAP", "kafka", "localhost:9092");
        long had = EventProducer.prepare(brokers, topic);
        SimulatedUsers.Kind kind = new SimulatedUsers.Kind(topic, mix, least, greatest, source);
        SimulatedUsers users = new SimulatedUsers(kind, had + 1, System.nanoTime(), System::currentTimeMillis);
        EventProducer producer = new EventProducer(brokers, topic, Tributary::say);
        Tributary.say("users to the topic '%s' at %s, %,d changes a second".formatted(topic, brokers, rate));
        producer.start(users, rate, count);
        return untilDone(producer, producer::changes, producer::isRunning);
    }

    private int toPostgres() throws InterruptedException, IOException {
        if (!DemoTables.NAMES.contains(table)) {
            throw new ConfigException(
                    "'--table' must be one of " + String.join(", ", DemoTables.NAMES) + ", got '" + table + "'");
        }
        try (Connection connection = postgres.connect()) {
            DemoTables.create(connection);
        } catch (SQLException e) {
            throw new UnreachableException(
                    "cannot change rows in PostgreSQL at " + postgres.place() + ": " + e.getMessage());
        }
        Tributary.say("rows of %s at %s, %,d changes a second".formatted(table, postgres.place(), rate));
        Generator generator = Generator.start(
                postgres::connect, new Generator.Load(rate, mix, List.of(table), count), System.nanoTime());
        return untilDone(generator, generator::changes, generator::isRunning);
    }

    /** A line a second, until all is done, the time is over, or Ctrl-C. */
    private int untilDone(AutoCloseable work, LongSupplier changes, BooleanSupplier isRunning)
            throws InterruptedException {
        long end = length == null ? Long.MAX_VALUE : System.nanoTime() + length.toNanos();
        try (Stopping stopping = Stopping.of(work, "finishing what is under way")) {
            while (isRunning.getAsBoolean() && System.nanoTime() < end && !stopping.isSignalled()) {
                Thread.sleep(Math.max(1, Math.min(SECOND, (end - System.nanoTime()) / 1_000_000)));
                Tributary.say("%,d changes".formatted(changes.getAsLong()));
            }
        }
        Tributary.say("%,d changes in all".formatted(changes.getAsLong()));
        return 0;
    }
}
