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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.postgresql.PGConnection;

/**
 * The process that brings the same rows into a table without a pipeline: batches of a COPY, and a statement that brings the last of
 * each key over. That the rows lie there as COPY takes them is not measured.
 */
final class BenchCopy {
    private static final String NAMES =
            BenchEvents.COLUMNS.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));

    private static final String APPLY = "insert into public.transactions select distinct on (transaction_id) " + NAMES
            + " from staged order by transaction_id, seq desc on conflict (transaction_id) do update set "
            + BenchEvents.COLUMNS.stream()
                    .skip(1)
                    .map(name -> '"' + name + "\" = excluded.\"" + name + '"')
                    .collect(Collectors.joining(", "));

    private BenchCopy() {}

    /** @param args the brokers, how many events there are, a folder, and how many batches to make of them */
    public static void main(String[] args) throws Exception {
        long events = Long.parseLong(args[1]);
        int batches = Integer.parseInt(args[3]);
        Path folder = Path.of(args[2]).resolve("copied-in-" + batches);
        List<Path> files = write(args[0], events, batches, folder);
        try (BenchMirror mirror = BenchMirror.start(folder.resolve("postgres"));
                Connection connection = mirror.connect();
                Statement statement = connection.createStatement()) {
            String columns = BenchEvents.COLUMNS.stream()
                    .map(name -> '"' + name + "\" " + type(name))
                    .collect(Collectors.joining(", "));
            statement.execute("create table staged (seq bigint, " + columns + ")");
            statement.execute("create table public.transactions (" + columns + ", primary key (transaction_id))");
            connection.setAutoCommit(false);
            BenchProcess.Meter meter = new BenchProcess.Meter("copy", events);
            long copied = 0;
            for (Path file : files) {
                copied += copy(connection, file);
                statement.execute(APPLY);
                statement.execute("truncate staged");
                connection.commit();
                meter.progress(copied);
            }
            meter.pause();
            Map<String, Long> content = mirror.content();
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

    /** A file for each batch; none of the values has a character that COPY wants escaped. */
    private static List<Path> write(String bootstrap, long events, int batches, Path folder) throws IOException {
        Files.createDirectories(folder);
        JsonMapper json = new JsonMapper();
        List<Path> files = new ArrayList<>();
        List<Writer> rows = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            files.add(folder.resolve("rows-" + i));
            rows.add(Files.newBufferedWriter(files.get(i)));
        }
        long[] seq = new long[1];
        BenchConsumer.read(
                bootstrap,
                events,
                polled -> {
                    for (ConsumerRecord<byte[], byte[]> event : polled) {
                        try {
                            int batch = (int) Math.min(batches - 1, seq[0] * batches / events);
                            rows.get(batch).write(row(json.readTree(event.value()), seq[0]++));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                },
                count -> {});
        for (Writer file : rows) {
            file.close();
        }
        return files;
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
