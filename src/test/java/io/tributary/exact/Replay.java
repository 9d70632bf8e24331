package io.tributary.exact;

import io.tributary.change.Change;
import io.tributary.change.RawRecord;
import io.tributary.changelog.ChangelogOperator;
import io.tributary.config.PipelineConfig;
import io.tributary.decode.DecodeOperator;
import io.tributary.flow.Buckets;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.EventSerializer;
import io.tributary.flow.StreamType;
import io.tributary.flow.Tallies;
import io.tributary.flow.Tally;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/**
 * The way from a record to the history, without a job: the real operators for decode and changelog at any parallelism, with the
 * stream's own serializer between them. Each record goes all the way before the next.
 */
final class Replay implements AutoCloseable {
    private final PipelineConfig config;
    private final List<OneInputStreamOperatorTestHarness<RawRecord, io.tributary.change.Event>> decoders =
            new ArrayList<>();
    private final List<KeyedOneInputStreamOperatorTestHarness<Long, io.tributary.change.Event, Change>> changelogs =
            new ArrayList<>();
    private final EventSerializer wire = new EventSerializer();
    private final DataOutputSerializer written = new DataOutputSerializer(1 << 16);
    private final List<Event> history;
    private final List<Event> deadLetters;
    private final Map<Tally.Name, Long> account;
    private long checkpoints;

    /** What a checkpoint has of the operators, and what the sinks had written by then. */
    private record Checkpoint(
            OperatorSubtaskState decode,
            int decoders,
            OperatorSubtaskState changelog,
            int changelogs,
            List<Event> history,
            List<Event> deadLetters,
            Map<Tally.Name, Long> account) {}

    private Replay(PipelineConfig config, Checkpoint from, int decoders, int changelogs) throws Exception {
        this.config = config;
        this.history = new ArrayList<>(from.history);
        this.deadLetters = new ArrayList<>(from.deadLetters);
        this.account = new TreeMap<>(
                java.util.Comparator.comparing((Tally.Name name) -> name.table() + name.counter() + name.label()));
        this.account.putAll(from.account);
        for (int i = 0; i < decoders; i++) {
            var harness = new OneInputStreamOperatorTestHarness<>(
                    new DecodeOperator(config.decodeSettings()), Buckets.MAX_PARALLELISM, decoders, i);
            open(harness, StreamType.EVENT, from.decode, from.decoders, decoders, i);
            this.decoders.add(harness);
        }
        for (int i = 0; i < changelogs; i++) {
            var harness = new KeyedOneInputStreamOperatorTestHarness<>(
                    new ChangelogOperator(config.changelogSettings()),
                    (KeySelector<io.tributary.change.Event, Long>) event -> event.bucket,
                    Types.LONG,
                    Buckets.MAX_PARALLELISM,
                    changelogs,
                    i);
            open(harness, StreamType.CHANGE, from.changelog, from.changelogs, changelogs, i);
            this.changelogs.add(harness);
        }
    }

    static Replay start(PipelineConfig config, int decoders, int changelogs) throws Exception {
        OperatorSubtaskState nothing = OperatorSubtaskState.builder().build();
        return new Replay(
                config, new Checkpoint(nothing, 0, nothing, 0, List.of(), List.of(), Map.of()), decoders, changelogs);
    }

    /** All of a capture, one task an operator. */
    static Replay of(Capture capture) throws Exception {
        Replay replay = start(capture.pipeline(), 1, 1);
        for (RawRecord record : capture.records()) {
            replay.send(record);
        }
        replay.drain();
        return replay;
    }

    private static <T> void open(
            AbstractStreamOperatorTestHarness<T> harness,
            TypeInformation<T> type,
            OperatorSubtaskState state,
            int before,
            int now,
            int index)
            throws Exception {
        // the output is collected: each element must be a copy of its own
        harness.setup(type.createSerializer(harness.getExecutionConfig().getSerializerConfig()));
        if (before > 0) {
            harness.initializeState(AbstractStreamOperatorTestHarness.repartitionOperatorState(
                    state, Buckets.MAX_PARALLELISM, before, now, index));
        }
        harness.open();
    }

