package io.tributary.warehouse;

import io.tributary.change.Fact;
import io.tributary.flow.GatherOperator;
import io.tributary.sink.SinkSteps;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPreCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * The warehouse's sink: writers put rows into staging tables, one operator gathers what they put there until a checkpoint,
 * one committer brings it into the mirrors.
 */
public final class WarehouseSink
        implements Sink<Fact>,
                SupportsCommitter<WarehouseCommittable>,
                SupportsPreCommitTopology<WarehouseCommittable, WarehouseCommittable> {
    private final WarehouseSettings settings;
    private final Dialect dialect;
    private final String replays;
    private final SinkSteps steps;

    /** @param replays the topic of dead letters that are offered again */
    public WarehouseSink(WarehouseSettings settings, String replays, SinkSteps steps) {
        this.settings = settings;
        this.dialect = Dialect.of(settings.connection().getDbURL());
        this.replays = replays;
        this.steps = steps;
    }

    @Override
    public SinkWriter<Fact> createWriter(WriterInitContext context) {
        return new WarehouseWriter(settings, dialect, replays, steps, context.metricGroup());
    }

    @Override
    public Committer<WarehouseCommittable> createCommitter(CommitterInitContext context) {
        return new WarehouseCommitter(
                settings, dialect, replays, steps, WarehouseCommitter.Pace.DEFAULT, context.metricGroup());
    }

    @Override
    public DataStream<CommittableMessage<WarehouseCommittable>> addPreCommitTopology(
            DataStream<CommittableMessage<WarehouseCommittable>> committables) {
        return GatherOperator.ahead(
                committables, "warehouse-gather", WarehouseCommittable.Serializer::new, WarehouseCommittable::gathered);
    }

    @Override
    public SimpleVersionedSerializer<WarehouseCommittable> getCommittableSerializer() {
        return new WarehouseCommittable.Serializer();
    }

    @Override
    public SimpleVersionedSerializer<WarehouseCommittable> getWriteResultSerializer() {
        return new WarehouseCommittable.Serializer();
    }
}
