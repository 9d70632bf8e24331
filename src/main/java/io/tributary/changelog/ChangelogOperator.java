package io.tributary.changelog;

import io.tributary.change.Change;
import io.tributary.change.Operation;
import io.tributary.change.TableSchema;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.Tallies;
import io.tributary.flow.Tally.Counter;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Keeps a {@link Bucket} and its {@link Rows} for each bucket dealt to this task and lets {@link Changelog} judge each
 * change.
 */
public final class ChangelogOperator extends AbstractStreamOperator<Change>
        implements OneInputStreamOperator<Change, Change>, BoundedOneInput {
    private transient Changelog changelog;
    private transient DeadLetters deadLetters;
    private transient Tallies tallies;
    private transient Rows rows;
    private transient ValueState<byte[]> bucketState;
    /** Buckets met since the start; written back to state at a checkpoint. */
    private transient Map<Long, Bucket> buckets;

    private transient long countedSchema;
    private transient Tallies.Count[] counts;
    private transient long current;
    private transient Bucket currentBucket;

    @SuppressWarnings("NullAway.Init") // open() comes before anything else
    public ChangelogOperator() {}

    @Override
    public void open() throws Exception {
        super.open();
        changelog = new Changelog();
        deadLetters = new DeadLetters();
        tallies = new Tallies();
        var unused =
                getProcessingTimeService().scheduleWithFixedDelay(time -> drain(), Tallies.INTERVAL, Tallies.INTERVAL);
        counts = new Tallies.Count[Operation.values().length];
        buckets = new HashMap<>();
        currentBucket = new Bucket();
        current = 0;
        rows = new StateRows(getRuntimeContext()
                .getMapState(new MapStateDescriptor<>("rows", new RowKeySerializer(), new StoredRowSerializer())));
        bucketState = getRuntimeContext().getState(new ValueStateDescriptor<>("bucket", new StoredRowSerializer()));
    }

    @Override
    public void processElement(StreamRecord<Change> element) throws Exception {
        Change change = element.getValue();
        if (change.kind == Change.Kind.APPEND) {
            change.resolved = true;
            output.collect(element);
            return;
        }
        Bucket bucket = bucket(change.bucket);
        switch (change.kind) {
            case DEFINITION -> bucket.define(change.requireSchema());
            case MARKER -> marker(change, bucket);
            default -> row(element, change, bucket);
        }
    }

    private void marker(Change change, Bucket bucket) {
        if (change.schema == null) {
            change.schema = bucket.schema(change.schemaId);
        }
        changelog.mark(change, bucket, rows);
    }

    private void row(StreamRecord<Change> element, Change change, Bucket bucket) {
        if (change.schema == null) {
            change.schema = bucket.schema(change.schemaId);
        }
        TableSchema schema = change.requireSchema();
        switch (changelog.apply(change, bucket, rows)) {
            case APPLIED -> {
                applied(schema, change.operation).inc();
                change.resolved = true;
                output.collect(element);
            }
            case DUPLICATE -> tallies.add(schema.table().toString(), Counter.DUPLICATES, "");
            case UNSENT -> {
                String detail = "[" + schema.topic() + "-" + change.partition + "@" + change.offset + "]"
                        + " cannot fill an unchanged value that the source left out: the row before is not known";
                tallies.reject(schema.table().toString(), Verdict.UNSENT_REASON, detail);
                deadLetters.fill(change, Verdict.UNSENT_REASON, detail);
                change.resolved = true;
                output.collect(element);
            }
        }
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
                buckets.put(number, known);
            }
            currentBucket = known;
        }
        return currentBucket;
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

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        for (Map.Entry<Long, Bucket> entry : buckets.entrySet()) {
            if (entry.getValue().isDirty()) {
                setCurrentKey(entry.getKey());
                bucketState.update(entry.getValue().toBytes());
            }
        }
    }
}
