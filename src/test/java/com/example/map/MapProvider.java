package com.example.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.change.OffsetRange;
import io.tributary.change.Reached;
import io.tributary.change.SourcePartition;
import io.tributary.sink.ConfiguredSink;
import io.tributary.sink.Feed;
import io.tributary.sink.Outlet;
import io.tributary.sink.Reach;
import io.tributary.sink.SinkFile;
import io.tributary.sink.SinkProvider;
import io.tributary.sink.SinkSteps;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.util.InstantiationUtil;

/** The least that a sink with fences is: histories in a map of this process. Whoever writes a sink may begin here. */
public final class MapProvider implements SinkProvider {
    /** The stores by their names. */
    static final Map<String, Map<String, Table>> STORES = new ConcurrentHashMap<>();

    static Map<String, Table> store(String name) {
        return STORES.computeIfAbsent(name, n -> new ConcurrentHashMap<>());
    }

    /** Rows and fences: both are replaced at once. */
    record Table(List<String> rows, Map<SourcePartition, Long> next, Map<String, String> topicIds) {
        static final Table EMPTY = new Table(List.of(), Map.of(), Map.of());

        Table with(Part part) {
            Table table = new Table(new ArrayList<>(rows), new TreeMap<>(next), new TreeMap<>(topicIds));
            table.rows.addAll(part.rows);
            table.next.putAll(OffsetRange.ends(part.ranges));
            table.topicIds.putAll(OffsetRange.topicIds(part.ranges));
            return table;
        }
    }

    /** What a checkpoint brings to a table. */
    record Part(String table, ArrayList<String> rows, TreeMap<SourcePartition, OffsetRange> ranges)
            implements Serializable {
        Part with(Part other) {
            Part both = new Part(table, new ArrayList<>(rows), new TreeMap<>(ranges));
            both.rows.addAll(other.rows);
            other.ranges.forEach((partition, range) -> both.ranges.merge(partition, range, OffsetRange::with));
            return both;
        }
    }

    /** What a checkpoint brings. */
    record Parts(ArrayList<Part> all) implements Serializable {
        static final class Serializer implements SimpleVersionedSerializer<Parts> {
            @Override
            public int getVersion() {
                return 1;
            }

            @Override
            public byte[] serialize(Parts parts) throws IOException {
                return InstantiationUtil.serializeObject(parts);
            }

            @Override
            public Parts deserialize(int version, byte[] bytes) throws IOException {
                try {
                    return InstantiationUtil.deserializeObject(bytes, getClass().getClassLoader());
                } catch (ClassNotFoundException e) {
                    throw new IOException(e);
                }
            }
        }
    }

    @Override
    public String name() {
        return "map";
    }

    @Override
    public JsonNode schema() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.putObject("sink")
                .put("type", "object")
                .putObject("properties")
                .putObject("name")
                .put("type", "string");
        return root;
    }

    @Override
    public ConfiguredSink configure(SinkFile file) {
        return new Configured(
                file.settings(Settings.class).name(), file.source().replays());
    }

    record Settings(String name) {}

    record Configured(String store, String replays) implements ConfiguredSink {
        @Override
        public String place() {
            return "'sinks.map.name' " + store;
        }

        @Override
        public String description() {
            return "map      " + store;
        }

        @Override
        public Reach reach() {
            Map<String, Reached> reached = new HashMap<>();
            MapProvider.store(store)
                    .forEach((name, table) -> reached.put(name, new Reached(table.next(), table.topicIds())));
            return Reach.of(reached);
        }

        @Override
        public List<Outlet<?>> outlets(SinkSteps steps) {
            return List.of(new MapSink(store, replays, steps).outlet(Feed.CHANGES));
        }
    }
}
