package io.tributary.aggregate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Joins the rows of two tables that have one key, whichever side changes: what comes or goes on one side comes or goes with each
 * row that the other has by now. Both sides are kept as multisets.
 */
public final class JoinOperator extends AbstractStreamOperator<RowDelta>
        implements OneInputStreamOperator<RowDelta, RowDelta> {
    private final ArrayList<AggregateSettings> settings;
    private transient List<MapState<String, Long>> sides;

    @SuppressWarnings("NullAway.Init") // open() comes before anything else
    public JoinOperator(List<AggregateSettings> settings) {
        this.settings = new ArrayList<>(settings);
    }

    @Override
    public void open() throws Exception {
        super.open();
        sides = List.of(rows("left"), rows("right"));
    }

    private MapState<String, Long> rows(String name) {
        return getRuntimeContext()
                .getMapState(new MapStateDescriptor<>(name, StringSerializer.INSTANCE, LongSerializer.INSTANCE));
    }

    @Override
    public void processElement(StreamRecord<RowDelta> element) throws Exception {
        RowDelta delta = element.getValue();
        add(sides.get(delta.side()), RowDelta.joined(delta.values()), delta.weight());
        int width = width(delta.aggregate(), 1 - delta.side());
        for (Map.Entry<String, Long> other : sides.get(1 - delta.side()).entries()) {
            List<@Nullable String> values = RowDelta.split(other.getKey(), width);
            output.collect(new StreamRecord<>(RowDelta.row(
                    delta.aggregate(),
                    0,
                    "",
                    delta.side() == 0 ? both(delta.values(), values) : both(values, delta.values()),
                    delta.weight() * other.getValue())));
        }
    }

    private static void add(MapState<String, Long> rows, String row, long weight) throws Exception {
        Long there = rows.get(row);
        long now = (there == null ? 0 : there) + weight;
        if (now == 0) {
            rows.remove(row);
        } else {
            rows.put(row, now);
        }
    }

    private static List<@Nullable String> both(List<@Nullable String> left, List<@Nullable String> right) {
        List<@Nullable String> both = new ArrayList<>(left);
        both.addAll(right);
        return both;
    }

    private int width(String aggregate, int side) {
        for (AggregateSettings each : settings) {
            if (each.name().equals(aggregate)) {
                return each.side(side).columns().size();
            }
        }
        throw new IllegalStateException("no aggregate " + aggregate);
    }
}
