package io.tributary.cli;

import io.tributary.Preflight;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.connect.ConnectorFile;
import io.tributary.flow.ConfigException;
import io.tributary.init.InitFiles;
import io.tributary.local.LocalStack;
import io.tributary.local.ObjectStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs the files of {@code init}, with Kafka, Connect and Flink of its own. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Follows a database of your own: starts Kafka, Connect with DIR/connector.json and Flink with DIR/pipeline.yaml on this machine."
                        + " Ctrl-C stops with a savepoint; the next start goes on.")
final class UpCommand implements Callable<Integer> {
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{env:([A-Za-z_][A-Za-z0-9_]*)}");

    @Parameters(paramLabel = "DIR", description = "as ./tributary init has written it")
    private Path folder = Path.of(".");

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "keeps Kafka's data and the job's state (default: .tributary/up-NAME, of the pipeline)")
    private @Nullable Path data;

    @Mixin
    private StackPorts ports = new StackPorts();

    @Override
    public Integer call() throws Exception {
        long start = System.nanoTime();
        Path file = folder.resolve(InitFiles.PIPELINE).toAbsolutePath();
        ConnectorFile connector = connector();
        Map<String, String> environment = environment(connector);
        Map<String, String> variables = new HashMap<>(System.getenv());
        PipelineConfig named = PipelineFile.read(file, Map.of(), variables);
        Path home = Path.of(System.getProperty("tributary.home", "."), ".tributary", "up-" + named.name());
        DataFolder held = DataFolder.at(data == null ? home : data);
        System.setProperty("log.file", held.path().resolve("tributary.log").toString());
        Tributary.tell("data and log in " + held.path());
        ObjectStores.openFor(named.lake());
        LocalStack stack = LocalStack.in(held.path(), Tributary::tell);
        try (Stopping stopping = Stopping.of(held, "the job takes a savepoint")) {
            stopping.first(stack);
            stack.start(ports.plan(), connector, environment);
            variables.put("KAFKA_BOOTSTRAP", stack.kafka().bootstrap());
            PipelineConfig pipeline = PipelineFile.read(file, Map.of(), variables);
            Preflight.check(pipeline, !stack.hasState());
            RunningStack.tell(
                    held.path(),
                    addresses(stack, connector, environment),
                    pipeline.lake() == null ? "" : pipeline.lake().path(),
                    file);
            stack.submit(pipeline);
            Tributary.tell("up in %.1f s".formatted((System.nanoTime() - start) / 1e9));
            String found = RunningStack.isFound(held.path()) ? "" : "TRIBUTARY_DEMO=" + held.path() + " ";
            Tributary.tell(found + "./tributary check looks at all of it; " + found
                    + "./tributary audit compares each table with its sinks");
            Tributary.tell("Ctrl-C stops; the same command goes on where it stopped");
            while (!stack.flink().failed()) {
                Thread.sleep(BETWEEN_LINES.toMillis());
                if (stopping.isSignalled()) {
                    return 0;
                }
                Tributary.tell(StatusLine.of(stack.flink().metricsUrl(), "./tributary check"));
                String trouble = stack.connectorTrouble();
                if (!trouble.isEmpty()) {
                    Tributary.tell(trouble + "; ./tributary check says what to do");
                }
            }
            if (stopping.isSignalled()) {
                return 0;
            }
            throw new IllegalStateException(
                    "the job has ended: " + stack.flink().status());
        }
    }

    private ConnectorFile connector() {
        Path file = folder.resolve(InitFiles.CONNECTOR);
        if (!Files.exists(file)) {
            throw new ConfigException(
                    "there is no " + file + ": ./tributary init " + folder + " writes it, for a database of your own");
        }
        try {
            return ConnectorFile.read(file);
        } catch (IOException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    /** What the connector's configuration takes from the environment. */
    private static Map<String, String> environment(ConnectorFile connector) {
        Map<String, String> environment = new HashMap<>();
        Matcher variable = VARIABLE.matcher(connector.config().toString());
        while (variable.find()) {
            String name = variable.group(1);
            String value = System.getenv(name);
            if (value == null) {
                throw new ConfigException("the environment must have " + name + ", which " + InitFiles.CONNECTOR
                        + " names; it is not set");
            }
            environment.put(name, value);
        }
        return environment;
    }

    /** With those of the source's database, so that other commands need no options; they ask the environment for its password. */
    private Map<String, String> addresses(LocalStack stack, ConnectorFile connector, Map<String, String> environment) {
        Map<String, String> addresses = new HashMap<>(stack.addresses());
        addresses.put(
                "connector",
                folder.resolve(InitFiles.CONNECTOR).toAbsolutePath().toString());
        Map.of(
                        "pg.host", "database.hostname",
                        "pg.port", "database.port",
                        "pg.user", "database.user",
                        "pg.database", "database.dbname")
                .forEach((name, setting) -> {
                    Matcher variable =
                            VARIABLE.matcher(connector.config().path(setting).asText(""));
                    addresses.put(
                            name,
                            variable.replaceAll(found -> Matcher.quoteReplacement(environment.get(found.group(1)))));
                });
        return addresses;
    }
}
