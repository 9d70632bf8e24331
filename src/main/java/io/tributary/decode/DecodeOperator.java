package io.tributary.decode;

import io.tributary.change.Change;
import io.tributary.change.Operation;
import io.tributary.change.RawRecord;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import io.tributary.flow.Buckets;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.Tallies;
import io.tributary.flow.Tally.Counter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Decodes records and deals them to buckets: a schema's definition goes to a bucket ahead of the first row that needs it, what
 * concerns a whole table to all of its buckets, a rejection on its way as a dead letter.
 */
public final class DecodeOperator extends AbstractStreamOperator<Change>
        implements OneInputStreamOperator<RawRecord, Change>, BoundedOneInput {
    private static final String FLAT = "flat ";
    private static final String ENVELOPE = "envelope ";
    private static final long[] DEAD_LETTERS = Buckets.of(DeadLetters.TABLE, 8);

    private final DecodeSettings settings;

    private transient Decoder decoder;
    private transient DeadLetters deadLetters;
    private transient Tallies tallies;
    private transient Change change;
    private transient StreamRecord<Change> out;
    private transient Map<TableName, TableRoutes> tables;
    private transient Map<Long, Routes> routes;
    private transient Routes lastRoutes;
    private transient String countedLabel;
    private transient Tallies.Count read;
    private transient ListState<String> topics;

    private transient long newestMillis;
    private transient org.apache.flink.metrics.Counter decoded;

    /** Where the rows of a table go. */
    private static final class TableRoutes {
        final long[] buckets;
        /** By partition: whether its newest row was of a snapshot; absent until there was one since the start. */
        final Map<Integer, Boolean> inSnapshot = new HashMap<>();

        TableRoutes(long[] buckets) {
            this.buckets = buckets;
        }
    }

    /** Which buckets know a schema; forgotten at a restart, so that every definition goes again. */
    private static final class Routes {
        final TableSchema schema;
        final TableRoutes table;
        final boolean[] defined;

        Routes(TableSchema schema, TableRoutes table) {
            this.schema = schema;
            this.table = table;
            this.defined = new boolean[table.buckets.length];
        }
    }

    @SuppressWarnings("NullAway.Init") // initializeState() and open() come before anything else
    public DecodeOperator(DecodeSettings settings) {
        this.settings = settings;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        decoder = new Decoder(settings);
        topics = context.getOperatorStateStore()
                .getUnionListState(new ListStateDescriptor<>("topics", StringSerializer.INSTANCE));
        for (String topic : topics.get()) {
            boolean flat = topic.startsWith(FLAT);
            decoder.restore(topic.substring(flat ? FLAT.length() : ENVELOPE.length()), flat);
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        List<String> known = new ArrayList<>();
        decoder.flatTopics().forEach(topic -> known.add(FLAT + topic));
        decoder.envelopeTopics().forEach(topic -> known.add(ENVELOPE + topic));
        topics.update(known);
    }

    @Override
    public void open() throws Exception {
        super.open();
        deadLetters = new DeadLetters();
        tallies = new Tallies();
        change = new Change();
        out = new StreamRecord<>(change);
        tables = new HashMap<>();
        routes = new HashMap<>();
        lastRoutes = new Routes(
                new TableSchema("", new TableName("", ""), List.of(), List.of()), new TableRoutes(new long[0]));
        countedLabel = "";
        read = tallies.count("", Counter.READ, "");
        var unused =
                getProcessingTimeService().scheduleWithFixedDelay(time -> drain(), Tallies.INTERVAL, Tallies.INTERVAL);
        newestMillis = 0;
        decoded = getMetricGroup().counter("decoded");
        getMetricGroup().gauge("newestSourceMillis", () -> newestMillis);
    }

    @Override
    public void processElement(StreamRecord<RawRecord> element) {
        RawRecord record = element.getValue();
        decoded.inc();
        Outcome outcome = decoder.decode(record, change);
        String label = decoder.label();
        if (!label.equals(countedLabel)) {
            countedLabel = label;
            read = tallies.count(label, Counter.READ, "");
        }
        read.inc();
        switch (outcome) {
            case CHANGE -> {
                newestMillis = Math.max(newestMillis, change.sourceMillis);
                if (decoder.nulled() > 0) {
                    tallies.add(label, Counter.NULLED, "");
                }
                carryOrigin(record);
                emit();
            }
            case IGNORED -> tallies.add(label, Counter.IGNORED, decoder.ignored());
            case REJECTED -> reject(record, label);
        }
    }

    private void reject(RawRecord record, String label) {
        String reason = decoder.reason().label();
        String detail = record.place() + " " + detail();
        tallies.reject(label, reason, detail);
        if (change.key.isPresent() && change.schema != null) {
            // the key's row is not what the source has any more
            Routes to = routesOf(change.schema);
            change.kind = Change.Kind.LOST;
            send(to, bucketOf(change.key, to.table));
        }
        change.clear();
        deadLetters.fill(change, record, origin(record), label, reason, detail);
        change.bucket = DEAD_LETTERS[Math.floorMod(record.partition, DEAD_LETTERS.length)];
        output.collect(out.replace(change));
    }

    /** What rejects a row behind the shuffle does not have its record any more. */
    private void carryOrigin(RawRecord record) {
        if (RowReader.hasUnsent(change.after) || decoder.isRuled()) {
            change.origin.set(origin(record));
        }
    }

    private byte[] origin(RawRecord record) {
        return decoder.isPrivate()
                ? DeadLetters.origin(record.value == null ? null : decoder.hmac(record.value))
                : DeadLetters.origin(record);
    }

    /** The decoder's messages end in what it got. */
    private String detail() {
        String detail = decoder.detail();
        int got = detail.indexOf(", got ");
        return got >= 0 && decoder.isPrivate() ? detail.substring(0, got) : detail;
    }

    private Routes routesOf(TableSchema schema) {
        if (schema.id() != lastRoutes.schema.id()) {
            lastRoutes = routes.computeIfAbsent(
                    schema.id(), id -> new Routes(schema, tables.computeIfAbsent(schema.table(), this::routesOf)));
        }
        return lastRoutes;
    }

    private TableRoutes routesOf(TableName table) {
        return new TableRoutes(Buckets.of(table, settings.of(table.toString()).buckets()));
    }

    private static int bucketOf(Slice key, TableRoutes table) {
        return key.isPresent() ? Buckets.indexOf(key.bytes(), key.offset(), key.length(), table.buckets.length) : 0;
    }

    private void emit() {
        Routes to = routesOf(change.requireSchema());
        if (change.snapshot || change.operation != Operation.READ) {
            snapshotEdge(to);
        }
        if (change.operation == Operation.TRUNCATE) {
            change.kind = Change.Kind.MARKER;
            for (int i = 1; i < to.defined.length; i++) {
                send(to, i);
            }
            change.kind = Change.Kind.ROW;
        }
        send(to, bucketOf(change.key, to.table));
        if (change.last) {
            mark(to, Operation.DELETE);
            to.table.inSnapshot.put(change.partition, false);
        }
    }

    /** Tells all buckets that a snapshot begins, or that none is going on any more. */
    private void snapshotEdge(Routes to) {
        Boolean before = to.table.inSnapshot.get(change.partition);
        if (change.snapshot ? !Boolean.TRUE.equals(before) || change.first : !Boolean.FALSE.equals(before)) {
            mark(to, change.snapshot ? Operation.READ : Operation.DELETE);
            to.table.inSnapshot.put(change.partition, change.snapshot);
        }
    }

    private void mark(Routes to, Operation what) {
        Operation own = change.operation;
        change.kind = Change.Kind.MARKER;
        change.operation = what;
        for (int i = 0; i < to.defined.length; i++) {
            send(to, i);
        }
        change.operation = own;
        change.kind = Change.Kind.ROW;
    }

    private void send(Routes to, int index) {
        change.bucket = to.table.buckets[index];
        if (!to.defined[index]) {
            to.defined[index] = true;
            Change.Kind kind = change.kind;
            change.kind = Change.Kind.DEFINITION;
            output.collect(out.replace(change));
            change.kind = kind;
        }
        output.collect(out.replace(change));
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        drain();
    }

    @Override
    public void endInput() {
        drain();
    }

    private void drain() {
        tallies.drain(tally -> output.collect(Tallies.OUTPUT, new StreamRecord<>(tally)));
    }
}
