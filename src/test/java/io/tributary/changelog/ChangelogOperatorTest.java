package io.tributary.changelog;

import static io.tributary.changelog.Rowing.UNSENT;
import static io.tributary.changelog.Rowing.change;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Harness;
import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.Fact;
import io.tributary.change.Operation;
import io.tributary.change.PartRow;
import io.tributary.change.RawRecord;
import io.tributary.change.RowReader;
import io.tributary.expression.Expression;
import io.tributary.flow.Buckets;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.ShownMetrics;
import io.tributary.flow.StreamType;
import io.tributary.flow.Tallies;
import io.tributary.flow.Tally;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

@Harness
class ChangelogOperatorTest {
    private static final long[] BUCKETS = Buckets.of(Rowing.SCHEMA.table(), 4);

    private static KeyedOneInputStreamOperatorTestHarness<Long, Event, Change> harness(int parallelism, int index)
            throws Exception {
        return harness(parallelism, index, Map.of());
    }

    private static KeyedOneInputStreamOperatorTestHarness<Long, Event, Change> harness(
            int parallelism, int index, Map<String, ChangelogSettings> settings) throws Exception {
        KeyedOneInputStreamOperatorTestHarness<Long, Event, Change> harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new ChangelogOperator(settings),
                        (KeySelector<Event, Long>) change -> change.bucket,
                        Types.LONG,
                        Buckets.MAX_PARALLELISM,
                        parallelism,
                        index);
        // the output is collected: each element must be a copy of its own
        harness.setup(
                StreamType.CHANGE.createSerializer(harness.getExecutionConfig().getSerializerConfig()));
        return harness;
    }

    private static void send(
            KeyedOneInputStreamOperatorTestHarness<Long, Event, Change> harness, long bucket, Event change)
            throws Exception {
        change.bucket = bucket;
        change.kind = Event.Kind.DEFINITION;
        harness.processElement(new StreamRecord<>(change));
        change.kind = Event.Kind.ROW;
        harness.processElement(new StreamRecord<>(change));
    }

    private static List<String> rows(KeyedOneInputStreamOperatorTestHarness<Long, Event, Change> harness) {
        return harness.extractOutputValues().stream()
                .map(change ->
                        change.operation.code() + " " + Rowing.text(change.before) + " -> " + Rowing.text(change.after))
                .toList();
    }

    @Test
    void rowsSchemasAndFencesAreThereAfterARestore() throws Exception {
        OperatorSubtaskState snapshot;
        try (var harness = harness(1, 0)) {
            harness.open();
            send(harness, BUCKETS[0], change(Operation.CREATE, 1, "a", "long", 10, 11));
            snapshot = harness.snapshot(1, 1);
        }
        try (var harness = harness(1, 0)) {
            harness.initializeState(snapshot);
            harness.open();
            Event update = change(Operation.UPDATE, 1, "b", UNSENT, 20, 21);
            update.bucket = BUCKETS[0];
            update.schema = null; // no definition came again: the bucket keeps it
            harness.processElement(new StreamRecord<>(update));
            Event again = change(Operation.CREATE, 1, "a", "long", 10, 11);
            again.bucket = BUCKETS[0];
            harness.processElement(new StreamRecord<>(again));

            assertThat(rows(harness)).containsExactly("u 1 a long -> 1 b long");
        }
    }

    private static Event by(int partition, long offset, Event change) {
        change.partition = partition;
        change.offset = offset;
        return change;
    }

    /** What decode tells of a topic of one partition. */
    @Test
    void aLostHalfOfAChangedKeyIsADeadLetterAtTheRecordThatTells() throws Exception {
        try (var harness = harness(1, 0)) {
            harness.open();
            send(harness, BUCKETS[0], by(0, 1, change(Operation.CREATE, 1, "a", "long", 1, 2)));
            send(harness, BUCKETS[0], by(1, 1, change(Operation.CREATE, 9, "b", "long", 1, 3)));
            Event delete = by(0, 2, change(Operation.DELETE, 1, "a", "long", 10, 11));
            delete.moved = true;
            RawRecord record = new RawRecord()
                    .set("cdc.public.t", 0, 2, 5, "the key".getBytes(StandardCharsets.UTF_8), new byte[] {1});
            delete.origin.set(DeadLetters.origin(record));
            send(harness, BUCKETS[0], delete);
            send(harness, BUCKETS[0], by(0, 3, change(Operation.CREATE, 3, "c", "long", 20, 21)));
            assertThat(harness.getSideOutput(DeadLetters.OUTPUT)).isNull();
            send(harness, BUCKETS[0], by(1, 7, change(Operation.CREATE, 5, "d", "long", 20, 22)));

            assertThat(harness.getSideOutput(DeadLetters.OUTPUT))
                    .singleElement()
                    .satisfies(told -> {
                        Change letter = told.getValue();
                        RowReader reader = new RowReader();
                        reader.open(letter.schema, letter.after.bytes(), letter.after.offset());
                        List<Object> values = new ArrayList<>();
                        for (int column = 0; column < letter.schema.columns().size(); column++) {
                            values.add(reader.next() ? reader.value() : "");
                        }
                        assertThat(values.subList(0, 8))
                                .startsWith("half-key-change")
                                .contains(
                                        "public.t", "cdc.public.t", 1, 7L, "the key".getBytes(StandardCharsets.UTF_8));
                        assertThat(String.valueOf(values.get(1)))
                                .startsWith("[cdc.public.t-0@2] cannot tell what became of the row")
                                .endsWith("(told by partition 1)");
                    });
        }
    }

    private static Map<String, ChangelogSettings> named(boolean fails, String... columns) {
        List<NamedColumn> named = Stream.of(columns)
                .map(column -> new NamedColumn(column, "tables.public.t.rules." + column, false))
                .toList();
        return Map.of(
                "public.t",
                new ChangelogSettings(
                        true, Unsent.REJECT, StateMode.ROWS, List.of(), true, 1, Shape.AS_IT_IS, named, fails));
    }

    /** A rule of it would hold of every row, in silence. */
    @Test
    void aColumnThatTheFileNamesAndTheTableDoesNotHaveIsShownOrEndsTheJob() throws Exception {
        ShownMetrics metrics = new ShownMetrics();
        try (MockEnvironment environment = metrics.environment();
                var harness = new KeyedOneInputStreamOperatorTestHarness<>(
                        new ChangelogOperator(named(false, "v", "vv")),
                        (KeySelector<Event, Long>) change -> change.bucket,
                        Types.LONG,
                        environment)) {
            harness.setup(StreamType.CHANGE.createSerializer(
                    harness.getExecutionConfig().getSerializerConfig()));
            harness.open();
            for (long bucket : BUCKETS) {
                send(harness, bucket, change(Operation.CREATE, 1, "a", "long", 10, 11));
            }

            assertThat(metrics.values())
                    .containsEntry(
                            "cdc_unknown_column{column=vv, setting=tables.public.t.rules.vv, table=public.t}", "1")
                    .hasSize(1);
        }
        try (var harness = harness(1, 0, named(true, "vv"))) {
            harness.open();

            assertThatThrownBy(() -> send(harness, BUCKETS[0], change(Operation.CREATE, 1, "a", "long", 10, 11)))
                    .isInstanceOf(SuppressRestartsException.class)
                    .rootCause()
                    .hasMessageStartingWith(
                            "'tables.public.t.rules.vv' names the column 'vv', which public.t does not have; ");
        }
    }

    private static Map<String, ChangelogSettings> where(String expression) {
        Shape shape = new Shape(Expression.parse(expression), List.of());
        return Map.of(
                "public.t", new ChangelogSettings(true, Unsent.REJECT, StateMode.ROWS, List.of(), true, 1, shape));
    }

    /** Rows that do not change would stay in the sinks, and would never be deleted there. */
    @Test
    void aConditionOfASavepointStaysWhatItWas() throws Exception {
        OperatorSubtaskState without;
        OperatorSubtaskState with;
        try (var harness = harness(1, 0)) {
            harness.open();
            without = harness.snapshot(1, 1);
        }
        try (var harness = harness(1, 0, where("v == 'a'"))) {
            harness.open();
            with = harness.snapshot(1, 1);
        }
        try (var harness = harness(1, 0, where("v == 'a'"))) {
            harness.initializeState(with);
            harness.open();
        }
        for (var other : List.of(
                Map.entry(without, where("v == 'a'")),
                Map.entry(with, where("v == 'b'")),
                Map.entry(with, Map.<String, ChangelogSettings>of()))) {
            try (var harness = harness(1, 0, other.getValue())) {
                assertThatThrownBy(() -> harness.initializeState(other.getKey()))
                        .rootCause()
                        .hasMessageStartingWith("'tables.public.t.where' and the columns that are computed were ")
                        .hasMessageContaining("Set them back, or start without the savepoint");
            }
        }
    }

    @Test
    void bucketsMoveWithTheirRowsWhenTheParallelismChanges() throws Exception {
        OperatorSubtaskState snapshot;
        try (var harness = harness(1, 0)) {
            harness.open();
            for (int i = 0; i < BUCKETS.length; i++) {
                send(harness, BUCKETS[i], change(Operation.CREATE, i, "a", "long", 10, 11 + i));
            }
            snapshot = harness.snapshot(1, 1);
        }
        int updated = 0;
        for (int task = 0; task < 2; task++) {
            OperatorSubtaskState part = AbstractStreamOperatorTestHarness.repartitionOperatorState(
                    snapshot, Buckets.MAX_PARALLELISM, 1, 2, task);
            try (var harness = harness(2, task)) {
                harness.initializeState(part);
                harness.open();
                for (int i = 0; i < BUCKETS.length; i++) {
                    if (mine(BUCKETS[i], task)) {
                        send(harness, BUCKETS[i], change(Operation.UPDATE, i, "b", UNSENT, 20, 21 + i));
                    }
                }
                assertThat(rows(harness)).allMatch(row -> row.matches("u (\\d) a long -> \\1 b long"));
                updated += rows(harness).size();
            }
        }
        assertThat(updated).isEqualTo(BUCKETS.length);
    }

    private static boolean mine(long bucket, int task) {
        return org.apache.flink.runtime.state.KeyGroupRangeAssignment.assignKeyToParallelOperator(
                        bucket, Buckets.MAX_PARALLELISM, 2)
                == task;
    }

    @Test
    void markerClearsOnlyItsBucket() throws Exception {
        try (var harness = harness(1, 0)) {
            harness.open();
            send(harness, BUCKETS[0], change(Operation.CREATE, 1, "a", "x", 10, 11));
            send(harness, BUCKETS[1], change(Operation.CREATE, 2, "a", "x", 10, 12));
            assertThat(harness.numKeyedStateEntries()).isEqualTo(2);
            Event marker = change(Operation.TRUNCATE, 0, null, null, 20, 21);
            marker.kind = Event.Kind.MARKER;
            marker.bucket = BUCKETS[0];
            harness.processElement(new StreamRecord<>(marker));
            harness.prepareSnapshotPreBarrier(1);

            assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
            assertThat(harness.extractOutputValues()).hasSize(2);
            assertThat(Rowing.counted(harness)).isEqualTo(1);
        }
    }

    @Test
    void talliesGoOutAheadOfTheBarrierAndOnce() throws Exception {
        try (var harness = harness(1, 0)) {
            harness.open();
            send(harness, BUCKETS[0], change(Operation.CREATE, 1, "a", "x", 10, 11));
            send(harness, BUCKETS[0], change(Operation.CREATE, 1, "a", "x", 10, 11));
            harness.prepareSnapshotPreBarrier(1);
            harness.prepareSnapshotPreBarrier(2);

            assertThat(harness.getSideOutput(Tallies.OUTPUT).stream().map(StreamRecord::getValue))
                    .containsExactlyInAnyOrder(
                            new Tally("public.t", Tally.Counter.APPLIED, "c", 1),
                            new Tally("public.t", Tally.Counter.ROWS, "", 1),
                            new Tally("public.t", Tally.Counter.DUPLICATES, "", 1));
        }
    }

    @Test
    void aRejectionIsToldToTheBreakerWithoutACheckpoint() throws Exception {
        try (var harness = harness(1, 0)) {
            harness.open();
            send(harness, BUCKETS[0], change(Operation.UPDATE, 1, "a", UNSENT, 10, 11));
            harness.setProcessingTime(Tallies.INTERVAL);
            harness.setProcessingTime(2 * Tallies.INTERVAL);

            assertThat(harness.getSideOutput(Tallies.OUTPUT).stream().map(StreamRecord::getValue))
                    .singleElement()
                    .satisfies(tally -> {
                        assertThat(tally.name())
                                .isEqualTo(new Tally.Name("public.t", Tally.Counter.REJECTED, "unsent"));
                        assertThat(tally.count()).isEqualTo(1);
                        assertThat(tally.detail()).contains("] cannot fill an unchanged value");
                    });
        }
    }

    @Test
    void rowWithoutDefinitionIsABrokenInvariant() throws Exception {
        try (var harness = harness(1, 0)) {
            harness.open();
            Event change = change(Operation.CREATE, 1, "a", "x", 10, 11);
            change.schema = null;
            change.bucket = BUCKETS[0];

            assertThatThrownBy(() -> harness.processElement(new StreamRecord<>(change)))
                    .hasMessageContaining("was not defined before its first row");
        }
    }

    /** How many rows were given since the last call, heads included. */
    private static int given(KeyedOneInputStreamOperatorTestHarness<Long, Event, Change> harness) {
        Queue<StreamRecord<Fact>> facts = harness.getSideOutput(ChangelogOperator.FACTS);
        int count = 0;
        for (StreamRecord<Fact> each = facts == null ? null : facts.poll(); each != null; each = facts.poll()) {
            count += each.getValue() instanceof PartRow ? 1 : 0;
        }
        return count;
    }

    @Test
    void rowsThatAreAskedForAreGivenUntilACheckpointHasThem() throws Exception {
        try (var harness = new KeyedOneInputStreamOperatorTestHarness<Long, Event, Change>(
                new ChangelogOperator(Map.of(), Map.of(), CurrentSettings.OFF, true),
                (KeySelector<Event, Long>) event -> event.bucket,
                Types.LONG,
                Buckets.MAX_PARALLELISM,
                1,
                0)) {
            harness.setup(StreamType.CHANGE.createSerializer(null));
            harness.open();
            send(harness, BUCKETS[0], change(Operation.CREATE, 1, "a", "x", 10, 11));
            Event request = new Event();
            request.kind = Event.Kind.SHOW;
            request.schema = Rowing.SCHEMA;
            request.schemaId = Rowing.SCHEMA.id();
            request.bucket = BUCKETS[0];
            request.partition = 1;
            harness.processElement(new StreamRecord<>(request));

            harness.prepareSnapshotPreBarrier(1);
            assertThat(given(harness)).as("a head and a row").isEqualTo(2);
            harness.prepareSnapshotPreBarrier(2);
            assertThat(given(harness)).as("the first is under way").isZero();
            harness.getOperator().notifyCheckpointAborted(1);
            harness.prepareSnapshotPreBarrier(3);
            assertThat(given(harness)).as("after an aborted one").isEqualTo(2);
            harness.getOperator().notifyCheckpointComplete(4);
            harness.prepareSnapshotPreBarrier(5);
            assertThat(given(harness))
                    .as("after one of which nothing was heard")
                    .isEqualTo(2);
            harness.getOperator().notifyCheckpointComplete(5);
            harness.prepareSnapshotPreBarrier(6);
            assertThat(given(harness)).as("after a complete one").isZero();
        }
    }
}
