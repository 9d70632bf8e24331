package io.tributary.decode;

import io.tributary.change.Change;
import io.tributary.change.Operation;
import io.tributary.change.RawRecord;
import io.tributary.change.Slice;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import io.tributary.flow.Buckets;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.Tallies;
import io.tributary.flow.Tally.Counter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Decodes records and deals them to buckets: a schema's definition goes to a bucket ahead of the first row that needs it, a
 * truncate to all buckets of its table, a rejection on its way as a dead letter.
 */
public final class DecodeOperator extends AbstractStreamOperator<Change>
        implements OneInputStreamOperator<RawRecord, Change>, BoundedOneInput {
    private final HashMap<String, TableSettings> settings;

    private transient Decoder decoder;
    private transient DeadLetters deadLetters;
    private transient Tallies tallies;
    private transient Change change;
    private transient StreamRecord<Change> out;
    private transient Map<TableName, long[]> buckets;
    private transient Map<Long, Routes> routes;
    private transient Routes lastRoutes;
    private transient String countedLabel;
    private transient Tallies.Count read;

    private transient long newestMillis;
    private transient org.apache.flink.metrics.Counter decoded;

    /** Where the rows of a schema go, and who knows it; forgotten at a restart, so that every definition goes again. */
    private static final class Routes {
        final TableSchema schema;
        final long[] buckets;
        final boolean[] defined;
        boolean inSnapshot;

        Routes(TableSchema schema, long[] buckets) {
            this.schema = schema;
            this.buckets = buckets;
            this.defined = new boolean[buckets.length];
        }
    }

    @SuppressWarnings("NullAway.Init") // open() comes before anything else
    public DecodeOperator(Map<String, TableSettings> settings) {
        this.settings = new HashMap<>(settings);
    }

    @Override
    public void open() throws Exception {
        super.open();
        decoder = new Decoder(settings);
        deadLetters = new DeadLetters();
        tallies = new Tallies();
        change = new Change();
        out = new StreamRecord<>(change);
        buckets = new HashMap<>();
        routes = new HashMap<>();
        lastRoutes = new Routes(new TableSchema("", new TableName("", ""), List.of(), List.of()), new long[0]);
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
                emit();
            }
            case IGNORED -> tallies.add(label, Counter.IGNORED, decoder.ignored());
            case REJECTED -> {
                String reason = decoder.reason().label();
                String detail = record.place() + " " + decoder.detail();
                tallies.reject(label, reason, detail);
                change.clear();
                deadLetters.fill(change, record, label, reason, detail);
                change.bucket =
                        bucketsOf(DeadLetters.TABLE)[Math.floorMod(record.partition, TableSettings.DEFAULT_BUCKETS)];
                output.collect(out.replace(change));
            }
        }
    }

    private void emit() {
        TableSchema schema = change.requireSchema();
        if (schema.id() != lastRoutes.schema.id()) {
            lastRoutes = routes.computeIfAbsent(schema.id(), id -> new Routes(schema, bucketsOf(schema.table())));
        }
        int count = lastRoutes.buckets.length;
        Slice key = change.key;
        int index = key.isPresent() ? Buckets.indexOf(key.bytes(), key.offset(), key.length(), count) : 0;
        if (change.snapshot && !lastRoutes.inSnapshot) {
            change.kind = Change.Kind.MARKER;
            for (int i = 0; i < count; i++) {
                send(lastRoutes, i);
            }
            change.kind = Change.Kind.ROW;
        }
        lastRoutes.inSnapshot = change.snapshot;
        if (change.operation == Operation.TRUNCATE) {
            change.kind = Change.Kind.MARKER;
            for (int i = 1; i < count; i++) {
                send(lastRoutes, i);
            }
            change.kind = Change.Kind.ROW;
        }
        send(lastRoutes, index);
    }

    private void send(Routes to, int index) {
        change.bucket = to.buckets[index];
        if (!to.defined[index]) {
            to.defined[index] = true;
            Change.Kind kind = change.kind;
            change.kind = Change.Kind.DEFINITION;
            output.collect(out.replace(change));
            change.kind = kind;
        }
        output.collect(out.replace(change));
    }

    private long[] bucketsOf(TableName table) {
        return buckets.computeIfAbsent(
                table,
                t -> Buckets.of(
                        t,
                        settings.getOrDefault(t.toString(), TableSettings.NONE).buckets()));
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
