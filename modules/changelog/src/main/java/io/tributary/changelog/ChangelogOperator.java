package io.tributary.changelog;

import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.Fact;
import io.tributary.change.Operation;
import io.tributary.change.PartRow;
import io.tributary.change.TableSchema;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.StreamType;
import io.tributary.flow.Tallies;
import io.tributary.flow.Tally.Counter;
import io.tributary.validate.Rule;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.apache.kafka.common.TopicPartition;

/**
 * Keeps a {@link Bucket} and its {@link Rows} for each bucket dealt to this task and lets {@link Changelog} judge each
 * change.
 *
 * <p>One class, since its outline is Flink's: each part is what one of its calls needs.
 */
public final class ChangelogOperator extends AbstractStreamOperator<Change>
        implements OneInputStreamOperator<Event, Change>, BoundedOneInput {
    /** The rows of measured tables that truncates have taken, as deletes. */
    public static final OutputTag<Change> GONE = new OutputTag<>("gone", StreamType.CHANGE);

    /** The rows of buckets as a whole, ahead of each barrier at which they are due. */
    public static final OutputTag<PartRow> ROWS = new OutputTag<>("rows", StreamType.PART_ROW);

    /** All changes, and among them, where somebody asks, the rows of buckets as a whole. */
    public static final OutputTag<Fact> FACTS = new OutputTag<>("facts", StreamType.FACT);

    private static final String POSITIONS_ANEW = "positions-anew";
    private static final long BETWEEN_LINES = Duration.ofMinutes(1).toNanos();
    private static final String SUPERSEDED = "superseded";
    /** By the table's condition. */
    private static final String LEFT_OUT = "where";

    private final HashMap<String, ChangelogSettings> settings;
    private final HashMap<TopicPartition, Long> ends;
    private final CurrentSettings currents;
    private final boolean gives;

    private transient long lastAnew;
    private transient Changelog changelog;
    private transient Changelog.Out out;
    private transient StreamRecord<Change> record;
    private transient StreamRecord<Fact> fact;
    private transient StreamRecord<PartRow> row;
    private transient Change letter;
    private transient DeadLetters deadLetters;
    private transient Tallies tallies;
    private transient CountedRows rows;
    private transient ValueState<byte[]> bucketState;
    /** Buckets met since the start; written back to state at a checkpoint. */
    private transient Map<Long, Bucket> buckets;
    /** Buckets that have not been met, and whose rows are to be given. */
    private transient Set<Long> waiting;
    /** Buckets that have not been met, and were written before rows were counted. */
    private transient Set<Long> uncounted;

    private transient ShapeCheck shapes;
    private transient NamedColumns named;
    private transient WholeRows whole;
    private transient Asked asked;

    private transient long countedSchema;
    private transient Tallies.Count[] counts;
    private transient long current;
    private transient Bucket currentBucket;

    public ChangelogOperator(Map<String, ChangelogSettings> settings) {
        this(settings, Map.of(), CurrentSettings.OFF, false);
    }

    /**
     * Made for a job.
     *
     * @param settings what the pipeline file says of tables, by name
     * @param ends the next offset of each partition that the lake has when the job starts
     * @param currents of which tables the rows are given as a whole
     * @param gives whether a sink asks for rows among the changes
     */
    @SuppressWarnings("NullAway.Init") // open() comes before anything else
    public ChangelogOperator(
            Map<String, ChangelogSettings> settings,
            Map<TopicPartition, Long> ends,
            CurrentSettings currents,
            boolean gives) {
        this.gives = gives;
        this.settings = new HashMap<>(settings);
        this.ends = new HashMap<>(ends);
        this.currents = currents;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        shapes = new ShapeCheck(context, settings);
    }

    @Override
    public void open() throws Exception {
        super.open();
        lastAnew = System.nanoTime() - BETWEEN_LINES;
        changelog = new Changelog(settings);
        named = new NamedColumns(settings, getMetricGroup());
        letter = new Change();
        record = new StreamRecord<>(letter);
        fact = new StreamRecord<>(letter);
        row = new StreamRecord<>(new PartRow());
        out = new Outputs();
        deadLetters = new DeadLetters();
        tallies = new Tallies();
        var unused =
                getProcessingTimeService().scheduleWithFixedDelay(time -> drain(), Tallies.INTERVAL, Tallies.INTERVAL);
        counts = new Tallies.Count[Operation.values().length];
        buckets = new HashMap<>();
        waiting = new HashSet<>();
        uncounted = new HashSet<>();
        asked = new Asked();
        currentBucket = new Bucket();
        current = 0;
        rows = new CountedRows(new StateRows(getRuntimeContext()
                .getMapState(new MapStateDescriptor<>("rows", new RowKeySerializer(), new StoredRowSerializer()))));
        ValueStateDescriptor<byte[]> descriptor = new ValueStateDescriptor<>("bucket", new StoredRowSerializer());
        bucketState = getRuntimeContext().getState(descriptor);
        whole = new WholeRows(currents, changelog.shaped());
        this.<Long>getKeyedStateBackend()
                .applyToAllKeys(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, descriptor, this::restore);
    }

    private void restore(long number, ValueState<byte[]> state) throws IOException {
        byte[] stored = state.value();
        if (stored == null) {
            return;
        }
        if (!BucketFormat.isCounted(stored)) {
            uncounted.add(number);
        }
        if (currents.isOn()) {
            restoreShown(number, stored);
        }
    }

    /** What changed before the job was stopped is due, whether or not it changes again. */
    private void restoreShown(long number, byte[] stored) {
        Bucket bucket = Bucket.fromBytes(stored);
        boolean isFirst = getRuntimeContext().getTaskInfo().getAttemptNumber() == 0; // else the sink has more by now
        if (isFirst && currents.isAhead(number, bucket.ends(currents.replays()))) {
            bucket.notShown();
        }
        if (bucket.isChanged()) {
            waiting.add(number);
        }
    }

    private final class Outputs implements Changelog.Out {
        @Override
        public void emit(Change change) {
            output.collect(record.replace(change));
            if (gives) {
                output.collect(FACTS, fact.replace(change));
            }
        }

        @Override
        public void gone(Change deleted) {
            output.collect(GONE, record.replace(deleted));
        }
    }

    @Override
    public void processElement(StreamRecord<Event> element) throws Exception {
        Event event = element.getValue();
        Bucket bucket = bucket(event.bucket);
        if (event.kind == Event.Kind.SHOW) {
            bucket.notShown(); // to the current rows, where they are on
            if (gives) {
                asked.add(event.bucket, new WholeRows.Request(event.requireSchema(), event.partition));
            }
            return;
        }
        if (event.schema == null) {
            event.schema = bucket.schema(event.schemaId);
        }
        switch (event.kind) {
            case DEFINITION -> {
                changelog.define(event, bucket, rows, out);
                named.look(event.requireSchema(), changelog.shaped().of(event.requireSchema()));
            }
            case MARKER -> changelog.mark(event, bucket, rows, out);
            case LOST -> changelog.lose(event, bucket, rows);
            default -> row(event, bucket);
        }
        bucket.takeLost().forEach(half -> reject(half, event));
        TableSchema schema = event.requireSchema();
        long added = rows.takeAdded();
        countRows(
                schema,
                changelog.shaped().isFiltered(schema) ? changelog.shaped().takeAdded() : added);
    }

    private void countRows(TableSchema schema, long added) {
        if (added != 0) {
            tallies.count(schema.table().toString(), Counter.ROWS, "").add(added);
        }
    }

    private boolean isCatchingUp(Event event) {
        return event.offset
                < ends.getOrDefault(new TopicPartition(event.requireSchema().topic(), event.partition), 0L);
    }

    private void row(Event event, Bucket bucket) {
        TableSchema schema = event.requireSchema();
        if (event.replay >= 0 && isCatchingUp(event)) {
            bucket.catchUp();
        }
        String table = schema.table().toString();
        switch (changelog.apply(event, bucket, rows, out)) {
            case APPLIED -> {
                Operation applied = changelog.applied();
                if (applied == null) {
                    tallies.add(table, Counter.IGNORED, LEFT_OUT);
                } else {
                    applied(schema, applied).inc();
                }
                passed(table);
            }
            case DUPLICATE -> tallies.add(table, Counter.DUPLICATES, "");
            case SUPERSEDED -> {
                if (event.replay < 0) {
                    tallies.add(table, Counter.IGNORED, SUPERSEDED);
                } else {
                    reject(event, SUPERSEDED, "", "cannot apply again: " + changelog.superseded());
                }
            }
            case TOO_EARLY ->
                reject(
                        event,
                        "too-early",
                        "",
                        "cannot apply again yet: the job, which reads the topics anew, has not come to its place; replay it again");
            case NOTHING -> tallies.add(table, Counter.IGNORED, "tombstone");
            case UNSENT ->
                reject(
                        event,
                        "unsent",
                        "",
                        "cannot fill an unchanged value that the source left out: the row before is not known");
            case LATE ->
                reject(
                        event,
                        DeadLetters.LATE,
                        "",
                        "cannot fill an unchanged value that the source left out: a later change of the row came first, by another partition");
            case KEY_TYPE ->
                reject(
                        event,
                        "key",
                        "",
                        "cannot find its row: the key's type is another since, and the rows' keys have no certain form in it; take a new"
                                + " snapshot of the table");
            case OTHER_SOURCE -> reject(event, "same-table", "", otherSource(event, bucket));
            case INVALID -> {
                Broken broken = changelog.broken();
                if (broken != null) {
                    reject(event, broken.reason(), broken.rule(), broken.detail());
                }
            }
        }
    }

    private static String otherSource(Event event, Bucket bucket) {
        TableSchema schema = event.requireSchema();
        return "cannot store a row of %s of %s beside those of %s: give each a pipeline of its own, or set 'source.same-tables: merge' if they are of one table"
                .formatted(schema.table(), schema.told().origin(), bucket.origin());
    }

    /** What was applied although it was not as it should be. */
    private void passed(String table) {
        if (changelog.nulled() > 0) {
            tallies.add(table, Counter.NULLED, "");
        }
        for (Rule rule : changelog.warned()) {
            tallies.add(table, Counter.WARNED, rule.name());
        }
        if (changelog.anew()) {
            tallies.add(table, Counter.WARNED, POSITIONS_ANEW);
            long now = System.nanoTime();
            if (now - lastAnew < BETWEEN_LINES) {
                return; // servers that take turns in one topic would fill the log
            }
            lastAnew = now;
            LOG.warn(
                    "{}: the source's positions begin anew, lower than before and later in time: it was restored, or is another server",
                    table);
        }
    }

    private void reject(Event event, String reason, String rule, String detail) {
        TableSchema schema = event.requireSchema();
        String placed = "[" + schema.topic() + "-" + event.partition + "@" + event.offset + "] " + detail;
        tallies.reject(schema.table().toString(), reason, placed);
        deadLetters.fill(letter, event, reason, rule, placed);
        output.collect(DeadLetters.OUTPUT, record.replace(letter));
    }

    /** In the place of the create that never came; the letter is at the record that tells, and has the delete in it. */
    private void reject(HalfMoves.Left lost, Event next) {
        TableSchema schema = next.requireSchema();
        String table = schema.table().toString();
        String detail = DeadLetters.halfKeyChange(schema.topic(), next.partition, lost.partition(), lost.offset());
        tallies.add(table, Counter.READ, "");
        tallies.reject(table, DeadLetters.HALF_KEY_CHANGE, detail);
        next.origin.set(lost.origin());
        if (lost.origin().length == 0) {
            next.origin.clear();
        }
        deadLetters.fill(letter, next, DeadLetters.HALF_KEY_CHANGE, "", detail);
        output.collect(DeadLetters.OUTPUT, record.replace(letter));
    }

    private Tallies.Count applied(TableSchema schema, Operation operation) {
        if (schema.id() != countedSchema) {
            countedSchema = schema.id();
            for (Operation each : Operation.values()) {
                counts[each.ordinal()] =
                        tallies.count(schema.table().toString(), Counter.APPLIED, String.valueOf(each.code()));
            }
        }
        return counts[operation.ordinal()];
    }

    private Bucket bucket(long number) throws Exception {
        if (number != current) {
            current = number;
            Bucket known = buckets.get(number);
            if (known == null) {
                byte[] stored = bucketState.value();
                known = stored == null ? new Bucket() : Bucket.fromBytes(stored);
                if (known.hasRowsOfEarlierForm()) {
                    changelog.upgrade(known, rows);
                }
                buckets.put(number, known);
                countEarlier(number, known);
            }
            currentBucket = known;
        }
        return currentBucket;
    }

    /** Counts rows that were there before they were counted. */
    private void countEarlier(long number, Bucket bucket) {
        TableSchema newest = bucket.newest();
        if (uncounted.remove(number) && newest != null) {
            long unused = rows.takeAdded(); // what their form of now has moved
            countRows(newest, rows.count());
        }
    }

    private void countEarlier() throws Exception {
        for (long number : Set.copyOf(uncounted)) {
            setCurrentKey(number);
            Bucket unused = bucket(number);
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        countEarlier();
        drain();
        give(checkpointId);
        if (currents.isDue(checkpointId)) {
            show();
        }
    }

    /** Among the changes: these rows have all that came before. */
    private void give(long checkpointId) throws Exception {
        for (Map.Entry<Long, WholeRows.Request> request :
                asked.take(checkpointId).entrySet()) {
            setCurrentKey(request.getKey());
            whole.give(
                    request.getKey(),
                    request.getValue(),
                    bucket(request.getKey()),
                    rows,
                    each -> output.collect(FACTS, fact.replace(each)));
        }
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        super.notifyCheckpointComplete(checkpointId);
        asked.complete(checkpointId);
    }

    @Override
    public void notifyCheckpointAborted(long checkpointId) throws Exception {
        super.notifyCheckpointAborted(checkpointId);
        asked.aborted(checkpointId);
    }

    @Override
    public void endInput() throws Exception {
        countEarlier();
        drain();
        give(Long.MAX_VALUE);
        if (currents.isOn()) {
            show();
        }
    }

    private void show() throws Exception {
        for (long number : waiting) {
            setCurrentKey(number);
            bucket(number).notShown();
        }
        waiting.clear();
        for (Map.Entry<Long, Bucket> entry : buckets.entrySet()) {
            if (entry.getValue().isChanged()) {
                setCurrentKey(entry.getKey());
                whole.show(entry.getKey(), entry.getValue(), rows, each -> output.collect(ROWS, row.replace(each)));
            }
        }
    }

    private void drain() {
        tallies.drain(tally -> output.collect(Tallies.OUTPUT, new StreamRecord<>(tally)));
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        shapes.store(getRuntimeContext().getTaskInfo().getIndexOfThisSubtask());
        for (Map.Entry<Long, Bucket> entry : buckets.entrySet()) {
            if (entry.getValue().isDirty()) {
                setCurrentKey(entry.getKey());
                bucketState.update(entry.getValue().toBytes());
            }
        }
    }
}
