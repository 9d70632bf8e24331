package io.tributary.source;

import io.tributary.change.Printable;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Records that a job has not read and never will.
 *
 * @param lostTo the last offset of those that Kafka has deleted, from where the job has come to; null where offsets have another
 *     meaning now
 */
record Gap(TopicPartition partition, String what, @Nullable Long lostTo) {
    /**
     * Looks whether a partition goes on where the job has come to.
     *
     * @param split where that is
     * @param now the partition as Kafka has it
     * @return null if it does
     */
    static @Nullable Gap of(PartitionSplit split, KafkaTopics.Range now, String topicId) {
        TopicPartition partition = split.getTopicPartition();
        long next = split.getStartingOffset();
        if (isOther(split.topicId, topicId)) {
            return otherTopic(split, topicId);
        }
        if (next > now.end()) {
            return new Gap(
                    partition,
                    "%s was read up to offset %d, and ends at offset %d: Kafka came back with an older copy of it"
                            .formatted(partition, next, now.end()),
                    null);
        }
        if (next < now.beginning()) {
            return new Gap(
                    partition,
                    "%s was read up to offset %d, and begins at offset %d: Kafka has deleted what lies between"
                            .formatted(partition, next, now.beginning()),
                    now.beginning() - 1);
        }
        return null;
    }

    static boolean isOther(String known, String topicId) {
        return !known.isEmpty() && !topicId.isEmpty() && !known.equals(topicId);
    }

    static Gap otherTopic(PartitionSplit split, String topicId) {
        return new Gap(
                split.getTopicPartition(),
                "the topic %s is another than the one that was read up to offset %d: it was deleted and made anew (its id was %s, and is %s)"
                        .formatted(split.getTopic(), split.getStartingOffset(), split.topicId, topicId),
                null);
    }

    /** @param timestamp of the record that is there now, in milliseconds since 1970 */
    static Gap otherRecord(PartitionSplit split, long timestamp) {
        return new Gap(
                split.getTopicPartition(),
                "%s has another record at offset %d than the one that was read, of %d and not of %d: Kafka came back with an older copy of it"
                        .formatted(split.getTopicPartition(), split.lastOffset, timestamp, split.lastTimestamp),
                null);
    }

    /** What has happened and what can be done, in a line. */
    String message(boolean continues) {
        String remedy = lostTo == null
                ? "Its offsets begin anew, so they cannot be told from those that sinks have: stop the job, take a new snapshot of"
                        + " its tables, move them out of the lake and the warehouse, and submit it afresh, without state"
                : "Take a new snapshot of its tables, and submit the job from its last checkpoint with 'source.on-gap: continue':"
                        + " then the range is a dead letter";
        return Printable.of(what) + (continues && lostTo != null ? "" : ". " + remedy);
    }
}
