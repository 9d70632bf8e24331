package io.tributary.aggregate;

import io.tributary.aggregate.AggregateSettings.Call;
import io.tributary.change.Bytes;
import io.tributary.change.ColumnType;
import io.tributary.change.PartRow;
import io.tributary.change.Replacement;
import io.tributary.change.RowWriter;
import io.tributary.change.SourcePartition;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the groups of aggregates, an aggregate in one task, and gives those that have changed as a whole ahead of each barrier:
 * rows that replace the aggregate's table.
 */
public final class AggregateOperator extends AbstractStreamOperator<PartRow>
        implements OneInputStreamOperator<RowDelta, PartRow>, BoundedOneInput {
    private static final Logger LOG = LoggerFactory.getLogger(AggregateOperator.class);
    private static final long MICROS = 1_000;
    /** In what is known of an aggregate: how it was defined, and a column's type or a source's next offset after a prefix. */
    private static final String DEFINITION = "definition";

    private static final String TYPE = "type:";
    private static final String END = "end:";
    /** Whether anything of a side is known. */
    private static final String SEEN = "seen:";

    private final ArrayList<AggregateSettings> settings;
    private transient Map<String, AggregateSettings> byName;
    private transient MapState<String, byte[]> groups;
    /** How often each value is there that a minimum, maximum or number of distinct ones needs. */
    private transient MapState<String, Long> values;

    private transient MapState<String, String> known;
    private transient Set<String> changed;
    private transient PartRow made;
    private transient StreamRecord<PartRow> record;
    private transient boolean isRestored;

    @SuppressWarnings("NullAway.Init") // open() comes before anything else
    public AggregateOperator(List<AggregateSettings> settings) {
        this.settings = new ArrayList<>(settings);
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        isRestored = context.isRestored();
    }

    @Override
    public void open() throws Exception {
        super.open();
        byName = new HashMap<>();
        changed = new HashSet<>();
        made = new PartRow();
        record = new StreamRecord<>(made);
        groups = getRuntimeContext()
                .getMapState(new MapStateDescriptor<>(
                        "groups", StringSerializer.INSTANCE, BytePrimitiveArraySerializer.INSTANCE));
        values = getRuntimeContext()
                .getMapState(new MapStateDescriptor<>("values", StringSerializer.INSTANCE, LongSerializer.INSTANCE));
        known = getRuntimeContext()
                .getMapState(new MapStateDescriptor<>("known", StringSerializer.INSTANCE, StringSerializer.INSTANCE));
        for (AggregateSettings each : settings) {
            byName.put(each.name(), each);
            if (isHere(each.name())) {
                setCurrentKey(each.name());
                requireSame(each, known.get(DEFINITION));
                known.put(DEFINITION, each.definition());
                if (isRestored && getRuntimeContext().getTaskInfo().getAttemptNumber() == 0) {
                    changed.add(each.name()); // the lake may have lost it since
                }
            }
        }
    }

    private boolean isHere(String aggregate) {
        var task = getRuntimeContext().getTaskInfo();
        int max = task.getMaxNumberOfParallelSubtasks();
        int wanted =
                KeyGroupRangeAssignment.assignKeyToParallelOperator(aggregate, max, task.getNumberOfParallelSubtasks());
        return wanted == task.getIndexOfThisSubtask();
    }

    /** The rows that came before are not told again, so that an aggregate that does not know them would be wrong for good. */
    private void requireSame(AggregateSettings aggregate, @Nullable String before) {
        if (isRestored && !aggregate.definition().equals(before)) {
            throw new SuppressRestartsException(new IllegalStateException("'aggregates." + aggregate.name() + "' "
                    + (before == null ? "is not in the savepoint" : "was defined otherwise in the savepoint")
                    + ": it would lack the rows from before. Take the aggregate out or back as it was, or start without the"
                    + " savepoint: the topics are read again, and the sinks know what they have."));
        }
    }

    @Override
    public void processElement(StreamRecord<RowDelta> element) throws Exception {
        RowDelta delta = element.getValue();
        AggregateSettings aggregate = byName.get(delta.aggregate());
        if (aggregate == null) {
            return; // of a savepoint's join that the file has no more
        }
        switch (delta.kind()) {
            case END -> {
                String source = END + new SourcePartition(delta.key(), delta.partition());
                String before = known.get(source);
                known.put(
                        source, String.valueOf(Math.max(delta.weight(), before == null ? 0 : Long.parseLong(before))));
            }
            case TYPES -> types(aggregate, delta);
            case ROW -> row(aggregate, delta);
        }
        changed.add(aggregate.name());
    }

    private void types(AggregateSettings aggregate, RowDelta delta) throws Exception {
        AggregateSettings.Side side = aggregate.side(delta.side());
        known.put(SEEN + delta.side(), "");
        int first = delta.side() == 0 ? 0 : aggregate.left().columns().size();
        for (int i = 0; i < delta.values().size(); i++) {
            String type = delta.values().get(i);
            String before = known.get(TYPE + (first + i));
            if (type == null) {
                if (before == null) {
                    LOG.warn(
                            "aggregates.{}: {} has no column '{}': it counts as null",
                            aggregate.name(),
                            side.table(),
                            side.columns().get(i));
                }
                continue;
            }
            ColumnType now = ColumnType.parse(type);
            known.put(
                    TYPE + (first + i),
                    (before == null ? now : ColumnType.parse(before).join(now)).toString());
        }
    }

    private void row(AggregateSettings aggregate, RowDelta delta) throws Exception {
        List<@Nullable String> key = new ArrayList<>();
        aggregate.group().forEach(output -> key.add(delta.values().get(output.index())));
        String name = RowDelta.joined(key);
        Group group = Group.of(groups.get(name), aggregate.calls().size());
        group.rows += delta.weight();
        for (int i = 0; i < aggregate.calls().size(); i++) {
            Call call = aggregate.calls().get(i);
            String value = call.index() < 0 ? null : delta.values().get(call.index());
            group.add(i, call.function(), value, delta.weight());
            if (value != null && call.function().needsValues()) {
                String place = place(name, i) + value;
                Long there = values.get(place);
                long before = there == null ? 0 : there;
                long now = before + delta.weight();
                if (now == 0) {
                    values.remove(place);
                } else {
                    values.put(place, now);
                }
                group.values(i, call.function(), value, before, now);
            }
        }
        groups.put(name, group.toBytes()); // also with no row: what took one away may have come before what brought it
    }

    private static String place(String group, int call) {
        return group.length() + ":" + group + call + ":";
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        show();
    }

    @Override
    public void endInput() throws Exception {
        show();
    }

    private void show() throws Exception {
        for (String name : changed) {
            AggregateSettings aggregate = byName.get(name);
            if (aggregate != null) {
                setCurrentKey(name);
                show(aggregate);
            }
        }
        changed.clear();
    }

    private void show(AggregateSettings aggregate) throws Exception {
        for (int side = 0; side < aggregate.sides(); side++) {
            if (!known.contains(SEEN + side)) {
                return; // of which types the columns are, its first row tells
            }
        }
        Map<SourcePartition, Long> ends = new HashMap<>();
        List<ColumnType> types = new ArrayList<>();
        for (int i = 0; i < aggregate.width(); i++) {
            String type = known.get(TYPE + i);
            types.add(type == null ? ColumnType.TEXT : ColumnType.parse(type));
        }
        if (aggregate.window() > 0) {
            types.add(ColumnType.TIMESTAMPTZ);
        }
        for (Map.Entry<String, String> entry : known.entries()) {
            if (entry.getKey().startsWith(END)) {
                ends.put(SourcePartition.parse(entry.getKey().substring(END.length())), Long.valueOf(entry.getValue()));
            }
        }
        tidy(aggregate);
        Result result = new Result(aggregate, types);
        Replacement head = new Replacement(List.of(result.schema()), 1, ends);
        output.collect(record.replace(made.head(number(aggregate), head)));
        for (Map.Entry<String, byte[]> entry : groups.entries()) {
            show(
                    result,
                    RowDelta.split(entry.getKey(), aggregate.group().size()),
                    Group.of(entry.getValue(), aggregate.calls().size()));
        }
        if (aggregate.group().isEmpty() && groups.isEmpty()) {
            show(
                    result,
                    List.of(),
                    Group.of(null, aggregate.calls().size())); // of all rows there is a count, as SQL has it
        }
    }

    private void show(Result result, List<@Nullable String> key, Group group) {
        RowWriter row = result.write(key, group);
        output.collect(record.replace(made.row(result.schema(), row.buffer(), 0, row.length())));
    }

    /** Removes groups without rows and windows that are no longer kept, and finds the extremes that have gone. */
    private void tidy(AggregateSettings aggregate) throws Exception {
        long oldest = aggregate.window() == 0 ? Long.MIN_VALUE : newestWindow() - aggregate.keep() * MICROS;
        Map<String, Group> stale = new HashMap<>();
        Set<String> gone = new HashSet<>();
        Iterator<Map.Entry<String, byte[]>> all = groups.iterator();
        while (all.hasNext()) {
            Map.Entry<String, byte[]> entry = all.next();
            Group group = Group.of(entry.getValue(), aggregate.calls().size());
            boolean isOld = aggregate.window() > 0 && window(entry.getKey()) < oldest;
            if (group.rows == 0 || isOld) {
                all.remove();
                gone.add(entry.getKey());
            } else if (group.isStale(aggregate.calls())) {
                stale.put(entry.getKey(), group);
            }
        }
        boolean looks =
                aggregate.calls().stream().anyMatch(call -> call.function().needsValues());
        if (stale.isEmpty() && (gone.isEmpty() || !looks)) {
            return;
        }
        Iterator<Map.Entry<String, Long>> every = values.iterator();
        while (every.hasNext()) {
            look(aggregate, every, stale, gone);
        }
        for (Map.Entry<String, Group> entry : stale.entrySet()) {
            entry.getValue().looked();
            groups.put(entry.getKey(), entry.getValue().toBytes());
        }
    }

    private static void look(
            AggregateSettings aggregate,
            Iterator<Map.Entry<String, Long>> every,
            Map<String, Group> stale,
            Set<String> gone) {
        String place = every.next().getKey();
        int start = place.indexOf(':') + 1;
        int end = start + Integer.parseInt(place.substring(0, start - 1));
        String name = place.substring(start, end);
        if (gone.contains(name)) {
            every.remove();
            return;
        }
        Group group = stale.get(name);
        if (group != null) {
            int colon = place.indexOf(':', end);
            int call = Integer.parseInt(place.substring(end, colon));
            group.look(call, aggregate.calls().get(call).function(), place.substring(colon + 1));
        }
    }

    private long newestWindow() throws Exception {
        long newest = Long.MIN_VALUE / 2;
        for (String group : groups.keys()) {
            newest = Math.max(newest, window(group));
        }
        return newest;
    }

    /** Where a group's window begins, in microseconds: of its columns the first. */
    private static long window(String group) {
        String start = RowDelta.split(group, 1).get(0);
        return start == null ? Long.MAX_VALUE : Value.units(start);
    }

    /** Another one for another definition: what was computed otherwise is replaced whatever it came to. */
    private static long number(AggregateSettings aggregate) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(aggregate.definition().getBytes(StandardCharsets.UTF_8));
            return Bytes.getLong(hash, 0);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
