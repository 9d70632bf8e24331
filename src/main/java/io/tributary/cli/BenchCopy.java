package io.tributary.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tributary.local.BenchEvents;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.postgresql.PGConnection;

/**
 * The process that brings the same rows into a table without a pipeline: one COPY of all of them, and one statement that brings
 * the last of each key over. That they lie there as COPY takes them is not measured.
 */
final class BenchCopy {
    private static final String NAMES =
            BenchEvents.COLUMNS.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));

    private BenchCopy() {}

    /** @param args the brokers, how many events there are, and a folder */
    public static void main(String[] args) throws Exception {
        long events = Long.parseLong(args[1]);
        Path folder = Path.of(args[2]);
        Path file = folder.resolve("rows");
        write(args[0], events, file);
        try (BenchMirror mirror = BenchMirror.start(folder.resolve("copied"));
                Connection connection = mirror.connect();
                Statement statement = connection.createStatement()) {
            String columns = BenchEvents.COLUMNS.stream()
                    .map(name -> '"' + name + "\" " + type(name))
                    .collect(Collectors.joining(", "));
            statement.execute("create table staged (seq bigint, " + columns + ")");
            statement.execute("create table public.transactions (" + columns + ", primary key (transaction_id))");
            BenchProcess.Meter meter = new BenchProcess.Meter("copy", events);
            long copied = copy(connection, file);
            meter.progress(copied);
            statement.execute("insert into public.transactions select distinct on (transaction_id) " + NAMES
                    + " from staged order by transaction_id, seq desc on conflict (transaction_id) do update set "
                    + BenchEvents.COLUMNS.stream()
                            .skip(1)
                            .map(name -> '"' + name + "\" = excluded.\"" + name + '"')
                            .collect(Collectors.joining(", ")));
            meter.pause();
            var content = mirror.content();
            meter.resume();
            meter.done(content);
        }
    }

    private static String type(String column) {
        return switch (column) {
            case "timestamp" -> "timestamptz";
            case "amount" -> "numeric(12,2)";
            default -> "text";
        };
    }

    private static long copy(Connection connection, Path file) throws SQLException, IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("copy staged (seq, " + NAMES + ") from stdin", in, 1 << 20);
        }
    }

    /** None of the values has a character that COPY wants escaped. */
    private static void write(String bootstrap, long events, Path file) throws IOException {
        JsonMapper json = new JsonMapper();
        long[] seq = new long[1];
        try (Writer rows = Files.newBufferedWriter(file)) {
            BenchConsumer.read(
                    bootstrap,
                    events,
                    polled -> {
                        for (ConsumerRecord<byte[], byte[]> event : polled) {
                            try {
                                rows.write(row(json.readTree(event.value()), seq[0]++));
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        }
                    },
                    count -> {});
        }
    }

    private static String row(JsonNode event, long seq) {
        JsonNode after = event.path(event.has("payload") ? "payload" : "after");
        JsonNode row = event.has("payload") ? after.path("after") : after;
        StringBuilder line = new StringBuilder().append(seq);
        for (String column : BenchEvents.COLUMNS) {
            JsonNode value = row.path(column);
            line.append('\t').append(value.isNull() ? "\\N" : value.asText());
        }
        return line.append('\n').toString();
    }
}
