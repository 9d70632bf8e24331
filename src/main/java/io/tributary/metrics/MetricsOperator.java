package io.tributary.metrics;

import io.tributary.flow.Measure;
import io.tributary.flow.Measure.Kind;
import io.tributary.flow.MeasureSerializer;
import io.tributary.flow.MetricName;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Sums the measures of all tasks, at parallelism 1. Rates and freshness are shown at once; totals when the checkpoint that has
 * them is complete, so that they never count twice.
 */
public final class MetricsOperator extends AbstractStreamOperator<Measure>
        implements OneInputStreamOperator<Measure, Measure>, BoundedOneInput {
    /** Between two looks at the clock, in milliseconds. */
    private static final long TICK = 100;

    private static final Map<Long, String> WINDOW_LABELS = Map.of(1_000L, "1s", 60_000L, "1m");

    private final ArrayList<MetricSettings> settings;

    private transient ListState<Measure> state;
    private transient Totals totals;
    private transient Freshness freshness;
    private transient Map<String, Windows> windows;
    private transient TreeMap<Long, Snapshot> snapshots;
    private transient volatile Snapshot published;
    /** Rates by name and labels, as the reporter's thread reads them. */
    private transient Map<String, Long> live;

    private transient Set<Object> registered;
    private transient Map<String, MetricSettings> settingsOf;
    /** By their subjects. */
    private transient Map<String, Meter> meters;

    private record Snapshot(Map<Measure.Name, Measure> totals, Map<String, Long> late) {
        Measure of(Measure.Name name) {
            return totals.getOrDefault(name, new Measure(name, 0, BigDecimal.ZERO, 0, 0));
        }
    }

    @SuppressWarnings("NullAway.Init") // initializeState() and open() come before anything else
    public MetricsOperator(List<MetricSettings> settings) {
        this.settings = new ArrayList<>(settings);
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        state = context.getOperatorStateStore()
                .getListState(new ListStateDescriptor<>("measures", new MeasureSerializer()));
        settingsOf = new HashMap<>();
        settings.forEach(metric -> settingsOf.put(metric.name(), metric));
        meters = new HashMap<>();
        Meter.all().forEach(meter -> meters.put(Totals.METER + meter.name(), meter));
        totals = new Totals(settingsOf);
        freshness = new Freshness();
        windows = new HashMap<>();
        Map<String, String> definitions = new HashMap<>();
        for (Measure measure : state.get()) {
            switch (measure.name().kind()) {
                case DEFINITION ->
                    definitions.put(
                            measure.name().subject(), measure.name().labels().get(0));
                case WINDOW, LATE -> windows(measure.name().subject()).restore(measure);
                case NEWEST, HEARTBEAT -> freshness.add(measure);
                default -> totals.add(measure);
            }
        }
        if (context.isRestored()) {
            for (MetricSettings metric : settings) {
                requireSame("'metrics." + metric.name() + "'", metric.definition(), definitions.get(metric.name()));
            }
            for (Meter meter : meters.values()) {
                String subject = Totals.METER + meter.name();
                requireSame("the " + subject, meter.definition(), definitions.get(subject));
            }
        }
    }

    /** The rows that came before are not told again, so that a metric that does not know them would be wrong for good. */
    private static void requireSame(String metric, String definition, @Nullable String before) {
        if (!definition.equals(before)) {
            throw new SuppressRestartsException(new IllegalStateException(metric + " "
                    + (before == null
                            ? "is not in the savepoint"
                            : "was '" + before + "' in the savepoint, is '" + definition + "' now")
                    + ": its sums would lack the rows from before. Take the metric out or back as it was, or start without the "
                    + "savepoint: the topics are read again, and the sinks know what they have."));
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        snapshots = new TreeMap<>();
        live = new ConcurrentHashMap<>();
        registered = new HashSet<>();
        published = snapshot(); // a reporter may ask as soon as something is registered
        for (MetricSettings metric : settings) {
            registerHistogram(metric);
        }
        publish(published);
        var unused = getProcessingTimeService().scheduleWithFixedDelay(this::tick, TICK, TICK);
    }

    @Override
    public void processElement(StreamRecord<Measure> element) {
        Measure measure = element.getValue();
        switch (measure.name().kind()) {
            case CHANGES -> windows(measure.name().subject()).add(measure.at(), measure.count(), now());
            case NEWEST, HEARTBEAT -> freshness.add(measure);
            default -> totals.add(measure);
        }
    }

    private Windows windows(String table) {
        return windows.computeIfAbsent(table, Windows::new);
    }

    private long now() {
        return getProcessingTimeService().getCurrentProcessingTime();
    }

    private void tick(long time) {
        long now = now();
        windows.forEach((table, times) -> {
            times.close(now);
            live(MetricName.TPS, times.rate(now), table);
            WINDOW_LABELS.forEach((length, label) -> live(MetricName.WINDOW, times.closedWindow(length), table, label));
        });
        freshness.tables().forEach(table -> {
            if (registered.add("freshness " + table)) {
                MetricName.FRESHNESS.register(getMetricGroup(), age(() -> freshness.ofTable(table)), table);
            }
        });
        freshness.connectors().forEach(connector -> {
            if (registered.add("heartbeat " + connector)) {
                MetricName.HEARTBEAT.register(getMetricGroup(), age(() -> freshness.ofConnector(connector)), connector);
            }
        });
    }

    private void live(MetricName metric, long value, String... labels) {
        String key = metric + " " + String.join(" ", labels);
        live.put(key, value);
        if (registered.add(key)) {
            metric.register(getMetricGroup(), (Gauge<Long>) () -> live.getOrDefault(key, 0L), labels);
        }
    }

    /** Seconds since a source time, at the moment that somebody asks. */
    private static Gauge<Double> age(Gauge<Long> millis) {
        return () -> Math.max(0, System.currentTimeMillis() - millis.getValue()) / 1000.0;
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        Snapshot now = snapshot();
        List<Measure> all = new ArrayList<>(now.totals.values());
        windows.values().forEach(each -> each.store(all::add));
        freshness.store(all::add);
        settings.forEach(
                metric -> all.add(Measure.count(Kind.DEFINITION, metric.name(), List.of(metric.definition()), 0)));
        meters.forEach(
                (subject, meter) -> all.add(Measure.count(Kind.DEFINITION, subject, List.of(meter.definition()), 0)));
        state.update(all);
        snapshots.put(context.getCheckpointId(), now);
    }

    private Snapshot snapshot() {
        Map<String, Long> late = new HashMap<>();
        windows.forEach((table, each) -> late.put(table, each.late()));
        return new Snapshot(totals.all(), late);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        super.notifyCheckpointComplete(checkpointId);
        Map.Entry<Long, Snapshot> complete = snapshots.floorEntry(checkpointId);
        if (complete != null) {
            publish(complete.getValue());
            snapshots.headMap(checkpointId, true).clear();
        }
    }

    @Override
    public void endInput() {
        publish(snapshot()); // nothing comes after it
    }

    private void publish(Snapshot complete) {
        published = complete;
        complete.late.keySet().forEach(table -> {
            if (registered.add("late " + table)) {
                MetricName.LATE.register(
                        getMetricGroup(), (Gauge<Long>) () -> published.late.getOrDefault(table, 0L), table);
            }
        });
        for (Measure.Name name : complete.totals.keySet()) {
            MetricSettings metric = settingsOf.get(name.subject());
            Meter meter = meters.get(name.subject());
            if (metric != null && registered.add(name)) {
                register(name, metric);
            } else if (meter != null && registered.add(name)) {
                Gauge<Long> count = () -> published.of(name).count();
                MetricName.register(getMetricGroup(), meter.name(), meter.labels(), name.labels(), count);
            }
        }
    }

    private void register(Measure.Name name, MetricSettings metric) {
        MetricGroup group = getMetricGroup().addGroup("metric", metric.name());
        Gauge<Long> count = () -> published.of(name).count();
        Gauge<BigDecimal> sum = () -> published.of(name).sum();
        String to = metric.to();
        switch (name.kind()) {
            case ARRIVED, VOLUME -> {
                String label = metric.labels().get(0);
                MetricName shown = name.kind() == Kind.ARRIVED ? MetricName.ARRIVED : MetricName.VOLUME;
                Gauge<?> value = name.kind() == Kind.ARRIVED ? count : sum;
                MetricName.register(group, shown.of(to, label), List.of(label), name.labels(), value);
            }
            case AMOUNT -> {
                grouped(group, MetricName.AMOUNT_SUM, metric, name, sum);
                grouped(group, MetricName.AMOUNT_COUNT, metric, name, count);
            }
            case CURRENT -> grouped(group, MetricName.CURRENT_AMOUNT, metric, name, sum);
            case UNUSABLE -> one(group, MetricName.UNUSABLE, name, count);
            case CURRENCY -> one(group, MetricName.UNKNOWN_CURRENCY, name, count);
            default -> {
                // the histogram is registered as a whole
            }
        }
    }

    private static void grouped(
            MetricGroup group, MetricName shown, MetricSettings metric, Measure.Name name, Gauge<?> value) {
        MetricName.register(group, shown.of(metric.to(), ""), metric.groupLabels(), name.labels(), value);
    }

    private static void one(MetricGroup group, MetricName shown, Measure.Name name, Gauge<?> value) {
        MetricName.register(group, shown.template(), shown.labels().subList(1, 2), name.labels(), value);
    }

    private void registerHistogram(MetricSettings metric) {
        MetricGroup group = getMetricGroup().addGroup("metric", metric.name());
        List<Measure.Name> upTo = new ArrayList<>();
        for (BigDecimal bucket : metric.buckets()) {
            upTo.add(bucket(metric, bucket.toPlainString()));
            registerBucket(group, metric, bucket.toPlainString(), List.copyOf(upTo));
        }
        upTo.add(bucket(metric, MetricSettings.INFINITE));
        registerBucket(group, metric, MetricSettings.INFINITE, List.copyOf(upTo));
        group.gauge(MetricName.HISTOGRAM_COUNT.of(metric.to(), ""), total(upTo, Measure::count));
        group.gauge(MetricName.HISTOGRAM_SUM.of(metric.to(), ""), (Gauge<BigDecimal>)
                () -> upTo.stream().map(name -> published.of(name).sum()).reduce(BigDecimal.ZERO, BigDecimal::add));
    }

    private static Measure.Name bucket(MetricSettings metric, String bound) {
        return new Measure.Name(Kind.BUCKET, metric.name(), List.of(bound));
    }

    private void registerBucket(MetricGroup group, MetricSettings metric, String le, List<Measure.Name> upTo) {
        MetricName.register(
                group,
                MetricName.HISTOGRAM_BUCKET.of(metric.to(), ""),
                List.of("le"),
                List.of(le),
                total(upTo, Measure::count));
    }

    private Gauge<Long> total(List<Measure.Name> names, ToLongFunction<Measure> value) {
        return () -> {
            Snapshot now = published; // one of them, for all
            return names.stream()
                    .mapToLong(name -> value.applyAsLong(now.of(name)))
                    .sum();
        };
    }
}
