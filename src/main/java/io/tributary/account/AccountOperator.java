package io.tributary.account;

import io.tributary.flow.MetricName;
import io.tributary.flow.Tallies;
import io.tributary.flow.Tally;
import io.tributary.flow.TallySerializer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Sums the tallies of all operators, at parallelism 1, and publishes the sums of a checkpoint when it is complete: totals
 * never go back and never count twice. As metrics, labelled {@code table} and {@code op} or {@code reason}, and as an
 *  accumulator of the job. Ends the job for good when the {@link Breaker} trips, or names the table, as its scope says.
 */
public final class AccountOperator extends AbstractStreamOperator<Tally>
        implements OneInputStreamOperator<Tally, Tally>, BoundedOneInput {
    /** Between two judgements, in milliseconds: by then the tallies of one moment have come from all tasks. */
    private static final long JUDGED_EVERY = 2 * Tallies.INTERVAL;

    private final BreakerLimits limits;
    private transient ListState<Tally> state;
    private transient Map<Tally.Name, Long> sinceSnapshot;
    private transient Breaker breaker;
    private transient Account account;
    private transient TreeMap<Long, Account> snapshots;
    private transient Map<String, Long> published;
    private transient Set<String> gauges;
    private transient AccountAccumulator accumulator;
    private transient Map<String, Boolean> isOpen;

    @SuppressWarnings("NullAway.Init") // initializeState() and open() come before anything else
    public AccountOperator(BreakerLimits limits) {
        this.limits = limits;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        state = context.getOperatorStateStore()
                .getListState(new ListStateDescriptor<>("account", new TallySerializer()));
        account = Account.of(state.get());
    }

    @Override
    public void open() throws Exception {
        super.open();
        sinceSnapshot = new HashMap<>();
        breaker = new Breaker(limits);
        var unused = getProcessingTimeService()
                .scheduleWithFixedDelay(time -> take(breaker.judge(now())), JUDGED_EVERY, JUDGED_EVERY);
        snapshots = new TreeMap<>();
        published = new ConcurrentHashMap<>();
        isOpen = new ConcurrentHashMap<>();
        gauges = new HashSet<>();
        accumulator = new AccountAccumulator();
        getRuntimeContext().addAccumulator(AccountAccumulator.NAME, accumulator);
        publish(account);
    }

    @Override
    public void processElement(StreamRecord<Tally> element) {
        Tally tally = element.getValue();
        sinceSnapshot.merge(tally.name(), tally.count(), Long::sum);
        breaker.add(tally, now());
    }

    /** @throws BreakerException if a table's rejections are to end the job */
    private void take(Map<String, String> tripped) {
        if (limits.scope() == BreakerLimits.Scope.JOB) {
            tripped.values().stream().findFirst().ifPresent(why -> {
                throw new BreakerException(why + "; the job stops before it drains the topic");
            });
        }
        tripped.forEach((table, why) -> {
            Boolean was = isOpen.put(table, true);
            if (was == null) {
                MetricName.BREAKER_OPEN.register(
                        getMetricGroup(), () -> Boolean.TRUE.equals(isOpen.get(table)) ? 1 : 0, table);
            }
            if (!Boolean.TRUE.equals(was)) {
                LOG.warn("{}; its rejections are dead letters, all other tables go on (breaker.scope table)", why);
            }
        });
        isOpen.forEach((table, is) -> {
            if (is && !tripped.containsKey(table)) {
                isOpen.put(table, false);
                LOG.info("{} is within breaker.share again", table);
            }
        });
    }

    private long now() {
        return getProcessingTimeService().getCurrentProcessingTime();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        sum();
        state.update(account.tallies());
        snapshots.put(context.getCheckpointId(), account);
    }

    private void sum() {
        account = account.with(sinceSnapshot.entrySet().stream()
                .map(e -> new Tally(e.getKey(), e.getValue()))
                .toList());
        sinceSnapshot.clear();
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        super.notifyCheckpointComplete(checkpointId);
        Map.Entry<Long, Account> complete = snapshots.floorEntry(checkpointId);
        if (complete != null) {
            publish(complete.getValue());
            snapshots.headMap(checkpointId, true).clear();
        }
    }

    @Override
    public void endInput() {
        take(breaker.judgeAll(now()));
        sum();
        publish(account); // nothing comes after it
    }

    private void publish(Account complete) {
        accumulator.add(complete);
        for (Tally tally : complete.tallies()) {
            String name = shownAs(tally);
            published.put(name, tally.count());
            if (gauges.add(name)) {
                register(tally, name);
            }
            if (tally.counter() == Tally.Counter.APPLIED) {
                showNone(new Tally(tally.table(), Tally.Counter.DUPLICATES, "", 0));
            }
        }
    }

    private static String shownAs(Tally tally) {
        return tally.table() + ' ' + tally.counter() + ' ' + tally.label();
    }

    /** So that Prometheus sees the first one come: a series that begins at 1 did not increase. */
    private void showNone(Tally none) {
        String name = shownAs(none);
        if (published.putIfAbsent(name, 0L) == null && gauges.add(name)) {
            register(none, name);
        }
    }

    private void register(Tally tally, String name) {
        MetricName metric =
                switch (tally.counter()) {
                    case READ -> MetricName.READ;
                    case APPLIED -> MetricName.TRANSACTIONS;
                    case DUPLICATES -> MetricName.DUPLICATES;
                    case REJECTED -> MetricName.REJECTED;
                    case IGNORED -> MetricName.IGNORED;
                    case NULLED -> MetricName.NULLED;
                    case WARNED -> MetricName.WARNED;
                    case ROWS -> MetricName.ROWS;
                };
        Gauge<Long> gauge = () -> published.getOrDefault(name, 0L);
        if (metric.labels().size() == 1) {
            metric.register(getMetricGroup(), gauge, tally.table());
        } else {
            metric.register(getMetricGroup(), gauge, tally.table(), tally.label());
        }
    }
}
