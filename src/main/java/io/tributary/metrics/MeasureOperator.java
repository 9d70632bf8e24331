package io.tributary.metrics;

import io.tributary.change.Change;
import io.tributary.flow.Measure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Measures the changelog's changes in its own task, and tells the sums ahead of each barrier, so that they count once, and
 * several times a second between, so that they are seen at once. It needs no state.
 */
public final class MeasureOperator extends AbstractStreamOperator<Measure>
        implements OneInputStreamOperator<Change, Measure>, BoundedOneInput {
    /** Between two tellings, in milliseconds. */
    private static final long INTERVAL = 200;

    private final ArrayList<MetricSettings> settings;
    private transient Measures measures;
    private transient Beats beats;
    private transient Map<String, List<Amounts>> byTable;
    private transient StreamRecord<Measure> out;
    private transient long lastSchema;
    private transient List<Amounts> last;

    @SuppressWarnings("NullAway.Init") // open() comes before anything else
    public MeasureOperator(List<MetricSettings> settings) {
        this.settings = new ArrayList<>(settings);
    }

    @Override
    public void open() throws Exception {
        super.open();
        measures = new Measures();
        beats = new Beats();
        byTable = new HashMap<>();
        for (MetricSettings metric : settings) {
            byTable.computeIfAbsent(metric.table(), table -> new ArrayList<>()).add(new Amounts(metric, measures));
        }
        out = new StreamRecord<>(null);
        lastSchema = 0;
        last = List.of();
        var unused = getProcessingTimeService().scheduleWithFixedDelay(time -> drain(), INTERVAL, INTERVAL);
    }

    @Override
    public void processElement(StreamRecord<Change> element) {
        Change change = element.getValue();
        beats.add(change);
        if (change.schema.id() != lastSchema) {
            lastSchema = change.schema.id();
            last = byTable.getOrDefault(change.schema.table().toString(), List.of());
        }
        for (Amounts amounts : last) {
            amounts.add(change);
        }
        if (measures.isMany()) {
            drain();
        }
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
        beats.drain(this::tell);
        measures.drain(this::tell);
    }

    private void tell(Measure measure) {
        output.collect(out.replace(measure));
    }
}
