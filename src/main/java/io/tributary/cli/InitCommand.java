package io.tributary.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.config.PipelineFile;
import io.tributary.connect.ConnectClient;
import io.tributary.connect.ConnectorFile;
import io.tributary.connect.DatabaseTable;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import io.tributary.init.Init;
import io.tributary.init.InitChoices;
import io.tributary.init.InitFiles;
import io.tributary.init.SourceFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings a database of one's own. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Looks at a PostgreSQL of your own, and writes what follows it: DIR/connector.json, DIR/pipeline.yaml and, for what its"
                        + " user may not do, DIR/administrator.sql. It changes nothing but what you say yes to.")
final class InitCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "DIR",
            arity = "0..1",
            description = "where the files go (default: a folder with the database's name)")
    private @Nullable Path folder;

    @Mixin
    private PostgresOptions postgres = new PostgresOptions();

    @Option(
            names = "--tables",
            paramLabel = "PATTERN",
            split = ",",
            description = "which ones: regular expressions of schema.table (default: all)")
    private @Nullable List<String> tables;

    @Option(
            names = "--prefix",
            paramLabel = "NAME",
            description = "of the topics, and the pipeline's name (default: the database's name)")
    private @Nullable String prefix;

    @Option(names = "--lake", paramLabel = "PATH", description = "a folder or s3://BUCKET/PATH (default: DIR/lake)")
    private @Nullable String lake;

    @Option(
            names = "--warehouse",
            paramLabel = "JDBC-URL",
            description = "where mirrors go, such as jdbc:postgresql://HOST:5432/DATABASE (default: nowhere)")
    private @Nullable String warehouse;

    @Option(
            names = "--warehouse-user",
            paramLabel = "NAME",
            description = "who writes them (default: the user of --pg-user); the password is WAREHOUSE_PASSWORD's")
    private @Nullable String warehouseUser;

    @Option(
            names = "--connect",
            paramLabel = "URL",
            description = "Kafka Connect, to apply the connector (default: CONNECT_URL, or none)")
    private @Nullable String connect;

    @Option(
            names = {"-y", "--yes"},
            description = "asks nothing: makes the signal table and, where a Connect is named, applies the connector")
    private boolean yes;

    @Option(names = "--force", description = "writes over a connector that is there; a pipeline that is there stays")
    private boolean force;

    @Override
    public Integer call() throws IOException {
        Questions questions = new Questions(!yes && Questions.isTerminal());
        try (Connection connection = postgres.connect()) {
            InitChoices choices = choices(questions);
            Init init = Init.of(connection, choices);
            Path target = folder();
            refuseToOverwrite(target);
            show(init);
            boolean isKept = Files.exists(target.resolve(InitFiles.PIPELINE));
            if (!questions.yes(
                    "write %s/%s and %s?".formatted(target, InitFiles.CONNECTOR, InitFiles.PIPELINE), true)) {
                Tributary.tell("nothing is written");
                return Tributary.NO;
            }
            init.write(target, Path.of(System.getProperty("tributary.home", "."), "debezium", "postgres.json"));
            boolean isWritten = !isKept && Files.exists(target.resolve(InitFiles.PIPELINE));
            if (isWritten) {
                Map<String, String> variables = new HashMap<>(System.getenv());
                variables.putIfAbsent("WAREHOUSE_PASSWORD", "not asked for yet");
                PipelineFile.read(
                        target.resolve(InitFiles.PIPELINE), Map.of(), variables); // it is one, or says why not
            }
            Tributary.tell("written: %s/%s%s"
                    .formatted(target, InitFiles.CONNECTOR, isWritten ? ", " + InitFiles.PIPELINE : ""));
            if (isKept) {
                Tributary.tell("kept as it is: %s/%s (delete it for a new one)".formatted(target, InitFiles.PIPELINE));
            }
            makeSignals(init, connection, questions);
            if (!init.plan().byAdministrator().isEmpty()) {
                return tellAdministrator(init, choices, target);
            }
            apply(target, questions);
            return 0;
        } catch (SQLException e) {
            throw new UnreachableException("cannot ask PostgreSQL at " + postgres.place() + ": " + e.getMessage()
                    + " (--pg-host, --pg-port, --pg-database, --pg-user, and PG_PASSWORD)");
        }
    }

    private Path folder() {
        return folder == null ? Path.of(InitChoices.plain(postgres.database())) : folder;
    }

    private InitChoices choices(Questions questions) throws IOException {
        String name = prefix == null ? InitChoices.plain(postgres.database()) : prefix;
        if (!name.matches("[A-Za-z0-9_-]+")) {
            throw new ConfigException("'--prefix' must be of letters, digits, _ and -, got '" + name + "'");
        }
        List<String> wanted = tables != null
                ? tables
                : Arrays.stream(questions
                                .text("tables, as regular expressions of schema.table", "all")
                                .split(","))
                        .map(String::strip)
                        .filter(each -> !each.equals("all") && !each.isEmpty())
                        .toList();
        String place = folder().resolve("lake").toAbsolutePath().normalize().toString();
        // what a pipeline that is there says is not asked again
        Questions ofPipeline = Files.exists(folder().resolve(InitFiles.PIPELINE)) ? new Questions(false) : questions;
        String path = lake != null ? lake : ofPipeline.text("the lake, a folder or s3://BUCKET/PATH", place);
        if (path.startsWith("jdbc:")) {
            throw new ConfigException("'--lake' must be a folder or s3://BUCKET/PATH, got '" + path + "'");
        }
        String mirrors = warehouse != null
                ? warehouse
                : ofPipeline.text("mirrors go to, as jdbc:postgresql://HOST:5432/DATABASE", "");
        if (!mirrors.isEmpty() && !mirrors.startsWith("jdbc:")) {
            throw new ConfigException(
                    "'--warehouse' must be a JDBC URL, such as jdbc:postgresql://HOST:5432/DATABASE, got '" + mirrors
                            + "'");
        }
        String writer = warehouseUser != null
                ? warehouseUser
                : mirrors.isEmpty() ? postgres.user() : ofPipeline.text("who writes mirrors", postgres.user());
        return new InitChoices(
                postgres.host(),
                postgres.port(),
                postgres.database(),
                postgres.user(),
                name,
                wanted,
                path,
                mirrors.isEmpty() ? null : mirrors,
                writer);
    }

    private void show(Init init) {
        Tributary.tell(
                "PostgreSQL %s at %s, as %s".formatted(init.facts().version(), postgres.place(), postgres.user()));
        for (DatabaseTable table : init.plan().tables()) {
            Tributary.tell("  %-40s %s"
                    .formatted(
                            table.text(),
                            (table.hasKey() ? "key " + String.join(", ", table.key()) : "no key")
                                    + (table.isPartitioned() ? ", with its partitions" : "")
                                    + (table.rows() < 0 ? "" : ", about %,d rows".formatted(table.rows()))));
        }
        init.plan()
                .setsIdentity()
                .forEach(table -> Tributary.tell("the connector runs, when it starts: " + table.setIdentity()));
        init.plan().notes().forEach(note -> Tributary.tell("note: " + note));
    }

    /** Files of another database are never written over. */
    private void refuseToOverwrite(Path target) throws IOException {
        Path file = target.resolve(InitFiles.CONNECTOR);
        if (!Files.exists(file)) {
            return;
        }
        ObjectNode config = ConnectorFile.read(file).config();
        String place = "%s:%s/%s"
                .formatted(
                        config.path("database.hostname").asText(),
                        config.path("database.port").asText(),
                        config.path("database.dbname").asText());
        if (!place.equals(postgres.place())) {
            throw new ConfigException("%s is of %s, and not of %s: --pg-host, --pg-port and --pg-database say which"
                    .formatted(file, place, postgres.place()));
        }
        if (!force) {
            throw new ConfigException(file + " is there: --force writes over it");
        }
    }

    private void makeSignals(Init init, Connection connection, Questions questions) throws IOException, SQLException {
        if (!init.plan().makesSignals()) {
            return;
        }
        String question = "make the table %s, by which snapshots are asked for?".formatted(SourceFacts.SIGNALS);
        if (yes || questions.yes(question, Questions.isTerminal())) {
            init.makeSignals(connection);
            Tributary.tell("made: " + SourceFacts.SIGNALS);
        } else {
            Tributary.tell("not made: " + SourceFacts.SIGNALS + ", by which snapshots are asked for (--yes makes it)");
        }
    }

    private static int tellAdministrator(Init init, InitChoices choices, Path target) {
        Tributary.tell("%d statements are an administrator's, in %s:"
                .formatted(init.plan().byAdministrator().size(), target.resolve(InitFiles.ADMINISTRATOR)));
        init.plan().byAdministrator().forEach(statement -> Tributary.tell("  " + statement));
        if (init.plan().restarts() != null) {
            Tributary.tell(
                    "then PostgreSQL is to be started again, for " + init.plan().restarts());
        }
        Tributary.tell("after that: ./tributary init " + choices.options(target));
        return Tributary.NO;
    }

    private void apply(Path target, Questions questions) throws IOException {
        String url = connect != null ? connect : System.getenv("CONNECT_URL");
        Path file = target.resolve(InitFiles.CONNECTOR);
        if (url != null && (yes || questions.yes("apply %s to Kafka Connect at %s?".formatted(file, url), false))) {
            ConnectClient client = ConnectOptions.client(url);
            new Applying(client, postgres, false).apply(ConnectorFile.read(file));
            Tributary.tell("next: ./tributary run --config %s --data %s"
                    .formatted(target.resolve(InitFiles.PIPELINE), target.resolve("state")));
            return;
        }
        Tributary.tell(
                "next: ./tributary up %s   (Kafka, Connect and Flink on this machine; PG_PASSWORD is the database's, WAREHOUSE_PASSWORD that of mirrors, if there are any)"
                        .formatted(target));
        Tributary.tell(
                "  or, with your own Kafka Connect, which must know ${env:PG_PASSWORD}: ./tributary connectors apply --connect URL --connector "
                        + file);
    }
}
