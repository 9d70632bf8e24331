package io.tributary.local;

import io.tributary.flow.UnreachableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Sends the changes of {@link SimulatedUsers} to a topic of Kafka or Redpanda at a steady rate. A broker that is gone is waited for. */
public final class EventProducer implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 5_000;
    private static final int MOST_WAITING = 20_000;

    private final String bootstrap;
    private final String topic;
    private final KafkaProducer<String, @Nullable String> producer;
    private final Consumer<String> progress;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Semaphore waiting = new Semaphore(MOST_WAITING);
    private final AtomicLong acknowledged = new AtomicLong();
    private volatile @Nullable Exception failure;
    private @Nullable Thread thread;

    /** @param progress is told when it waits */
    public EventProducer(String bootstrap, String topic, Consumer<String> progress) {
        this.bootstrap = bootstrap;
        this.topic = topic;
        this.progress = progress;
        producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrap,
                        ProducerConfig.LINGER_MS_CONFIG,
                        "5",
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        String.valueOf(PATIENCE_MILLIS),
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        String.valueOf(Integer.MAX_VALUE)),
                new StringSerializer(),
                new StringSerializer());
    }

    /**
     * Makes the topic if it is not there.
     *
     * @return how many records it has ever had
     * @throws UnreachableException if no broker answers
     */
    public static long prepare(String bootstrap, String topic) {
        try (Admin admin = Admin.create(Map.of(
                "bootstrap.servers", bootstrap,
                "default.api.timeout.ms", PATIENCE_MILLIS,
                "request.timeout.ms", PATIENCE_MILLIS))) {
            try {
                admin.createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty())))
                        .all()
                        .get();
                return 0;
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
            Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
            for (TopicDescription description :
                    admin.describeTopics(List.of(topic)).allTopicNames().get().values()) {
                description
                        .partitions()
                        .forEach(partition ->
                                ends.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest()));
            }
            return admin.listOffsets(ends).all().get().values().stream()
                    .mapToLong(ListOffsetsResultInfo::offset)
                    .sum();
        } catch (ExecutionException | KafkaException e) {
            throw unreachable(bootstrap, topic, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreachable(bootstrap, topic, e);
        }
    }

    private static UnreachableException unreachable(String bootstrap, String topic, Throwable cause) {
        return new UnreachableException("cannot write to the topic '" + topic + "' at " + bootstrap + ": "
                + (cause.getCause() == null ? cause : cause.getCause()).getMessage());
    }

    /**
     * Starts sending.
     *
     * @param most how many changes to make, before it stops by itself
     */
    public void start(SimulatedUsers users, int rate, long most) {
        thread = new Thread(() -> run(users, new Pace(rate), most), "event-producer");
        thread.setDaemon(true);
        thread.start();
    }

    private void run(SimulatedUsers users, Pace pace, long most) {
        try {
            long made = 0;
            while (made < most && !stop.await(pace.untilNext().toNanos(), TimeUnit.NANOSECONDS) && failure == null) {
                int due = (int) Math.min(pace.due(), most - made);
                for (int i = 0; i < due && stop.getCount() > 0; i++) {
                    for (SimulatedUsers.Event event : users.next()) {
                        send(event);
                    }
                }
                made += due;
                pace.done(due);
            }
            producer.flush();
        } catch (InterruptedException e) {
            stop.countDown();
        } catch (KafkaException e) { // a topic that may not be written to
            failure = e;
        }
    }

    /** Kafka's producer tries each record for ever; what waits for it is bounded here, and said. */
    private void send(SimulatedUsers.Event event) throws InterruptedException {
        while (!waiting.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
            progress.accept("waiting for Kafka at " + bootstrap);
            if (stop.getCount() == 0 || failure != null) {
                return;
            }
        }
        var unused = producer.send(new ProducerRecord<>(topic, event.key(), event.value()), (metadata, error) -> {
            waiting.release();
            if (error != null) {
                failure = error;
            } else if (event.value() != null) {
                acknowledged.incrementAndGet();
            }
        });
    }

    /** Changes that the broker has. */
    public long changes() {
        return acknowledged.get();
    }

    /**
     * Whether it still has something to do.
     *
     * @throws UnreachableException if the broker has refused an event
     */
    public boolean isRunning() {
        Exception failed = failure;
        if (failed != null) {
            throw unreachable(bootstrap, topic, failed);
        }
        return thread != null && thread.isAlive();
    }

    /** Stops, and waits for what is under way. */
    @Override
    public void close() {
        stop.countDown();
        try {
            if (thread != null) {
                thread.join(PATIENCE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(Duration.ofMillis(PATIENCE_MILLIS));
    }
}
