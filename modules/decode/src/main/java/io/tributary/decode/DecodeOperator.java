package io.tributary.decode;

import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.change.RowReader;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.Measure;
import io.tributary.flow.StreamType;
import io.tributary.flow.Tallies;
import io.tributary.flow.Tally.Counter;
import java.math.BigDecimal;
import java.util.List;
import java.util.function.Function;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Decodes records and deals their changes to buckets, and sends a rejection on its way as a dead letter.
 */
public final class DecodeOperator extends AbstractStreamOperator<Event>
        implements OneInputStreamOperator<RawRecord, Event>, BoundedOneInput {
    private final DecodeSettings settings;

    private transient Decoder decoder;
    private transient DeadLetters deadLetters;
    private transient Tallies tallies;
    private transient Event event;
    private transient StreamRecord<Event> out;
    private transient Change letter;
    private transient StreamRecord<Change> letters;
    private transient Dealer dealer;
    private transient HalfChanges halfChanges;
    private transient Function<RawRecord, byte[]> origins;
    private transient String countedLabel;
    private transient Tallies.Count read;
    private transient ListState<String> topics;
    private transient ListState<String> buckets;
    private transient ListState<byte[]> halves;
    private transient ListState<byte[]> orders;

    private transient long newestMillis;
    private transient org.apache.flink.metrics.Counter decoded;

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
            decoder.recall(topic);
        }
        dealer = new Dealer(settings, dealt -> output.collect(out.replace(dealt)));
        buckets = context.getOperatorStateStore()
                .getUnionListState(new ListStateDescriptor<>("buckets", StringSerializer.INSTANCE));
        for (String table : buckets.get()) {
            try {
                dealer.recall(table);
            } catch (BucketsException e) {
                throw new SuppressRestartsException(e);
            }
        }
        halfChanges = new HalfChanges();
        origins = this::origin;
        halves = context.getOperatorStateStore()
                .getUnionListState(new ListStateDescriptor<>("half-changes", BytePrimitiveArraySerializer.INSTANCE));
        for (byte[] half : halves.get()) {
            halfChanges.recall(half);
        }
        orders = context.getOperatorStateStore()
                .getUnionListState(new ListStateDescriptor<>("orders", BytePrimitiveArraySerializer.INSTANCE));
        for (byte[] order : orders.get()) {
            decoder.recallOrder(order);
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        topics.update(decoder.memory());
        buckets.update(dealer.memory());
        halves.update(halfChanges.memory());
        orders.update(decoder.orders(
                getRuntimeContext().getTaskInfo().getIndexOfThisSubtask(),
                getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks()));
    }

    @Override
    public void open() throws Exception {
        super.open();
        deadLetters = new DeadLetters();
        tallies = new Tallies();
        event = new Event();
        out = new StreamRecord<>(event);
        letter = new Change();
        letters = new StreamRecord<>(letter);
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
        if (record.shows != null) {
            String table = record.shows.toString();
            tallies.add(table, Counter.READ, "");
            tallies.add(table, Counter.IGNORED, "repair");
            dealer.show(record.shows, event);
            return;
        }
        Outcome outcome = decoder.decode(record, event);
        String label = decoder.label();
        if (!label.equals(countedLabel)) {
            countedLabel = label;
            read = tallies.count(label, Counter.READ, "");
        }
        read.inc();
        HalfChanges.Half lost = outcome == Outcome.REPEATED ? null : halfChanges.next(record, event, label, origins);
        if (lost != null) {
            reject(lost, record);
        }
        switch (outcome) {
            case CHANGE -> {
                newestMillis = Math.max(newestMillis, event.sourceMillis);
                if (decoder.nulled() > 0) {
                    tallies.add(label, Counter.NULLED, "");
                }
                event.replay = record.replay;
                event.unchangedTo = record.unchangedTo;
                carryOrigin(record);
                dealer.deal(event);
            }
            case REPEATED -> tallies.add(label, Counter.DUPLICATES, "");
            case IGNORED -> ignore(record, label);
            case REJECTED -> reject(record, label);
        }
    }

    private void ignore(RawRecord record, String label) {
        String kind = decoder.ignored();
        tallies.add(label, Counter.IGNORED, kind);
        if (kind.equals(Decoder.HEARTBEAT)) {
            // the topic's name is Debezium's prefix, then the connector's own
            String connector = record.topic.substring(record.topic.indexOf('.') + 1);
            Measure.Name name = new Measure.Name(Measure.Kind.HEARTBEAT, connector, List.of());
            output.collect(
                    StreamType.MEASURES,
                    new StreamRecord<>(new Measure(name, 0, BigDecimal.ZERO, record.timestamp, record.offset)));
        }
    }

    private void reject(RawRecord record, String label) {
        String reason = decoder.reason().label();
        String detail = record.place() + " " + detail();
        tallies.reject(label, reason, detail);
        if (event.key.isPresent() && event.schema != null && record.replay < 0) {
            // the key's row is not what the source has any more
            dealer.lose(event);
        }
        deadLetters.fill(letter, record, origin(record), label, reason, detail);
        output.collect(DeadLetters.OUTPUT, letters.replace(letter));
    }

    /** In the place of the create that never came; the letter is at the record that tells, and has the delete in it. */
    private void reject(HalfChanges.Half lost, RawRecord next) {
        String reason = Reason.HALF_KEY_CHANGE.label();
        String detail = DeadLetters.halfKeyChange(next.topic, next.partition, next.partition, lost.offset());
        tallies.add(lost.table(), Counter.READ, "");
        tallies.reject(lost.table(), reason, detail);
        deadLetters.fill(letter, next, lost.origin(), lost.table(), reason, detail);
        output.collect(DeadLetters.OUTPUT, letters.replace(letter));
    }

    /** What rejects a row behind the shuffle does not have its record any more. */
    private void carryOrigin(RawRecord record) {
        boolean isHalf = event.moved && !record.alone; // whose other half may come by another partition, or never
        if (RowReader.hasUnsent(event.after) || decoder.isRuled() || record.replay >= 0 || isHalf) {
            event.origin.set(origin(record));
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

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        decoder.checkpoint();
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
