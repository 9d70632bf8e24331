package io.tributary.decode;

import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The order of events in each partition of one topic, of each source by itself, where their places alone do not tell it. */
final class PartitionOrders {
    /** As many sources of one partition are known; more come only from a forger. */
    private static final int MOST = 64;

    private static final int LONGEST_NAME = 512;

    private final Map<Integer, Map<Source, Order>> byPartition = new HashMap<>();

    /**
     * Where the events of an order come from.
     *
     * @param dialect the first connector that its dialect knows
     * @param server the connector's name for the source
     * @param topicId what tells the topic from an earlier one of its name; empty where that is not known
     */
    private record Source(String dialect, String server, String topicId) {}

    private static final class Order {
        final SourceOrder order;
        /** The newest record that it knows of. */
        long offset = -1;
        /** Whether it was this task that read it, since the start. */
        boolean isOurs;

        Order(SourceOrder order) {
            this.order = order;
        }
    }

    /**
     * Takes the next event of its partition; false if it was there before.
     *
     * @param topicId what tells the topic from an earlier one of its name
     * @param headers of its record
     */
    boolean isNew(String topicId, SourceBlock block, RawRecord.Headers headers, Event event) {
        SourceDialect dialect = block.dialect;
        if (dialect == null || dialect.connectors().isEmpty() || block.server.length() > LONGEST_NAME) {
            return true;
        }
        Map<Source, Order> orders = byPartition.computeIfAbsent(event.partition, p -> new LinkedHashMap<>());
        Source source = new Source(dialect.connectors().get(0), block.server, topicId);
        Order order = orders.get(source);
        if (order == null) {
            SourceOrder made = dialect.order();
            if (made == null || orders.size() == MOST) {
                return true;
            }
            order = new Order(made);
            orders.put(source, order);
        }
        order.offset = event.offset;
        order.isOurs = true;
        return order.order.isNew(block.place, headers, event);
    }

    /** Of partitions that no task has read since the start, one of them writes what it knows. */
    void write(String topic, int task, int tasks, List<byte[]> to) throws IOException {
        for (Map.Entry<Integer, Map<Source, Order>> partition : byPartition.entrySet()) {
            for (Map.Entry<Source, Order> entry : partition.getValue().entrySet()) {
                Order order = entry.getValue();
                if (order.isOurs || Math.floorMod(topic.hashCode() + partition.getKey(), tasks) == task) {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    try (DataOutputStream out = new DataOutputStream(bytes)) {
                        out.writeUTF(topic);
                        out.writeInt(partition.getKey());
                        out.writeLong(order.offset);
                        out.writeUTF(entry.getKey().dialect());
                        out.writeUTF(entry.getKey().server());
                        out.writeUTF(entry.getKey().topicId());
                        order.order.write(out);
                    }
                    to.add(bytes.toByteArray());
                }
            }
        }
    }

    /** Of what several tasks knew of a partition, the newest is right. */
    void read(DataInputStream in, SourceDialects dialects) throws IOException {
        int partition = in.readInt();
        long offset = in.readLong();
        Source source = new Source(in.readUTF(), in.readUTF(), in.readUTF());
        Map<Source, Order> orders = byPartition.computeIfAbsent(partition, p -> new LinkedHashMap<>());
        Order known = orders.get(source);
        SourceOrder made = dialects.named(source.dialect()).order();
        if (made != null && (known == null || known.offset < offset)) {
            Order order = new Order(made);
            order.offset = offset;
            made.read(in);
            orders.put(source, order);
        }
    }

    /** Takes over what is known of a topic whose id becomes known: not of an earlier one of its name. */
    void take(PartitionOrders others, String topicId) {
        others.byPartition.forEach((partition, orders) -> orders.forEach((source, order) -> {
            if (source.topicId().isEmpty() || source.topicId().equals(topicId)) {
                byPartition
                        .computeIfAbsent(partition, p -> new LinkedHashMap<>())
                        .put(new Source(source.dialect(), source.server(), topicId), order);
            }
        }));
    }
}
