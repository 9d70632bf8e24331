package io.tributary.change;

import java.io.Serializable;

/** A partition of a topic: what a fence belongs to. */
public record SourcePartition(String topic, int partition) implements Comparable<SourcePartition>, Serializable {
    // by hand: see TableName
    @Override
    public boolean equals(Object o) {
        return o instanceof SourcePartition other && topic.equals(other.topic) && partition == other.partition;
    }

    @Override
    public int hashCode() {
        return 31 * topic.hashCode() + partition;
    }

    @Override
    public int compareTo(SourcePartition other) {
        int byTopic = topic.compareTo(other.topic);
        return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
    }

    /** The form in which {@link #toString()} gives it. */
    public static SourcePartition parse(String text) {
        int dash = text.lastIndexOf('-');
        return new SourcePartition(text.substring(0, dash), Integer.parseInt(text.substring(dash + 1)));
    }

    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
