package io.tributary.source;

import io.tributary.change.RawRecord;
import io.tributary.flow.MetricName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.ExceptionUtils;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks, when it gets partitions, whether they go on where the job has come to; and, after all records of a checkpoint were
 * read and before it is complete, whether their topics are still the same. So no record of another topic is ever committed.
 *
 * <p>One class, since half of it is Flink's interface, passed on.
 */
final class CheckedReader implements SourceReader<RawRecord, KafkaPartitionSplit> {
    private static final Logger LOG = LoggerFactory.getLogger(CheckedReader.class);
    private static final long AGAIN_MILLIS = 1000;
    /** After a change of leader a partition may end before what was read, for a moment; a broker may not yet know a new topic. */
    private static final int LOOKS = 5;

    private static final int LOOKS_BETWEEN_LINES = 60;

    private final SourceReader<RawRecord, KafkaPartitionSplit> reader;
    private final Positions positions;
    private final Supplier<KafkaTopics> connect;
    private final String bootstrap;
    private final boolean continues;
    private final Pattern wanted;
    private final List<KafkaPartitionSplit> unwanted = new ArrayList<>();
    private final MetricGroup metrics;
    /** What stands for lost records, and is to be handed on before any other. */
    private final Deque<RawRecord> told = new ArrayDeque<>();
    /** Where the partitions are while that has not been done. */
    private final Map<TopicPartition, PartitionSplit> untold = new HashMap<>();

    private final Set<String> gone = new HashSet<>();
    private final Set<String> everGone = new HashSet<>();
    private @Nullable KafkaTopics kafka;
    private boolean isStarted;
    /** Why the job cannot go on. */
    private @Nullable RuntimeException broken;

    private final WallClock clock = new WallClock();

    /**
     * Made for a task.
     *
     * @param bootstrap for messages
     * @param continues whether to go on behind records that Kafka has deleted
     * @param wanted topics: of others, what a savepoint knows is kept for when they are wanted again
     */
    CheckedReader(
            SourceReader<RawRecord, KafkaPartitionSplit> reader,
            Positions positions,
            Supplier<KafkaTopics> connect,
            String bootstrap,
            boolean continues,
            Pattern wanted,
            MetricGroup metrics) {
        this.wanted = wanted;
        this.reader = reader;
        this.positions = positions;
        this.connect = connect;
        this.bootstrap = bootstrap;
        this.continues = continues;
        this.metrics = metrics;
    }

    @Override
    public void start() {
        isStarted = true;
        reader.start();
    }

    /** What Kafka is asked for. */
    private interface Question<T> {
        T ask(KafkaTopics topics) throws ExecutionException, InterruptedException, TimeoutException;
    }

