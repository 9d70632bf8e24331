package io.tributary.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.PipelineArguments;
import io.tributary.change.Printable;
import io.tributary.config.PipelineConfig;
import io.tributary.doctor.Doctor;
import io.tributary.doctor.Exporter;
import io.tributary.doctor.Finding;
import io.tributary.doctor.Finding.Level;
import io.tributary.doctor.Suggestion;
import io.tributary.flow.ConfigException;
import io.tributary.http.ReadOnlyServer;
import io.tributary.lake.ConfiguredLake;
import io.tributary.local.ObjectStores;
import io.tributary.sink.ConfiguredSink;
import io.tributary.sink.Examination;
import io.tributary.sink.SinkProvider;
import io.tributary.warehouse.ConfiguredWarehouse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The doctor. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Looks at PostgreSQL, Kafka, Debezium, Flink, the lake, the warehouse and the job's metrics from outside, and says what is wrong and how to"
                    + " mend it. Exit 1 if something is wrong.",
            "Everything is looked for where an option or the environment says, else where the running demo has it."
        })
final class CheckCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LAKE = "lake";
    private static final int PATIENCE_MILLIS = 15_000;

    @Option(
            names = "--component",
            paramLabel = "NAME",
            split = ",",
            description =
                    "all, postgres, kafka, debezium, flink, metrics, or a sink as the pipeline file calls it, such as lake or"
                            + " warehouse (default: all)")
    private List<String> components = List.of("all");

    @Option(
            names = "--fix",
            description = "takes the remedies that lose nothing, such as a restart of a failed connector")
    private boolean fix;

    @Option(names = "--json", description = "prints JSON")
    private boolean json;

    @Option(names = "--suggest", description = "prints a pipeline file for what the topics hold, instead")
    private boolean suggest;

    @Option(
            names = "--listen",
            paramLabel = "[HOST:]PORT",
            description = "shows slots and connectors to Prometheus instead, at /metrics, until Ctrl-C")
    private @Nullable String listen;

    @Mixin
    private PipelineArguments pipeline = new PipelineArguments();

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "the brokers (default: the pipeline's, or KAFKA_BOOTSTRAP, or localhost:9092)")
    private @Nullable String bootstrap;

    @Option(
            names = "--topics",
            paramLabel = "PATTERN",
            description = "of topic names (default: the pipeline's, or cdc\\..*)")
    private @Nullable String topics;

    @Mixin
    private ConnectOptions connect = new ConnectOptions();

    @Option(
            names = "--flink",
            paramLabel = "URL",
            description = "Flink's REST interface (default: FLINK_URL, or http://localhost:8081)")
    private @Nullable String flink;

    @Option(
            names = "--lake",
            paramLabel = "PATH",
            description = "a folder or s3://BUCKET/PATH (default: the pipeline's, or LAKE_PATH)")
    private @Nullable String lake;

    @Option(
            names = "--metrics",
            paramLabel = "URL",
            description =
                    "the TaskManagers' metrics, with commas between (default: METRICS_URL, or http://localhost:9249/metrics)")
    private @Nullable String metrics;

    @Mixin
    private PostgresOptions postgres = new PostgresOptions();

    @Override
    public Integer call() throws IOException {
        Set<String> wanted = wanted();
        PipelineConfig config = pipeline.given()
                ? pipeline.read()
                : bootstrap == null && topics == null && lake == null ? running() : null;
        if (suggest) {
            return suggest(config);
        }
        if (listen != null) {
            return listen(listen);
        }
        Doctor.Surroundings around = surroundings(config);
        if (wanted.size() == 1
                && !Doctor.COMPONENTS.containsAll(wanted)
                && !around.sinks().keySet().containsAll(wanted)) {
            String sink = wanted.iterator().next();
            throw new ConfigException(
                    sink.equals(LAKE)
                            ? "'--lake' must say where the lake is, or LAKE_PATH or --config"
                            : "'--config' must name a pipeline file with 'sinks." + sink + "', or a demo must run");
        }
        if (wanted.contains(LAKE) && around.sinks().get(LAKE) instanceof ConfiguredLake looked) {
            ObjectStores.openFor(looked.settings());
        }
        List<Finding> findings = new Doctor(around).look(wanted);
        ArrayNode shown = JSON.createArrayNode();
        boolean wrong = false;
        for (Finding finding : findings) {
            String outcome = fix ? fixed(finding) : "";
            wrong |= finding.level() == Level.WRONG
                    && !(outcome.equals("fixed") && finding.after().isEmpty());
            if (json) {
                shown.add(object(finding, outcome));
            } else {
                print(finding, outcome);
            }
        }
        if (json) {
            System.out.println(
                    Printable.lines(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(shown)));
        } else if (!wrong) {
            System.out.println("nothing is wrong");
        }
        return wrong ? Tributary.NO : 0;
    }

    private Set<String> wanted() {
        List<String> known = new ArrayList<>(Doctor.COMPONENTS);
        SinkProvider.all().forEach(provider -> known.add(Doctor.component(provider.name())));
        Set<String> wanted = new HashSet<>();
        for (String name : components) {
            if (name.equals("all")) {
                wanted.addAll(known);
            } else if (known.contains(name.toLowerCase(Locale.ROOT))) {
                wanted.add(name.toLowerCase(Locale.ROOT));
            } else {
                throw new ConfigException(
                        "'--component' must be all, " + String.join(", ", known) + ", got '" + name + "'");
            }
        }
        return wanted;
    }

    private Doctor.Surroundings surroundings(@Nullable PipelineConfig config) throws IOException {
        return new Doctor.Surroundings(
                this::source,
                postgres.place(),
                kafka(config),
                topics(config),
                connect.client(),
                connect.files(),
                RunningStack.or(flink, "FLINK_URL", "flink", "http://localhost:8081"),
                config,
                sinks(config),
                RunningStack.or(metrics, "METRICS_URL", "metrics", "http://localhost:9249/metrics"));
    }

    /** A server that stands still must not hold the check. */
    private Connection source() throws SQLException {
        Connection connection = postgres.connect();
        connection.setNetworkTimeout(Runnable::run, PATIENCE_MILLIS);
        return connection;
    }

    /** The pipeline of what runs here, if all that is looked at is of it. */
    private static @Nullable PipelineConfig running() {
        if (System.getenv("KAFKA_BOOTSTRAP") != null || System.getenv("LAKE_PATH") != null) {
            return null;
        }
        try {
            return RunningStack.pipeline().orElse(null);
        } catch (ConfigException e) {
            throw new ConfigException(e.getMessage() + "; what runs has it, and this terminal must have it too");
        }
    }

    /** Those of the pipeline; without one, what options, the environment and the demo say of a lake and a warehouse. */
    private Map<String, ConfiguredSink> sinks(@Nullable PipelineConfig config) {
        Map<String, ConfiguredSink> sinks = new LinkedHashMap<>();
        if (config != null) {
            config.sinks().forEach((kind, sink) -> sinks.put(Doctor.component(kind), sink));
        }
        String path = RunningStack.or(lake, "LAKE_PATH", LAKE, "");
        if (!path.isEmpty() && (lake != null || !sinks.containsKey(LAKE))) {
            sinks.put(LAKE, ConfiguredLake.at(path));
        }
        if (config == null) {
            RunningStack.warehouse()
                    .ifPresent(file -> sinks.put("warehouse", new ConfiguredWarehouse(file.settings(), "")));
        }
        return sinks;
    }

    private Map<String, String> kafka(@Nullable PipelineConfig config) {
        Map<String, String> properties =
                new HashMap<>(config == null ? Map.of() : config.kafka().properties());
        String own = config == null ? null : config.source().bootstrap();
        properties.put(
                "bootstrap.servers",
                RunningStack.or(bootstrap == null ? own : bootstrap, "KAFKA_BOOTSTRAP", "kafka", "localhost:9092"));
        return properties;
    }

    private String topics(@Nullable PipelineConfig config) {
        String own = config == null ? null : config.source().topics();
        String pattern = topics != null ? topics : own != null ? own : "cdc\\..*";
        try {
            return Pattern.compile(pattern).pattern();
        } catch (PatternSyntaxException e) {
            throw new ConfigException(
                    "'--topics' must be a regular expression, got '" + pattern + "': " + e.getDescription());
        }
    }

    private int listen(String address) {
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? "127.0.0.1" : address.substring(0, colon);
        ReadOnlyServer server;
        try {
            int port = Integer.parseInt(address.substring(colon + 1));
            server = new Exporter(this::source, connect.client()).listen(new InetSocketAddress(host, port));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("'--listen' must be a port, or host:port, got '" + address + "'");
        } catch (IOException e) {
            throw new ConfigException("'--listen' " + address + " cannot be listened on: " + e.getMessage());
        }
        Tributary.say("http://" + host + ":" + server.port() + "/metrics");
        try {
            new CountDownLatch(1).await(); // until Ctrl-C
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.close();
        return 0;
    }

    private int suggest(@Nullable PipelineConfig config) {
        Map<String, String> kafka = kafka(config);
        try {
            System.out.print(Suggestion.of(kafka, topics(config)));
            return 0;
        } catch (KafkaException e) {
            System.err.println(
                    "tributary: Kafka at " + kafka.get("bootstrap.servers") + " does not answer: " + e.getMessage());
            return Tributary.UNREACHABLE;
        }
    }

    /** {@code fixed}, why not, or empty if there is nothing that may be done. */
    @SuppressWarnings("CatchingUnchecked") // a fix that fails is told, and the next one taken
    private static String fixed(Finding finding) {
        Examination.Fix remedy = finding.fix();
        if (remedy == null) {
            return "";
        }
        try {
            remedy.apply();
            return "fixed";
        } catch (Exception e) {
            return "not fixed: "
                    + (e.getMessage() == null
                            ? e.toString()
                            : e.getMessage().lines().findFirst().orElse(""));
        }
    }

    private static void print(Finding finding, String outcome) {
        System.out.printf(
                Locale.ROOT,
                "%-8s %-9s %s%n",
                finding.level().name().toLowerCase(Locale.ROOT),
                finding.component(),
                Printable.of(finding.what()));
        if (!outcome.isEmpty()) {
            System.out.println(" ".repeat(19) + "→ " + Printable.of(outcome)
                    + (outcome.equals("fixed") ? " by: " + finding.remedy() : ""));
        }
        if (!outcome.equals("fixed") && !finding.remedy().isEmpty()) {
            System.out.println(" ".repeat(19) + "→ " + Printable.of(finding.remedy()));
        }
        if (!finding.after().isEmpty()) {
            System.out.println(" ".repeat(19) + "→ then, for " + Printable.of(finding.after()));
        }
    }

    private static ObjectNode object(Finding finding, String outcome) {
        ObjectNode node = JSON.createObjectNode()
                .put("component", finding.component())
                .put("level", finding.level().name().toLowerCase(Locale.ROOT))
                .put("what", finding.what())
                .put("remedy", finding.remedy())
                .put("fixable", finding.fix() != null)
                .put("after", finding.after());
        return outcome.isEmpty() ? node : node.put("outcome", outcome);
    }
}
