package io.tributary.fuzz;

import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.change.TableSchema;
import io.tributary.changelog.ChangelogOperator;
import io.tributary.console.ConsoleLines;
import io.tributary.decode.DecodeOperator;
import io.tributary.decode.DecodeSettings;
import io.tributary.decode.Decoder;
import io.tributary.decode.Outcome;
import io.tributary.flow.Buckets;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.EventSerializer;
import io.tributary.flow.StreamType;
import io.tributary.flow.Tallies;
import io.tributary.flow.Tally;
import io.tributary.flow.Tally.Counter;
import io.tributary.lake.LakeRows;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;

/**
 * Decode and changelog with the edge between them, the console's lines and the lake's rows behind them: each event must come to
 * an outcome. Beside them a decoder of its own, which is asked why.
 */
final class FuzzedJob implements AutoCloseable {
    private final DecodeSettings settings;
    private final OneInputStreamOperatorTestHarness<RawRecord, Event> decode;
    private KeyedOneInputStreamOperatorTestHarness<Long, Event, Change> changelog;
    private final Decoder decoder;
    private final Event event = new Event();
    private final LakeRows lake = new LakeRows();
    private final DataOutputSerializer sent = new DataOutputSerializer(4096);
    private final DataInputDeserializer received = new DataInputDeserializer();
    private final EventSerializer serializer = new EventSerializer();
    private final Map<String, Map<Counter, Long>> account = new HashMap<>();
    private final Map<String, Long> outcomes = new HashMap<>();

    FuzzedJob(DecodeSettings settings) throws Exception {
        this.settings = settings;
        decoder = new Decoder(settings);
        decode = new OneInputStreamOperatorTestHarness<>(new DecodeOperator(settings));
        decode.setup(StreamType.EVENT.createSerializer(null));
        decode.open();
        changelog = changelog();
        changelog.open();
    }

    private static KeyedOneInputStreamOperatorTestHarness<Long, Event, Change> changelog() throws Exception {
        KeyedOneInputStreamOperatorTestHarness<Long, Event, Change> harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new ChangelogOperator(Map.of()),
                        (KeySelector<Event, Long>) event -> event.bucket,
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
        Outcome outcome = decoder.decode(record, event);
        if (outcome == Outcome.CHANGE) {
            RowChecks.check(event);
        } else if (outcome == Outcome.REJECTED) {
            expect(!decoder.reason().label().isEmpty() && !decoder.detail().isBlank(), "a rejection says why");
        }
        if (real) {
            asAtFirst(record, outcome);
        }
        decode.processElement(new StreamRecord<>(record));
        int rows = 0;
        for (Event out = poll(decode.getOutput(), Event.class);
                out != null;
                out = poll(decode.getOutput(), Event.class)) {
            rows += out.kind == Event.Kind.ROW ? 1 : 0;
            changelog.processElement(new StreamRecord<>(overTheEdge(out)));
        }
        int letters = letters(decode);
        expect(rows == (outcome == Outcome.CHANGE ? 1 : 0), rows + " rows of " + outcome);
        expect(letters == (outcome == Outcome.REJECTED ? 1 : 0), letters + " dead letters of " + outcome);
        // a snapshot's end, a new column's default and a row without a key make more than one change of an event
        for (Change out = poll(changelog.getOutput(), Change.class);
                out != null;
                out = poll(changelog.getOutput(), Change.class)) {
            written(out);
        }
        int rejected = letters(changelog);
        expect(rejected <= rows, rejected + " dead letters of " + rows + " rows");
        return outcome;
    }

    private Event overTheEdge(Event out) throws Exception {
        sent.clear();
        serializer.serialize(out, sent);
        received.setBuffer(sent.getSharedBuffer(), 0, sent.length());
        Event in = serializer.deserialize(received);
        expect(received.available() == 0, "bytes are left of an event");
        return in;
    }

    /** How many dead letters came since the last call. */
    private int letters(AbstractStreamOperatorTestHarness<?> from) {
        Queue<StreamRecord<Change>> letters = from.getSideOutput(DeadLetters.OUTPUT);
        int count = 0;
        for (StreamRecord<Change> each = letters == null ? null : letters.poll(); each != null; each = letters.poll()) {
            Change out = each.getValue();
            Map<String, String> letter = RowChecks.values(out.schema, out.after);
            String reason = letter.getOrDefault("reason", "");
            expect(!reason.isEmpty() && !letter.getOrDefault("detail", "").isBlank(), "a dead letter says why");
            outcomes.merge("rejected " + reason, 1L, Long::sum);
            written(out);
            count += reason.equals(DeadLetters.HALF_KEY_CHANGE) ? 0 : 1; // that one is of another record
        }
        return count;
    }

    private void written(Change out) {
        RowChecks.check(out);
        ConsoleLines.text(out);
        ConsoleLines.json(out);
        lake.write(out);
    }

    /** What mutants taught the decoder must not change how it reads a real event. */
    private void asAtFirst(RawRecord record, Outcome outcome) {
        Decoder fresh = new Decoder(settings);
        Event expected = new Event();
        Outcome first = fresh.decode(record, expected);
        if (record.value == null
                || outcome == Outcome.REPEATED
                || outcome == Outcome.REJECTED && decoder.detail().equals("cannot find the envelope's 'op'")
                || outcome == Outcome.CHANGE && event.schemaId != expected.schemaId) {
            // on a topic of rows a tombstone is a delete, on one of envelopes a row is none; a column that held too
            // much is text; a mutant's place in a log may have been ahead
            return;
        }
        expect(outcome == first, "a real event is " + outcome + " " + decoder.detail() + ", at first it was " + first);
        if (outcome == Outcome.CHANGE) {
            String now = text(event);
            String then = text(expected);
            expect(now.equals(then), "a real event is now " + now + ", at first it was " + then);
        }
    }

    private static String text(Event event) {
        TableSchema schema = event.requireSchema();
        return "%s %s %s key %s before %s after %s commit %d event %d snapshot %b millis %d"
                .formatted(
                        event.kind,
                        event.operation,
                        schema.table(),
                        RowChecks.values(RowChecks.keySchema(schema), event.key),
                        RowChecks.values(schema, event.before),
                        RowChecks.values(schema, event.after),
                        event.sequenceCommit,
                        event.sequenceEvent,
                        event.snapshot,
                        event.sourceMillis);
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

    private void drain(OneInputStreamOperatorTestHarness<?, ?> harness) throws Exception {
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

    private static <T> @Nullable T poll(Queue<Object> output, Class<T> type) {
        StreamRecord<?> next = (StreamRecord<?>) output.poll();
        return next == null ? null : type.cast(next.getValue());
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
