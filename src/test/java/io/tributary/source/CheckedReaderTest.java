package io.tributary.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Harness;
import io.tributary.change.RawRecord;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Harness
class CheckedReaderTest {
    private static final TopicPartition PARTITION = new TopicPartition("s.public.t", 0);
    private static final Uuid ID = Uuid.randomUuid();

    private final List<KafkaPartitionSplit> added = new ArrayList<>();
    private final Positions positions = new Positions();
    private int asked;

    /** What of it would be read before would not say which topic it is of: a later one of its name would be taken for it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aNewTopicIsReadOnceTheBrokerThatIsAskedKnowsIt(int unknown) {
        reader(unknown).addSplits(List.of(new KafkaPartitionSplit(PARTITION, KafkaPartitionSplit.EARLIEST_OFFSET)));

        assertThat(asked).isEqualTo(unknown + 1);
        assertThat(added)
                .singleElement()
                .extracting(split -> PartitionSplit.of(split).topicId)
                .isEqualTo(ID.toString());
        RawRecord record = new RawRecord();
        positions.isNew(new ConsumerRecord<>(PARTITION.topic(), 0, 0, null, null), record);
        assertThat(record.topicId).isEqualTo(ID.toString());
        assertThat(record.alone).isTrue();
    }

    @Test
    void oneThatIsNeverToldIsReadAfterSomeLooks() {
        reader(Integer.MAX_VALUE).addSplits(List.of(new KafkaPartitionSplit(PARTITION, 7)));

        assertThat(asked).isEqualTo(5);
        assertThat(added).hasSize(1);
    }

    /** It was deleted: nothing will come. */
    @Test
    void aTopicThatWasReadAndIsGoneIsNotWaitedFor() {
        reader(Integer.MAX_VALUE)
                .addSplits(List.of(new PartitionSplit(
                        PARTITION, 3, KafkaPartitionSplit.NO_STOPPING_OFFSET, ID.toString(), 2, 1_000)));

        assertThat(asked).isEqualTo(1);
        assertThat(added).hasSize(1);
    }

    /** @param unknown how often the broker says first that there is no such topic */
    @SuppressWarnings("unchecked")
    private CheckedReader reader(int unknown) {
        SourceReader<RawRecord, KafkaPartitionSplit> inner = proxy(SourceReader.class, (method, arguments) -> {
            assertThat(method).isEqualTo("addSplits");
            added.addAll((List<KafkaPartitionSplit>) arguments[0]);
            return List.of();
        });
        KafkaTopics topics = new KafkaTopics(proxy(
                Admin.class,
                (method, arguments) -> method.equals("describeTopics")
                        ? described((Collection<String>) arguments[0], asked++ >= unknown)
                        : offsets((Map<TopicPartition, ?>) arguments[0])));
        return new CheckedReader(
                inner,
                positions,
                () -> topics,
                "broker:9092",
                false,
                Pattern.compile(".*"),
                new UnregisteredMetricsGroup());
    }

    private static DescribeTopicsResult described(Collection<String> names, boolean isKnown) {
        Node node = new Node(1, "broker", 9092);
        Map<String, KafkaFuture<TopicDescription>> answers = new HashMap<>();
        for (String name : names) {
            KafkaFutureImpl<TopicDescription> answer = new KafkaFutureImpl<>();
            if (isKnown) {
                TopicPartitionInfo partition = new TopicPartitionInfo(0, node, List.of(node), List.of(node));
                answer.complete(new TopicDescription(name, false, List.of(partition), null, ID));
            } else {
                answer.completeExceptionally(new UnknownTopicOrPartitionException(name));
            }
            answers.put(name, answer);
        }
        return new DescribeTopicsResult(null, answers) {};
    }

    private static ListOffsetsResult offsets(Map<TopicPartition, ?> asked) {
        Map<TopicPartition, KafkaFuture<ListOffsetsResultInfo>> answers = new HashMap<>();
        asked.keySet()
                .forEach(partition -> answers.put(
                        partition, KafkaFuture.completedFuture(new ListOffsetsResultInfo(0, -1, Optional.empty()))));
        return new ListOffsetsResult(answers);
    }

    @SuppressWarnings("unchecked")
    private static <T> T proxy(Class<T> type, BiFunction<String, Object[], Object> answers) {
        return (T) Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> answers.apply(method.getName(), arguments));
    }
}
