package io.tributary.fuzz;

import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.change.Secret;
import io.tributary.decode.DecodeSettings;
import io.tributary.decode.Decoder;
import io.tributary.decode.OutOfRange;
import io.tributary.decode.Outcome;
import io.tributary.decode.TableSettings;
import io.tributary.source.Captures;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Real events and mutants of them, through decode and changelog as the job wires them. What decode learns of mutants' tables
 * and columns grows with their number: after some thousand events all begins anew, which is also what bounds the memory.
 */
public final class Fuzz {
    static final long SEED = 20_250_615;
    static final List<String> CAPTURES = List.of(
            "types_default",
            "types_string_isostring_base64",
            "recommended_microseconds",
            "ops_identity",
            "truncate",
            "toast_small_hex",
            "schema_change_nullfix",
            "txn",
            "heartbeat",
            "snapshot_incremental",
            "partitioned_leaf",
            "generated_defaults",
            "generated_defaults_nullfix",
            "numnan_string",
            "route_single_topic",
            "workload_small",
            "toast_small_unwrap",
            "unwrap_rewrite",
            "unwrap_default");

    private static final int LIFE = 4_000;

    /** What became of the events, and the heap in bytes after a collection: at the start, and the most with a life's state. */
    record Report(Map<String, Long> outcomes, Duration took, long heapBefore, long heapMost, Duration slowest) {
        long total() {
            return outcomes.values().stream().mapToLong(Long::longValue).sum();
        }

        @Override
        public String toString() {
            return "%,d events in %d s, %,.0f a second; heap %d MB at first, %d MB at most; slowest %s; %s"
                    .formatted(
                            total(),
                            took.toSeconds(),
                            total() * 1e9 / took.toNanos(),
                            heapBefore >> 20,
                            heapMost >> 20,
                            slowest.toMillis() + " ms",
                            outcomes);
        }
    }

    private final List<List<RawRecord>> captures = new ArrayList<>();
    private final List<RawRecord> corpus = new ArrayList<>();
    private final List<List<RawRecord>> cases = new ArrayList<>();
    private final List<RawRecord> ofCases = new ArrayList<>();
    private final HashMap<String, TableSettings> settings = new HashMap<>();
    private final Map<String, Long> outcomes = new TreeMap<>();
    private long slowest;

    private Fuzz() {
        for (String capture : CAPTURES) {
            captures.add(records(capture, ""));
            captures.add(records(capture, ".schemas"));
        }
        for (String name : Captures.cases()) {
            cases.add(ofCase(name, ""));
            cases.add(ofCase(name, ".bare"));
        }
        captures.forEach(corpus::addAll);
        cases.forEach(ofCases::addAll);
        configure();
    }

    /** On topics of the capture's own: a topic is of one connector, with one way to write decimals. */
    private static List<RawRecord> records(String capture, String form) {
        List<RawRecord> records = Captures.records(capture + form);
        records.forEach(record ->
                record.topic = record.topic.startsWith("cap.") ? capture + record.topic.substring(3) : record.topic);
        return records;
    }

    private static List<RawRecord> ofCase(String name, String form) {
        List<RawRecord> records = Captures.read("/cases/" + name + "/events" + form + ".jsonl.gz");
        records.forEach(record -> record.topic = name + "." + record.topic);
        return records;
    }

    /** Types and keys as a pipeline file would state them, where the events carry no schema. */
    private void configure() {
        Decoder decoder = new Decoder(DecodeSettings.NONE);
        Event change = new Event();
        for (RawRecord event : corpus) {
            if (decoder.decode(event, change) == Outcome.CHANGE && event.value != null && event.value[2] == 's') {
                List<Column> columns = change.requireSchema().columns();
                Map<String, String> types = new HashMap<>();
                // mutants outvote real events on whether decimals are digits: here the type says
                columns.forEach(column -> types.put(
                        column.name(),
                        column.type() + (column.type().kind() == ColumnType.Kind.DECIMAL ? " base64" : "")));
                List<String> key = change.requireSchema().key().stream()
                        .map(index -> columns.get(index).name())
                        .toList();
                settings.put(
                        change.requireSchema().table().toString(),
                        new TableSettings(key, types, 3, OutOfRange.TEXT, Map.of(), false));
            }
        }
    }

