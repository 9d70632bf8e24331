package io.tributary.aggregate;

import io.tributary.change.Change;
import io.tributary.change.SourcePartition;
import io.tributary.flow.MetricName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Tells what the changelog's changes are to the aggregates, summed in its own task, ahead of each barrier. It needs no state.
 */
public final class DeltaOperator extends AbstractStreamOperator<RowDelta>
        implements OneInputStreamOperator<Change, RowDelta>, BoundedOneInput {
    /** From here on a side tells what it has: bounds the memory between two barriers. */
    private static final int MANY = 10_000;

    private final ArrayList<AggregateSettings> settings;
    private final String replays;
    private transient Map<String, List<AggregatedRows>> byTable;
    private transient Map<String, List<String>> aggregatesOf;
    private transient Map<String, Map<SourcePartition, Long>> ends;
    private transient List<AggregatedRows> last;
    private transient Map<SourcePartition, Long> lastEnds;
    private transient long lastSchema;
    private transient SourcePartition lastSource;

    /** @param replays the topic of dead letters that are offered again */
    @SuppressWarnings("NullAway.Init") // open() comes before anything else
    public DeltaOperator(List<AggregateSettings> settings, String replays) {
        this.settings = new ArrayList<>(settings);
        this.replays = replays;
    }

    @Override
    public void open() throws Exception {
        super.open();
        byTable = new HashMap<>();
        aggregatesOf = new HashMap<>();
        ends = new HashMap<>();
        for (AggregateSettings each : settings) {
            for (int side = 0; side < each.sides(); side++) {
                String table = each.side(side).table();
                byTable.computeIfAbsent(table, t -> new ArrayList<>())
                        .add(new AggregatedRows(each, side, getProcessingTimeService()::getCurrentProcessingTime));
                aggregatesOf.computeIfAbsent(table, t -> new ArrayList<>()).add(each.name());
            }
        }
        byTable.forEach((table, all) -> MetricName.AGGREGATE_AHEAD.register(
                getMetricGroup(),
                (Gauge<Long>)
                        () -> all.stream().mapToLong(AggregatedRows::ahead).sum(),
                table));
        last = List.of();
        lastEnds = new HashMap<>();
        lastSource = new SourcePartition("", 0);
    }

    @Override
    public void processElement(StreamRecord<Change> element) {
        Change change = element.getValue();
        if (change.schema.id() != lastSchema) {
            lastSchema = change.schema.id();
            String table = change.schema.table().toString();
            last = byTable.getOrDefault(table, List.of());
            lastEnds = ends.computeIfAbsent(table, t -> new HashMap<>());
        }
        if (last.isEmpty()) {
            return;
        }
        reached(change);
        for (AggregatedRows rows : last) {
            rows.add(change);
            if (rows.size() >= MANY) {
                rows.drain(this::tell);
            }
        }
    }

    private void reached(Change change) {
        String topic = change.replay < 0 ? change.schema.topic() : replays;
        int partition = change.replay < 0 ? change.partition : 0;
        if (lastSource.partition() != partition || !lastSource.topic().equals(topic)) {
            lastSource = new SourcePartition(topic, partition);
        }
        lastEnds.merge(lastSource, (change.replay < 0 ? change.offset : change.replay) + 1, Math::max);
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
        byTable.values().forEach(all -> all.forEach(rows -> rows.drain(this::tell)));
        ends.forEach((table, partitions) -> {
            for (String aggregate : aggregatesOf.getOrDefault(table, List.of())) {
                partitions.forEach(
                        (source, next) -> tell(RowDelta.end(aggregate, source.topic(), source.partition(), next)));
            }
            partitions.clear();
        });
    }

    private void tell(RowDelta delta) {
        boolean joins = delta.kind() == RowDelta.Kind.ROW && !delta.key().isEmpty();
        if (joins) {
            output.collect(RowDelta.TO_JOIN, new StreamRecord<>(delta));
        } else {
            output.collect(new StreamRecord<>(delta));
        }
    }
}
