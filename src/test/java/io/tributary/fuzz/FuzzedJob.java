package io.tributary.fuzz;

import io.tributary.change.Change;
import io.tributary.change.RawRecord;
import io.tributary.change.TableSchema;
import io.tributary.changelog.ChangelogOperator;
import io.tributary.console.ConsoleLines;
import io.tributary.decode.DecodeOperator;
import io.tributary.decode.DecodeSettings;
import io.tributary.decode.Decoder;
import io.tributary.decode.Outcome;
import io.tributary.flow.Buckets;
import io.tributary.flow.ChangeSerializer;
import io.tributary.flow.StreamType;
import io.tributary.flow.Tallies;
import io.tributary.flow.Tally;
import io.tributary.flow.Tally.Counter;
import io.tributary.lake.LakeRows;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/**
 * Decode and changelog with the edge between them, the console's lines and the lake's rows behind them: each event must come to
 * an outcome. Beside them a decoder of its own, which is asked why.
 */
final class FuzzedJob implements AutoCloseable {
    private final DecodeSettings settings;
    private final OneInputStreamOperatorTestHarness<RawRecord, Change> decode;
    private KeyedOneInputStreamOperatorTestHarness<Long, Change, Change> changelog;
    private final Decoder decoder;
    private final Change change = new Change();
    private final LakeRows lake = new LakeRows();
    private final DataOutputSerializer sent = new DataOutputSerializer(4096);
    private final DataInputDeserializer received = new DataInputDeserializer();
    private final ChangeSerializer serializer = new ChangeSerializer();
    private final Map<String, Map<Counter, Long>> account = new HashMap<>();
    private final Map<String, Long> outcomes = new HashMap<>();

    FuzzedJob(DecodeSettings settings) throws Exception {
        this.settings = settings;
        decoder = new Decoder(settings);
        decode = new OneInputStreamOperatorTestHarness<>(new DecodeOperator(settings));
        decode.setup(changes());
        decode.open();
        changelog = changelog();
        changelog.open();
    }

