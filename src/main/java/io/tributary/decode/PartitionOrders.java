package io.tributary.decode;

import io.tributary.change.Event;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The order of events in each partition of one topic, where their places alone do not tell it. */
final class PartitionOrders {
    private final Map<Integer, Order> byPartition = new HashMap<>();

    private static final class Order {
        final String connector;
        final SourceOrder order;
        /** The newest record that it knows of. */
        long offset = -1;
        /** Whether it was this task that read it, since the start. */
        boolean isOurs;

        Order(String connector, SourceOrder order) {
            this.connector = connector;
            this.order = order;
        }
    }

    /** Takes the next event of its partition; false if it was there before. */
    boolean place(SourceDialect dialect, Envelope envelope, Event event) {
        Order order = byPartition.get(event.partition);
        String connector =
                dialect.connectors().isEmpty() ? "" : dialect.connectors().get(0);
        if (order == null || !order.connector.equals(connector)) {
            SourceOrder made = dialect.order();
            if (made == null) {
                return true;
            }
            order = new Order(connector, made);
            byPartition.put(event.partition, order);
        }
        order.offset = event.offset;
        order.isOurs = true;
        return order.order.place(envelope, event);
    }

    /** Of partitions that no task has read since the start, one of them writes what it knows. */
    void write(String topic, int task, int tasks, List<byte[]> to) throws IOException {
        for (Map.Entry<Integer, Order> entry : byPartition.entrySet()) {
            Order order = entry.getValue();
            if (order.isOurs || Math.floorMod(topic.hashCode() + entry.getKey(), tasks) == task) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                try (DataOutputStream out = new DataOutputStream(bytes)) {
                    out.writeUTF(topic);
                    out.writeInt(entry.getKey());
                    out.writeLong(order.offset);
                    out.writeUTF(order.connector);
                    order.order.write(out);
                }
                to.add(bytes.toByteArray());
            }
        }
    }

    /** Of what several tasks knew of a partition, the newest is right. */
    void read(DataInputStream in, SourceDialects dialects) throws IOException {
        int partition = in.readInt();
        long offset = in.readLong();
        String connector = in.readUTF();
        Order known = byPartition.get(partition);
        SourceOrder made = dialects.named(connector).order();
        if (made != null && (known == null || known.offset < offset)) {
            Order order = new Order(connector, made);
            order.offset = offset;
            made.read(in);
            byPartition.put(partition, order);
        }
    }

    void takeAll(PartitionOrders others) {
        byPartition.putAll(others.byPartition);
    }
}
