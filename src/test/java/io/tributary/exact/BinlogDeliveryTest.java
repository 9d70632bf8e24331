package io.tributary.exact;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.Covers;
import io.tributary.Harness;
import io.tributary.change.RawRecord;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.source.Captures;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * However MySQL's and MariaDB's events are delivered, each change is there once: after real restarts of the connector, with and
 * without GTIDs, of logs whose places order nothing, and with parts delivered again.
 */
@Harness
class BinlogDeliveryTest {
    private static final PipelineConfig CONFIG = PipelineFile.parse(
            "name: binlog\nsource: {file: none.jsonl}\nsinks: {lake: {path: unused}}\n", Map.of(), Map.of());
    private static final Map<String, Map<String, Map<List<String>, Integer>>> UNDISTURBED = new HashMap<>();

    /** Recordings in which the connector was killed, and what was not committed came again. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "my_restart",
                "my_restart_compressed",
                "ma_restart",
                "ma118_restart_txn",
                "my_workload",
                "my_ops",
                "my_txn",
                "my_snapshot_inc"
            })
    @Covers(row = "MySQL, MariaDB restarts", forms = Covers.Form.SCHEMA)
    void rowsAreAsManyAsTheSourceHad(String name) throws Exception {
        try (Replay replay = Replay.start(CONFIG, 1, 1)) {
            for (RawRecord record : records(name)) {
                replay.send(record);
            }
            Map<String, Integer> found = new TreeMap<>();
            Fold.sizes(replay.history()).forEach((table, size) -> found.put(table.toString(), size));
            Map<String, Integer> wanted = expected(name);
            wanted.keySet().forEach(table -> found.putIfAbsent(table, 0));
            found.keySet().removeIf(table -> !wanted.containsKey(table)); // signals

            assertThat(found).isEqualTo(wanted);
            assertThat(Fold.faults(replay.history())).isEmpty();
            assertThat(replay.deadLetters()).isEmpty();
        }
    }

    private static Map<String, Integer> expected(String name) throws IOException {
        Map<String, Integer> rows = new TreeMap<>();
        String resource = "/captures-sources/" + name + ".expected.jsonl.gz";
        try (var lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(
                        Objects.requireNonNull(BinlogDeliveryTest.class.getResourceAsStream(resource), resource)),
                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode json = new ObjectMapper().readTree(line);
                String table =
                        json.path("schema").asText() + "." + json.path("table").asText();
                rows.merge(table, json.has("columns") ? 0 : 1, Integer::sum);
            }
        }
        return rows;
    }

    @Provide
    Arbitrary<String> captures() {
        return Arbitraries.of(
                "my_restart",
                "my_restart_compressed",
                "my80_restart_nogtid",
                "ma_restart",
                "ma118_restart_txn",
                "my_ops",
                "ma_ops",
                "my_txn",
                "my_unwrap");
    }

    @Property(tries = 150, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void partsDeliveredTwiceChangeNothing(@ForAll("captures") String name, @ForAll long seed) throws Exception {
        Random random = new Random(seed);
        List<RawRecord> records = new Traffic(records(name)).redelivered(random, true);

        assertThat(rows(records, random, 0)).isEqualTo(undisturbed(name));
    }

    @Property(tries = 150, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void norDoRestartsOfTheJobAtAnyRecord(@ForAll("captures") String name, @ForAll long seed) throws Exception {
        Random random = new Random(seed);
        List<RawRecord> records = new Traffic(records(name)).redelivered(random, true);

        assertThat(rows(records, random, 3)).isEqualTo(undisturbed(name));
    }

    @Property(tries = 100, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void norDoesTheOrderAcrossPartitions(@ForAll("captures") String name, @ForAll long seed) throws Exception {
        Random random = new Random(seed);
        List<RawRecord> records = new Traffic(records(name)).interleaved(2 + random.nextInt(2), random);

        assertThat(rows(records, random, 1)).isEqualTo(undisturbed(name));
    }

    private static List<RawRecord> records(String name) {
        return Captures.read("/captures-sources/" + name + ".schemas.jsonl.gz");
    }

    private static Map<String, Map<List<String>, Integer>> undisturbed(String name) throws Exception {
        Map<String, Map<List<String>, Integer>> known = UNDISTURBED.get(name);
        if (known == null) {
            known = rows(records(name), new Random(1), 0);
            UNDISTURBED.put(name, known);
        }
        return known;
    }

    /** The history: how often each change of each table is there. */
    private static Map<String, Map<List<String>, Integer>> rows(List<RawRecord> records, Random random, int restarts)
            throws Exception {
        Replay replay = Replay.start(CONFIG, 1 + random.nextInt(3), 1 + random.nextInt(4));
        try {
            int[] at = random.ints(restarts, 0, records.size()).sorted().toArray();
            int next = 0;
            for (int i = 0; i < records.size(); i++) {
                while (next < restarts && at[next] == i) {
                    replay = replay.restarted(1 + random.nextInt(3), 1 + random.nextInt(4));
                    next++;
                }
                replay.send(records.get(i));
            }
            assertThat(Fold.faults(replay.history())).isEmpty();
            Map<String, Map<List<String>, Integer>> changes = new TreeMap<>();
            for (Event event : replay.history()) {
                List<String> change =
                        new ArrayList<>(Fold.key(List.copyOf(event.image().keySet()), event.image()));
                change.add(String.valueOf(event.operation().code()));
                changes.computeIfAbsent(event.table().toString(), table -> new HashMap<>())
                        .merge(change, 1, Integer::sum);
            }
            return changes;
        } finally {
            replay.close();
        }
    }
}
