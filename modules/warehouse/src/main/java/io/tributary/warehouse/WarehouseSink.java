package io.tributary.warehouse;

import io.tributary.change.Fact;
import io.tributary.flow.Marks;
import io.tributary.sink.FencedSink;
import io.tributary.sink.SinkSteps;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;

/**
 * The warehouse's sink: writers put rows into staging tables, one operator gathers what they put there until a checkpoint,
 * one committer brings it into the mirrors.
 */
public final class WarehouseSink extends FencedSink<Fact, WarehouseCommittable> {
    private final WarehouseSettings settings;
    private final Dialect dialect;
    private final String replays;
    private final SinkSteps steps;

    /** @param replays the topic of dead letters that are offered again */
    public WarehouseSink(WarehouseSettings settings, String replays, SinkSteps steps) {
        super("warehouse");
        this.settings = settings;
        this.dialect = Dialect.of(settings.connection().getDbURL());
        this.replays = replays;
        this.steps = steps;
    }

    @Override
    public WarehouseWriter createWriter(WriterInitContext context) {
        return new WarehouseWriter(settings, dialect, replays, steps, context.metricGroup());
    }

    @Override
    public Committer<WarehouseCommittable> createCommitter(CommitterInitContext context) {
        return new WarehouseCommitter(
                new Mirrors(settings, dialect, replays, steps, Mirrors.Pace.DEFAULT, context.metricGroup()));
    }

    @Override
    protected @Nullable WarehouseCommittable gather(
            long checkpoint, List<WarehouseCommittable> stale, List<WarehouseCommittable> parts, Marks marks) {
        return WarehouseCommittable.gathered(checkpoint, stale, parts, marks);
    }

    @Override
    protected SimpleVersionedSerializer<WarehouseCommittable> serializer() {
        return new WarehouseCommittable.Serializer();
    }
}