    /** Waits for Kafka's answer: without it nothing is certain, and nothing is complete. */
    private <T> T ask(Question<T> question) {
        int looks = 0;
        while (true) {
            try {
                KafkaTopics topics = kafka;
                if (topics == null) {
                    topics = connect.get();
                    kafka = topics;
                }
                T answer = question.ask(topics);
                if (looks > 0) {
                    LOG.info("Kafka at {} answers again", bootstrap);
                }
                return answer;
            } catch (ExecutionException | TimeoutException | KafkaException e) {
                requireClock();
                if (looks++ % LOOKS_BETWEEN_LINES == 0) {
                    LOG.warn("waiting for Kafka at {} to tell its topics: {}", bootstrap, e.toString());
                }
                pause();
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
    }

    /**
     * Clients that a clock has stopped are made anew with the task.
     *
     * @throws IllegalStateException if it was set back
     */
    private void requireClock() {
        long back = clock.setBack();
        if (back > 0) {
            broken = new IllegalStateException(
                    "the clock of this machine was set back by %,d s: Kafka's clients, which would stand still as long, are made anew"
                            .formatted(back / 1000));
            throw broken;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(AGAIN_MILLIS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while waiting for Kafka", e);
    }

    @Override
    public void addSplits(List<KafkaPartitionSplit> splits) {
        List<PartitionSplit> added = new ArrayList<>();
        for (KafkaPartitionSplit split : splits) {
            if (wanted.matcher(split.getTopic()).matches()) {
                added.add(PartitionSplit.of(split));
            } else {
                LOG.info(
                        "{} waits at offset {}: source.topics does not have it any more",
                        split.getTopicPartition(),
                        split.getStartingOffset());
                unwanted.add(split);
            }
        }
        if (added.isEmpty()) {
            return;
        }
        Set<String> topics = new HashSet<>();
        added.forEach(split -> topics.add(split.getTopic()));
        Map<String, KafkaTopics.Topic> there = ask(kafka -> kafka.topics(topics));
        for (int look = 1; look < LOOKS && isUntold(added, there); look++) {
            pause();
            there = ask(kafka -> kafka.topics(topics));
        }
        for (PartitionSplit split : added) {
            KafkaTopics.Topic topic = there.get(split.getTopic());
            if (topic == null && split.topicId.isEmpty()) {
                LOG.warn(
                        "{}: Kafka does not tell its topic; it is read without the topic's id",
                        split.getTopicPartition());
            }
            if (topic != null && Gap.isOther(split.topicId, topic.id())) {
                go(Gap.otherTopic(split, topic.id()), split);
            }
        }
        Map<TopicPartition, KafkaTopics.Range> ranges = ranges(added, there);
        List<KafkaPartitionSplit> checked = new ArrayList<>();
        for (PartitionSplit split : added) {
            checked.add(checked(split, there.get(split.getTopic()), ranges.get(split.getTopicPartition())));
        }
        reader.addSplits(checked);
    }

    /** Whether one of the topics is new and not told of: rows of it would not say which topic they are of. */
    private static boolean isUntold(List<PartitionSplit> splits, Map<String, KafkaTopics.Topic> there) {
        return splits.stream().anyMatch(split -> split.topicId.isEmpty() && !there.containsKey(split.getTopic()));
    }

    private Map<TopicPartition, KafkaTopics.Range> ranges(
            List<PartitionSplit> splits, Map<String, KafkaTopics.Topic> there) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (PartitionSplit split : splits) {
            KafkaTopics.Topic topic = there.get(split.getTopic());
            if (topic != null && split.getPartition() < topic.partitions()) { // of others nobody would ever answer
                partitions.add(split.getTopicPartition());
            }
        }
        Map<TopicPartition, KafkaTopics.Range> ranges = ask(kafka -> kafka.ranges(partitions));
        for (int look = 1; look < LOOKS && isShort(splits, ranges); look++) {
            pause();
            ranges = ask(kafka -> kafka.ranges(partitions));
        }
        return ranges;
    }

    private static boolean isShort(List<PartitionSplit> splits, Map<TopicPartition, KafkaTopics.Range> ranges) {
        return splits.stream().anyMatch(split -> {
            KafkaTopics.Range range = ranges.get(split.getTopicPartition());
            return range != null && split.getStartingOffset() > range.end();
        });
    }

    /** The partition as it is to be read. */
    private PartitionSplit checked(
            PartitionSplit split, KafkaTopics.@Nullable Topic topic, KafkaTopics.@Nullable Range range) {
        if (topic == null || range == null) { // its topic is gone: what comes under its name is another
            positions.begin(split);
            return split;
        }
        long next = split.getStartingOffset();
        // else it was discovered, and nothing of it was read
        boolean isRead = next >= 0 && !isStarted || split.lastOffset >= 0;
        Gap gap = isRead ? Gap.of(split, range, topic.id()) : null;
        if (gap != null) {
            go(gap, split);
        }
        boolean hasMoved = gap != null || !isRead && next < range.beginning();
        PartitionSplit same = new PartitionSplit(
                split.getTopicPartition(),
                hasMoved ? range.beginning() : next,
                PartitionSplit.stopping(split),
                topic.id(),
                hasMoved ? PartitionSplit.NONE : split.lastOffset,
                split.lastTimestamp);
        Positions.Position position = positions.begin(same);
        position.isAlone = topic.partitions() == 1;
        boolean isProvable = same.lastOffset >= range.beginning() && same.lastOffset < same.getStartingOffset();
        if (same.lastOffset >= 0 && !isProvable) {
            position.isProven = true;
        }
        return isProvable ? same.from(same.lastOffset) : same;
    }

    /** Goes on behind a gap, or ends the job. */
    private void go(Gap gap, PartitionSplit split) {
        Long lostTo = gap.lostTo();
        if (!continues || lostTo == null) {
            throw new SuppressRestartsException(new GapException(gap.message(continues)));
        }
        LOG.error("{}; going on there, as 'source.on-gap: continue' says", gap.message(true));
        RawRecord letter = new RawRecord()
                .set(split.getTopic(), split.getPartition(), lostTo, System.currentTimeMillis(), null, null);
        letter.lost = lostTo - split.getStartingOffset() + 1;
        told.add(letter);
        untold.put(split.getTopicPartition(), split);
    }

    @Override
    public InputStatus pollNext(ReaderOutput<RawRecord> output) throws Exception {
        if (broken != null) {
            throw broken;
        }
        RawRecord letter = told.poll();
        if (letter != null) {
            untold.remove(new TopicPartition(letter.topic, letter.partition));
            output.collect(letter);
            return InputStatus.MORE_AVAILABLE;
        }
        try {
            return reader.pollNext(output);
        } catch (RuntimeException e) {
            OffsetOutOfRangeException lost = ExceptionUtils.findThrowable(e, OffsetOutOfRangeException.class)
                    .orElse(null);
            if (lost != null) {
                name(lost);
            }
            throw e;
        }
    }

    /** Says what is gone; where the job may go on behind it, it starts again, and that is seen then. */
    private void name(OffsetOutOfRangeException lost) {
        List<PartitionSplit> splits = new ArrayList<>();
        lost.offsetOutOfRangePartitions().forEach((partition, offset) -> {
            Positions.Position position = positions.of(partition);
            if (position != null) {
                splits.add(position.began.from(offset));
            }
        });
        Set<String> topics = new HashSet<>();
        splits.forEach(split -> topics.add(split.getTopic()));
        Map<String, String> ids = ask(kafka -> kafka.ids(topics));
        Map<TopicPartition, KafkaTopics.Range> ranges =
                ask(kafka -> kafka.ranges(lost.offsetOutOfRangePartitions().keySet()));
        for (PartitionSplit split : splits) {
            KafkaTopics.Range range = ranges.get(split.getTopicPartition());
            Gap gap = range == null ? null : Gap.of(split, range, ids.getOrDefault(split.getTopic(), ""));
            if (gap != null && (!continues || gap.lostTo() == null)) {
                throw new SuppressRestartsException(new GapException(gap.message(continues)));
            }
        }
    }

    @Override
    public List<KafkaPartitionSplit> snapshotState(long checkpointId) {
        requireClock();
        List<KafkaPartitionSplit> splits = new ArrayList<>();
        List<KafkaPartitionSplit> read = reader.snapshotState(checkpointId);
        if (!read.isEmpty()) {
            check(read);
        }
        read.forEach(split -> splits.add(now(split)));
        splits.addAll(unwanted);
        return splits;
    }

    private void check(List<KafkaPartitionSplit> read) {
        Set<String> topics = new HashSet<>();
        read.forEach(split -> topics.add(split.getTopic()));
        Map<String, KafkaTopics.Topic> there = ask(kafka -> kafka.topics(topics));
        for (KafkaPartitionSplit each : read) {
            PartitionSplit split = now(each);
            String topic = split.getTopic();
            KafkaTopics.Topic known = there.get(topic);
            if (known == null) {
                if (gone.add(topic)) {
                    LOG.error("the topic {} is gone; the job has read it, and nothing more comes of it", topic);
                    show(topic);
                }
            } else if (Gap.isOther(split.topicId, known.id())) {
                // a checkpoint that is refused ends no job
                broken = new SuppressRestartsException(
                        new GapException(Gap.otherTopic(split, known.id()).message(continues)));
                throw broken;
            } else {
                gone.remove(topic);
                Positions.Position position = positions.of(split.getTopicPartition());
                if (position != null) {
                    position.isAlone = known.partitions() == 1;
                    // it may not have been known when the partition came
                    position.topicId = position.topicId.isEmpty() ? known.id() : position.topicId;
                }
            }
        }
    }

    private void show(String topic) {
        if (everGone.add(topic)) {
            MetricName.TOPIC_GONE.register(metrics, (Gauge<Long>) () -> gone.contains(topic) ? 1L : 0L, topic);
        }
    }

    private PartitionSplit now(KafkaPartitionSplit split) {
        PartitionSplit before = untold.get(split.getTopicPartition());
        if (before != null) {
            return before;
        }
        Positions.Position position = positions.of(split.getTopicPartition());
        if (position == null) {
            return PartitionSplit.of(split);
        }
        return new PartitionSplit(
                split.getTopicPartition(),
                next(split, position),
                PartitionSplit.stopping(split),
                position.topicId,
                position.lastOffset,
                position.lastTimestamp);
    }

    /** Where to go on: the last record may be about to be read again; and behind it offsets may be that no record has. */
    private static long next(KafkaPartitionSplit split, Positions.Position position) {
        long next = Math.max(split.getStartingOffset(), position.began.getStartingOffset());
        return next == position.lastOffset + 1
                ? NextOffsets.after(split.getTopicPartition(), position.lastOffset)
                : next;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return told.isEmpty() && broken == null ? reader.isAvailable() : CompletableFuture.completedFuture(null);
    }

    @Override
    public void notifyNoMoreSplits() {
        reader.notifyNoMoreSplits();
    }

    @Override
    public void handleSourceEvents(SourceEvent event) {
        reader.handleSourceEvents(event);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        reader.notifyCheckpointComplete(checkpointId);
    }

    @Override
    public void notifyCheckpointAborted(long checkpointId) throws Exception {
        reader.notifyCheckpointAborted(checkpointId);
    }

    @Override
    public void pauseOrResumeSplits(Collection<String> toPause, Collection<String> toResume) {
        reader.pauseOrResumeSplits(toPause, toResume);
    }

    @Override
    public void close() throws Exception {
        try {
            reader.close();
        } finally {
            if (kafka != null) {
                kafka.close();
            }
        }
    }
}
