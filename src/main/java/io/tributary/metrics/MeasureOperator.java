package io.tributary.metrics;

import io.tributary.change.Change;
import io.tributary.change.Operation;
import io.tributary.flow.Measure;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
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
    private transient Map<String, List<Consumer<Change>>> byTable;
    private transient StreamRecord<Measure> out;
    private transient long lastSchema;
    private transient List<Consumer<Change>> last;

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
            add(metric.table(), new Amounts(metric, measures)::add);
        }
        for (Meter meter : Meter.all()) {
            String subject = Totals.METER + meter.name();
            Meter.Sums sums = (values, count) ->
                    measures.add(new Measure.Name(Measure.Kind.METER, subject, values), count, BigDecimal.ZERO);
            for (String table : meter.tables()) {
                add(table, change -> {
                    if (!change.late && change.operation != Operation.TRUNCATE) {
                        meter.add(change, sums);
                    }
                });
            }
        }
        out = new StreamRecord<>(null);
        lastSchema = 0;
        last = List.of();
        var unused = getProcessingTimeService().scheduleWithFixedDelay(time -> drain(), INTERVAL, INTERVAL);
    }

    private void add(String table, Consumer<Change> measuring) {
        byTable.computeIfAbsent(table, t -> new ArrayList<>()).add(measuring);
    }

    @Override
    public void processElement(StreamRecord<Change> element) {
        Change change = element.getValue();
        beats.add(change);
        if (change.schema.id() != lastSchema) {
            lastSchema = change.schema.id();
            last = byTable.getOrDefault(change.schema.table().toString(), List.of());
        }
        for (Consumer<Change> each : last) {
            each.accept(change);
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
