package com.example.map;

import com.example.map.MapProvider.Part;
import com.example.map.MapProvider.Parts;
import com.example.map.MapProvider.Table;
import io.tributary.change.Change;
import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import io.tributary.flow.ConflictException;
import io.tributary.flow.FencedOffsets;
import io.tributary.flow.Marks;
import io.tributary.sink.FencedSink;
import io.tributary.sink.SinkSteps;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;

/** Parts hold rows; the committer puts them into the map, with their fences. */
final class MapSink extends FencedSink<Change, Parts> {
    enum Step {
        PUT,
        COMMITTED
    }

    private final String store;
    private final SourcePartition replays;
    private final SinkSteps steps;

    MapSink(String store, String replays, SinkSteps steps) {
        super("map");
        this.store = store;
        this.replays = new SourcePartition(replays, 0);
        this.steps = steps;
    }

    @Override
    public CommittingSinkWriter<Change, Parts> createWriter(WriterInitContext context) {
        return new Writer(Map.copyOf(MapProvider.store(store)), replays, new HashMap<>(), new HashMap<>());
    }

    private record Writer(
            Map<String, Table> there,
            SourcePartition replays,
            Map<String, FencedOffsets> offsets,
            Map<String, ArrayList<String>> rows)
            implements CommittingSinkWriter<Change, Parts> {
        @Override
        public void write(Change change, Context context) {
            TableSchema schema = change.imageSchema();
            String table = schema.table().toString();
            FencedOffsets own = offsets.computeIfAbsent(
                    table,
                    t -> new FencedOffsets(there.getOrDefault(t, Table.EMPTY).next(), replays));
            if (own.isLacking(change, schema)) {
                own.add(change, schema);
                rows.computeIfAbsent(table, t -> new ArrayList<>()).add(change.operation + " " + change.offset);
            } else {
                own.skip(change, schema);
            }
        }

        @Override
        public Collection<Parts> prepareCommit() {
            Parts parts = new Parts(new ArrayList<>());
            offsets.forEach((table, own) -> {
                TreeMap<SourcePartition, OffsetRange> ranges = new TreeMap<>(own.take());
                own.skipped().forEach((partition, range) -> ranges.merge(partition, range, OffsetRange::with));
                if (!ranges.isEmpty()) {
                    parts.all().add(new Part(table, rows.getOrDefault(table, new ArrayList<>()), ranges));
                }
            });
            rows.clear();
            return List.of(parts);
        }

        @Override
        public void flush(boolean endOfInput) {} // rows become visible at a checkpoint, not before

        @Override
        public void close() {}
    }

    @Override
    protected Parts gather(long checkpoint, List<Parts> stale, List<Parts> parts, Marks marks) {
        Map<String, Part> byTable = new TreeMap<>();
        for (List<Parts> each : List.of(stale, parts)) {
            each.forEach(of -> of.all().forEach(part -> byTable.merge(part.table(), part, Part::with)));
        }
        Parts whole = new Parts(new ArrayList<>());
        byTable.forEach((table, part) ->
                whole.all().add(new Part(table, part.rows(), new TreeMap<>(marks.pass(table, part.ranges())))));
        marks.prove()
                .forEach((table, ranges) -> whole.all().add(new Part(table, new ArrayList<>(), new TreeMap<>(ranges))));
        return whole;
    }

    @Override
    protected SimpleVersionedSerializer<Parts> serializer() {
        return new Parts.Serializer();
    }

    @Override
    public Committer<Parts> createCommitter(CommitterInitContext context) {
        return new MapCommitter(MapProvider.store(store), steps);
    }

    private record MapCommitter(Map<String, Table> tables, SinkSteps steps) implements Committer<Parts> {
        @Override
        public void commit(Collection<CommitRequest<Parts>> requests) {
            for (CommitRequest<Parts> request : requests) {
                for (Part part : request.getCommittable().all()) {
                    tables.compute(part.table(), (table, there) -> put(there, part));
                    steps.reached(part.table(), Step.PUT);
                }
                steps.reached("", Step.COMMITTED);
            }
        }

        private static Table put(@Nullable Table has, Part part) {
            Table there = has == null ? Table.EMPTY : has;
            return switch (OffsetRange.covered(part.ranges(), there.next(), there.topicIds())) {
                case ALL -> there;
                case NOTHING -> there.with(part);
                case PART -> throw conflict(part, "it has some of them");
                case GAP -> throw conflict(part, OffsetRange.lost(part.ranges(), there.next()));
                case OTHER_TOPIC -> throw conflict(part, OffsetRange.others(part.ranges(), there.topicIds()));
            };
        }

        private static SuppressRestartsException conflict(Part part, String how) {
            return new SuppressRestartsException(
                    new ConflictException(
                            "cannot add offsets %s to %s: %s".formatted(part.ranges(), part.table(), how)) {});
        }

        @Override
        public void close() {}
    }
}