    private static KeyedOneInputStreamOperatorTestHarness<Long, Change, Change> changelog() throws Exception {
        KeyedOneInputStreamOperatorTestHarness<Long, Change, Change> harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new ChangelogOperator(Map.of()),
                        (KeySelector<Change, Long>) change -> change.bucket,
                        Types.LONG,
                        Buckets.MAX_PARALLELISM,
                        1,
                        0);
        harness.setup(changes());
        return harness;
    }

    /** The harness keeps what is put out: each change must be a copy of its own. */
    private static TypeSerializer<Change> changes() {
        return StreamType.CHANGE.createSerializer(null);
    }

    /** A checkpoint of the changelog, and a new one that starts from it. */
    void restore() throws Exception {
        drain(changelog);
        OperatorSubtaskState state = changelog.snapshot(1, 1);
        changelog.close();
        changelog = changelog();
        changelog.initializeState(state);
        changelog.open();
    }

    /** @param real whether it must be read as if no mutant had come before */
    Outcome process(RawRecord record, boolean real) throws Exception {
        Outcome outcome = decoder.decode(record, change);
        if (outcome == Outcome.CHANGE) {
            RowChecks.check(change);
        } else if (outcome == Outcome.REJECTED) {
            expect(!decoder.reason().label().isEmpty() && !decoder.detail().isBlank(), "a rejection says why");
        }
        if (real) {
            asAtFirst(record, outcome);
        }
        decode.processElement(new StreamRecord<>(record));
        int rows = 0;
        int letters = 0;
        for (Change out = poll(decode.getOutput()); out != null; out = poll(decode.getOutput())) {
            rows += out.kind == Change.Kind.ROW ? 1 : 0;
            letters += out.kind == Change.Kind.APPEND ? 1 : 0;
            changelog.processElement(new StreamRecord<>(overTheEdge(out)));
        }
        expect(rows == (outcome == Outcome.CHANGE ? 1 : 0), rows + " rows of " + outcome);
        expect(letters == (outcome == Outcome.REJECTED ? 1 : 0), letters + " dead letters of " + outcome);
        int resolved = 0;
        for (Change out = poll(changelog.getOutput()); out != null; out = poll(changelog.getOutput())) {
            resolved++;
            written(out);
        }
        // a snapshot's end, a new column's default and a row without a key make more than one change of an event
        expect(resolved >= letters, resolved + " changes of one event");
        return outcome;
    }

    private Change overTheEdge(Change out) throws Exception {
        sent.clear();
        serializer.serialize(out, sent);
        received.setBuffer(sent.getSharedBuffer(), 0, sent.length());
        Change in = serializer.deserialize(received);
        expect(received.available() == 0, "bytes are left of a change");
        return in;
    }

    private void written(Change out) {
        RowChecks.check(out);
        if (out.kind == Change.Kind.APPEND) {
            Map<String, String> letter = RowChecks.values(Objects.requireNonNull(out.schema), out.after);
            String reason = letter.getOrDefault("reason", "");
            expect(!reason.isEmpty() && !letter.getOrDefault("detail", "").isBlank(), "a dead letter says why");
            outcomes.merge("rejected " + reason, 1L, Long::sum);
        }
        ConsoleLines.text(out);
        ConsoleLines.json(out);
        lake.write(out);
    }

    /** What mutants taught the decoder must not change how it reads a real event. */
    private void asAtFirst(RawRecord record, Outcome outcome) {
        Decoder fresh = new Decoder(settings);
        Change expected = new Change();
        Outcome first = fresh.decode(record, expected);
        if (record.value == null
                || outcome == Outcome.REJECTED && decoder.detail().equals("cannot find the envelope's 'op'")
                || outcome == Outcome.CHANGE && change.schemaId != expected.schemaId) {
            // on a topic of rows a tombstone is a delete, on one of envelopes a row is none; a column that held too
            // much is text
            return;
        }
        expect(outcome == first, "a real event is " + outcome + " " + decoder.detail() + ", at first it was " + first);
        if (outcome == Outcome.CHANGE) {
            String now = text(change);
            String then = text(expected);
            expect(now.equals(then), "a real event is now " + now + ", at first it was " + then);
        }
    }

    private static String text(Change change) {
        TableSchema schema = change.requireSchema();
        return "%s %s %s key %s before %s after %s commit %d event %d snapshot %b millis %d"
                .formatted(
                        change.kind,
                        change.operation,
                        schema.table(),
                        RowChecks.values(RowChecks.keySchema(schema), change.key),
                        change.beforeSchema == null ? "none" : RowChecks.values(change.beforeSchema, change.before),
                        RowChecks.values(schema, change.after),
                        change.sequenceCommit,
                        change.sequenceEvent,
                        change.snapshot,
                        change.sourceMillis);
    }

    /** Adds the outcomes; the account of each table must balance. */
    void count(Map<String, Long> to) throws Exception {
        drain(decode);
        drain(changelog);
        account.forEach((table, counts) -> {
            long read = counts.getOrDefault(Counter.READ, 0L);
            counts.remove(Counter.WARNED); // beside what became of the record
            long rows = counts.getOrDefault(Counter.ROWS, 0L);
            expect(rows >= 0, table + " has " + rows + " rows");
            counts.remove(Counter.ROWS);
            long others = counts.values().stream().mapToLong(Long::longValue).sum() - read;
            expect(read == others, "the account of " + table + " does not balance: " + counts);
            counts.forEach((counter, count) -> {
                if (counter != Counter.READ && counter != Counter.REJECTED) {
                    to.merge(counter.name().toLowerCase(java.util.Locale.ROOT), count, Long::sum);
                }
            });
        });
        outcomes.forEach((outcome, count) -> to.merge(outcome, count, Long::sum));
    }

    private void drain(OneInputStreamOperatorTestHarness<?, Change> harness) throws Exception {
        harness.prepareSnapshotPreBarrier(1);
        var tallies = harness.getSideOutput(Tallies.OUTPUT);
        if (tallies == null) {
            return;
        }
        for (StreamRecord<Tally> tally = tallies.poll(); tally != null; tally = tallies.poll()) {
            account.computeIfAbsent(tally.getValue().table(), t -> new HashMap<>())
                    .merge(tally.getValue().counter(), tally.getValue().count(), Long::sum);
        }
    }

    @SuppressWarnings("unchecked")
    private static Change poll(Queue<Object> output) {
        StreamRecord<Change> next = (StreamRecord<Change>) output.poll();
        return next == null ? null : next.getValue();
    }

    private static void expect(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    @Override
    public void close() throws Exception {
        decode.close();
        changelog.close();
    }
}