    /** @throws AssertionError if anything but an outcome came of an event; it says which */
    static Report run(long events, long seed) throws Exception {
        return new Fuzz().fuzz(events, seed, Long.getLong("tributary.fuzz.life", 0));
    }

    /** The same of one life alone. */
    static Report life(long life) throws Exception {
        return new Fuzz().fuzz(LIFE, SEED, life);
    }

    private Report fuzz(long events, long seed, long first) throws Exception {
        long heapBefore = heap();
        long heapMost = heapBefore;
        long start = System.nanoTime();
        for (long done = 0, life = first; done < events; life++) {
            int count = (int) Math.min(LIFE, events - done);
            try (FuzzedJob job = new FuzzedJob(
                    life % 2 == 0
                            ? DecodeSettings.NONE
                            : new DecodeSettings(settings, DecodeSettings.UNAVAILABLE, Secret.NONE))) {
                live(job, count, seed, life);
                job.count(outcomes);
                if (life % 20 == 0) {
                    heapMost = Math.max(heapMost, heap());
                }
            }
            done += count;
        }
        return new Report(
                outcomes, Duration.ofNanos(System.nanoTime() - start), heapBefore, heapMost, Duration.ofNanos(slowest));
    }

    private void live(FuzzedJob job, int count, long seed, long life) throws Exception {
        SplittableRandom random = new SplittableRandom(seed * 31 + life);
        boolean isOfCases = life % 4 >= 2;
        Mutator mutator = new Mutator(isOfCases ? ofCases : corpus, random);
        List<List<RawRecord>> captures = isOfCases ? cases : this.captures;
        List<RawRecord> capture = captures.get(0);
        int next = capture.size();
        RawRecord passed = null;
        for (int i = 0; i < count; i++) {
            if (next == capture.size()) {
                capture = captures.get(random.nextInt(captures.size()));
                next = capture.size() > 100 ? random.nextInt(capture.size() - 100) : 0;
            }
            RawRecord event = capture.get(next);
            boolean mutated = random.nextInt(4) != 0;
            // what has passed is bent further: some faults take two fields
            RawRecord base = passed != null && random.nextInt(4) == 0 ? passed : event;
            RawRecord record = mutated ? mutator.mutant(base) : copy(event);
            // a mutant comes beside the event rather than instead of it, now and then: there must be rows to change
            next += mutated && random.nextBoolean() ? 0 : 1;
            record.partition = random.nextInt(8) == 0 ? 1 : 0;
            record.offset = i;
            String did = mutated ? mutator.did() : "nothing";
            long begun = System.nanoTime();
            try {
                if (i == count / 2) {
                    job.restore();
                }
                boolean change = job.process(record, !mutated) == Outcome.CHANGE;
                passed = mutated && change ? record : random.nextInt(16) == 0 ? null : passed;
            } catch (Throwable e) {
                throw new AssertionError(
                        "seed %d life %d event %d (%s)%nnew RawRecord().set(\"%s\", %d, %d, %d, %s, %s)"
                                .formatted(
                                        seed,
                                        life,
                                        i,
                                        did,
                                        record.topic,
                                        record.partition,
                                        record.offset,
                                        record.timestamp,
                                        literal(record.key),
                                        literal(record.value)),
                        e);
            }
            slowest = Math.max(slowest, System.nanoTime() - begun);
        }
    }

    private static RawRecord copy(RawRecord event) {
        RawRecord copy = new RawRecord()
                .set(event.topic, event.partition, event.offset, event.timestamp, event.key, event.value);
        copy.headers = event.headers;
        return copy;
    }

    private static long heap() throws InterruptedException {
        System.gc();
        Thread.sleep(50);
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** Bytes as a Java expression, for the test that keeps them. */
    private static String literal(byte[] bytes) {
        if (bytes == null) {
            return "null";
        }
        StringBuilder text = new StringBuilder("\"");
        for (char c : new String(bytes, StandardCharsets.ISO_8859_1).toCharArray()) {
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                text.append("\\%03o".formatted((int) c));
            } else {
                text.append(c);
            }
        }
        return text.append("\".getBytes(ISO_8859_1)").toString();
    }

    /** How many events, and the seed. */
    public static void main(String[] args) throws Exception {
        System.out.println(run(Long.parseLong(args[0]), args.length > 1 ? Long.parseLong(args[1]) : SEED));
    }
}
