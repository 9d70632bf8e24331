package io.tributary.exact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.change.RawRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The records of a capture as other ways of delivery would bring them. */
final class Traffic {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String RUN = "__debezium.context.runId";

    private final List<RawRecord> records;
    private final List<JsonNode> payloads = new ArrayList<>();

    Traffic(List<RawRecord> records) {
        this.records = records;
        records.forEach(record -> payloads.add(payload(record.value)));
    }

    private static JsonNode payload(byte @Nullable [] json) {
        try {
            JsonNode node = json == null ? JSON.nullNode() : JSON.readTree(json);
            return node.has("schema") && node.has("payload") && node.size() == 2 ? node.path("payload") : node;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- the connector starts again

    /**
     * With parts delivered twice: at random places the connector goes back to the begin of a transaction that it delivered before.
     * A snapshot is not repeated as it was, but read anew: nothing goes back beyond one.
     */
    List<RawRecord> redelivered(Random random) {
        return redelivered(random, false);
    }

    /** @param isNewRun whether the connector says that it was started again, in a header */
    List<RawRecord> redelivered(Random random, boolean isNewRun) {
        List<RawRecord> all = new ArrayList<>();
        String run = "";
        int restarts = 1 + random.nextInt(3);
        int[] at = random.ints(restarts, 0, records.size() + 1).sorted().toArray();
        int next = 0;
        for (int i = 0; i <= records.size(); i++) {
            while (next < restarts && at[next] == i) {
                int from = back(i, random);
                next++;
                run = isNewRun ? "run " + next : "";
                for (RawRecord again : records.subList(from, i)) {
                    all.add(ofRun(again, run));
                }
            }
            if (i < records.size()) {
                all.add(ofRun(records.get(i), run));
            }
        }
        return placed(all);
    }

    private static RawRecord ofRun(RawRecord record, String run) {
        if (run.isEmpty()) {
            return record;
        }
        List<RawRecord.Header> headers = new ArrayList<>();
        for (RawRecord.Header header : record.headers) {
            String own = new String(Objects.requireNonNull(header.value()), StandardCharsets.UTF_8);
            headers.add(
                    header.name().equals(RUN)
                            ? new RawRecord.Header(RUN, (run + own).getBytes(StandardCharsets.UTF_8))
                            : header);
        }
        RawRecord copy = copy(record);
        copy.headers = headers::iterator;
        return copy;
    }

    private int back(int from, Random random) {
        List<Integer> begins = new ArrayList<>();
        for (int i = from - 1; i >= 0 && !isRead(i); i--) {
            if (isBegin(i) && !isAmbiguous(i, from)) {
                begins.add(i);
            }
        }
        return begins.isEmpty() ? from : begins.get(random.nextInt(begins.size()));
    }

    /**
     * Whether the newest row of a table without a key would come again first: it looks like another row of one COPY, which all have
     * one place (KNOWN_LIMITS.md).
     */
    private boolean isAmbiguous(int from, int to) {
        if (payloads.get(from).path("source").has("gtid")) {
            return false; // places of its own
        }
        Map<String, Integer> rows = new HashMap<>();
        for (int i = from; i < to; i++) {
            RawRecord record = records.get(i);
            boolean isRejected = payloads.get(i).path("__op").asText().equals("u"); // nobody knows of which row
            if (record.key == null && record.value != null && !isRejected) {
                rows.merge(record.topic, 1, Integer::sum);
            }
        }
        return rows.containsValue(1);
    }

    private boolean isRead(int i) {
        return payloads.get(i).path("op").asText().equals("r")
                || payloads.get(i).path("__op").asText().equals("r");
    }

    /** Whether a transaction's first change is there. */
    private boolean isBegin(int i) {
        String transaction = transaction(i);
        if (transaction.isEmpty()) {
            return false;
        }
        for (int before = i - 1; before >= 0; before--) {
            if (!transaction(before).isEmpty()) {
                return !transaction(before).equals(transaction);
            }
        }
        return true;
    }

    private String transaction(int i) {
        JsonNode payload = payloads.get(i);
        JsonNode source = payload.path("source");
        if (source.has("gtid") && !payload.path("op").asText("r").equals("r")) {
            return source.path("gtid").asText(source.path("file").asText() + source.path("pos"));
        }
        return source.path("txId").asText(payload.path("__source_txId").asText(""));
    }

    // ---- several partitions

    /**
     * Dealt to partitions by key and read in any order that keeps each partition's own; but what comes before a truncate, before the
     * halves of a changed key and before a changed table stays before it, and what comes after it after it.
     */
    List<RawRecord> interleaved(int partitions, Random random) {
        List<RawRecord> all = new ArrayList<>();
        Map<String, Deque<RawRecord>> waiting = new LinkedHashMap<>();
        Map<String, byte[]> schemas = new HashMap<>();
        boolean together = false;
        for (int i = 0; i < records.size(); i++) {
            RawRecord record = records.get(i);
            boolean truncate = payloads.get(i).path("op").asText().equals("t");
            boolean moves = record.headers.has("__debezium.newkey") || record.headers.has("__debezium.oldkey");
            if (truncate || moves || together || changed(record, schemas)) {
                merge(waiting, random, all);
            }
            together = truncate || moves;
            RawRecord dealt = copy(record);
            dealt.partition = record.key == null
                    ? 0
                    : Math.floorMod(payload(record.key).toString().hashCode(), partitions);
            waiting.computeIfAbsent(dealt.topic + "-" + dealt.partition, place -> new ArrayDeque<>())
                    .add(dealt);
        }
        merge(waiting, random, all);
        return placed(all);
    }

    /** Whether its table looks different from now on, by its own schema block or the key's. */
    private static boolean changed(RawRecord record, Map<String, byte[]> schemas) {
        boolean value = changed(record.topic + " value", record.value, schemas);
        boolean key = changed(record.topic + " key", record.key, schemas);
        return value || key;
    }

    private static boolean changed(String of, byte @Nullable [] json, Map<String, byte[]> schemas) {
        if (json == null) {
            return false;
        }
        byte[] schema;
        try {
            schema = JSON.writeValueAsBytes(JSON.readTree(json).path("schema"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] before = schemas.put(of, schema);
        return before != null && !Arrays.equals(before, schema);
    }

    private static void merge(Map<String, Deque<RawRecord>> waiting, Random random, List<RawRecord> all) {
        List<Deque<RawRecord>> queues = new ArrayList<>(waiting.values());
        while (!queues.isEmpty()) {
            Deque<RawRecord> queue = queues.get(random.nextInt(queues.size()));
            // some at once, as a consumer polls
            for (int i = random.nextInt(4); i >= 0 && !queue.isEmpty(); i--) {
                all.add(queue.remove());
            }
            queues.removeIf(Deque::isEmpty);
        }
        waiting.clear();
    }

    // ---- places

    private static RawRecord copy(RawRecord record) {
        RawRecord copy = new RawRecord()
                .set(record.topic, record.partition, record.offset, record.timestamp, record.key, record.value);
        copy.headers = record.headers;
        return copy;
    }

    /** Each at the end of its partition. */
    private static List<RawRecord> placed(List<RawRecord> records) {
        Map<String, Long> ends = new HashMap<>();
        List<RawRecord> placed = new ArrayList<>();
        for (RawRecord record : records) {
            RawRecord copy = copy(record);
            copy.offset = ends.merge(record.topic + "-" + record.partition, 1L, Long::sum) - 1;
            placed.add(copy);
        }
        return placed;
    }
}