    void send(RawRecord record) throws Exception {
        // a partition belongs to one task of the source, and decode is chained to it
        int task = Math.floorMod(record.topic.hashCode() + record.partition, decoders.size());
        var decoder = decoders.get(task);
        decoder.processElement(new StreamRecord<>(record));
        for (Object out = decoder.getOutput().poll();
                out != null;
                out = decoder.getOutput().poll()) {
            apply((io.tributary.change.Event) ((StreamRecord<?>) out).getValue());
        }
        addLetters(decoder);
    }

    private void addLetters(AbstractStreamOperatorTestHarness<?> from) {
        Queue<StreamRecord<Change>> letters = from.getSideOutput(DeadLetters.OUTPUT);
        for (StreamRecord<Change> each = letters == null ? null : letters.poll(); each != null; each = letters.poll()) {
            deadLetters.add(Event.of(each.getValue()));
        }
    }

    private void apply(io.tributary.change.Event event) throws Exception {
        int task = KeyGroupRangeAssignment.assignKeyToParallelOperator(
                event.bucket, Buckets.MAX_PARALLELISM, changelogs.size());
        var changelog = changelogs.get(task);
        changelog.processElement(new StreamRecord<>(overTheWire(event)));
        for (Object out = changelog.getOutput().poll();
                out != null;
                out = changelog.getOutput().poll()) {
            history.add(Event.of((Change) ((StreamRecord<?>) out).getValue()));
        }
        addLetters(changelog);
    }

    private io.tributary.change.Event overTheWire(io.tributary.change.Event event) throws IOException {
        written.clear();
        wire.serialize(event, written);
        DataInputDeserializer in = new DataInputDeserializer(written.getCopyOfBuffer());
        io.tributary.change.Event arrived = wire.deserialize(new io.tributary.change.Event(), in);
        if (in.available() > 0) {
            throw new IOException(in.available() + " bytes too many");
        }
        return arrived;
    }

    /** A checkpoint, the end of these tasks, and others from it at another parallelism. */
    Replay restarted(int decodersNow, int changelogsNow) throws Exception {
        drain();
        checkpoints++;
        List<OperatorSubtaskState> decode = new ArrayList<>();
        for (var harness : decoders) {
            decode.add(harness.snapshot(checkpoints, checkpoints));
        }
        List<OperatorSubtaskState> changelog = new ArrayList<>();
        for (var harness : changelogs) {
            changelog.add(harness.snapshot(checkpoints, checkpoints));
        }
        close();
        return new Replay(
                config,
                new Checkpoint(
                        repackaged(decode),
                        decoders.size(),
                        repackaged(changelog),
                        changelogs.size(),
                        history,
                        deadLetters,
                        account),
                decodersNow,
                changelogsNow);
    }

    private static OperatorSubtaskState repackaged(List<OperatorSubtaskState> states) throws Exception {
        return AbstractStreamOperatorTestHarness.repackageState(states.toArray(OperatorSubtaskState[]::new));
    }

    /** Brings the account up to date. */
    void drain() throws Exception {
        for (var harness : decoders) {
            harness.prepareSnapshotPreBarrier(checkpoints);
            count(harness);
        }
        for (var harness : changelogs) {
            harness.prepareSnapshotPreBarrier(checkpoints);
            count(harness);
        }
    }

    private void count(AbstractStreamOperatorTestHarness<?> harness) {
        Queue<StreamRecord<Tally>> tallies = harness.getSideOutput(Tallies.OUTPUT);
        if (tallies != null) {
            for (StreamRecord<Tally> tally = tallies.poll(); tally != null; tally = tallies.poll()) {
                account.merge(tally.getValue().name(), tally.getValue().count(), Long::sum);
            }
        }
    }

    /** What was emitted, in its order. */
    List<Event> history() {
        return history;
    }

    List<Event> deadLetters() {
        return deadLetters;
    }

    /** As of the last {@link #drain}. */
    Map<Tally.Name, Long> account() {
        return account;
    }

    @Override
    public void close() throws Exception {
        for (var harness : decoders) {
            harness.close();
        }
        for (var harness : changelogs) {
            harness.close();
        }
    }
}
