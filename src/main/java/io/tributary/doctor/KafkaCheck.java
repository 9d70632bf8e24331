package io.tributary.doctor;

import io.tributary.doctor.Finding.Level;
import io.tributary.flow.Shown;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** The brokers, the topics, and what is in them. */
final class KafkaCheck {
    private static final int PATIENCE_MILLIS = 5_000;
    private static final long OPEN_SECONDS = 10;
    private static final long LONG_OPEN_SECONDS = 30;
    private static final long HOUR = 3_600_000;
    private static final long SHORT_RETENTION = 24 * HOUR;

    private final Map<String, String> kafka;
    private final String topics;
    private final String flink;
    private final Positions positions;

    KafkaCheck(Map<String, String> kafka, String topics, String flink, Positions positions) {
        this.positions = positions;
        this.kafka = kafka;
        this.topics = topics;
        this.flink = flink;
    }

    void look(Findings to) {
        String bootstrap = kafka.getOrDefault("bootstrap.servers", "");
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.put("default.api.timeout.ms", PATIENCE_MILLIS);
        settings.put("request.timeout.ms", PATIENCE_MILLIS);
        Pattern pattern = Pattern.compile(topics);
        try (Admin admin = Admin.create(settings)) {
            int brokers = admin.describeCluster().nodes().get().size();
            to.ok("Kafka at " + bootstrap + ", " + brokers + (brokers == 1 ? " broker" : " brokers"));
            List<String> names = admin.listTopics().names().get().stream()
                    .filter(name -> pattern.matcher(name).matches())
                    .sorted()
                    .toList();
            if (names.isEmpty()) {
                to.wrong(
                        "no topic matches " + topics,
                        "the connector makes them with a table's first record (check --component debezium); or mend source.topics");
                return;
            }
            partitions(admin.describeTopics(names).allTopicNames().get().values(), to);
            retention(admin, names, to);
            positions.ofJob(to);
            try {
                transactions(admin, names, to);
            } catch (ExecutionException e) { // brokers before 3.0 list none
                to.warning("transactions cannot be listed: " + Shown.message(e), "Kafka 3.0 or later tells them");
            }
            for (TopicSample sample : Sampler.sample(kafka, pattern)) {
                sample.look(to);
            }
        } catch (ExecutionException | KafkaException e) {
            Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            to.wrong(
                    "Kafka at " + bootstrap + " does not answer: " + Shown.message(cause),
                    "start it, or say where it is: --bootstrap or KAFKA_BOOTSTRAP, or --config with its properties");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            to.wrong("interrupted", "look again");
        }
    }

    private static void partitions(Collection<TopicDescription> topics, Findings to) {
        int partitions =
                topics.stream().mapToInt(topic -> topic.partitions().size()).sum();
        to.ok("%d topics with %d partitions".formatted(topics.size(), partitions));
        for (TopicDescription topic : topics) {
            topic.partitions().stream()
                    .filter(partition ->
                            partition.leader() == null || partition.leader().isEmpty())
                    .forEach(partition -> to.wrong(
                            "topic " + topic.name() + ", partition " + partition.partition()
                                    + " has no leader: it cannot be read",
                            "start its broker"));
        }
    }

    /** Nobody reads what comes behind a transaction that stays open. */
    private static void transactions(Admin admin, List<String> names, Findings to)
            throws ExecutionException, InterruptedException {
        long now = System.currentTimeMillis();
        List<String> open = admin
                .listTransactions(new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING)))
                .all()
                .get()
                .stream()
                .map(TransactionListing::transactionalId)
                .toList();
        for (Map.Entry<String, KafkaFuture<TransactionDescription>> of : open.stream()
                .collect(Collectors.toMap(
                        id -> id, id -> admin.describeTransactions(List.of(id)).description(id)))
                .entrySet()) {
            TransactionDescription transaction;
            try {
                transaction = of.getValue().get();
            } catch (ExecutionException e) {
                continue; // it has ended meanwhile
            }
            List<String> held = transaction.topicPartitions().stream()
                    .filter(partition -> names.contains(partition.topic()))
                    .map(TopicPartition::toString)
                    .sorted()
                    .toList();
            long seconds = (now - transaction.transactionStartTimeMs().orElse(now)) / 1000;
            if (!held.isEmpty() && seconds > OPEN_SECONDS) {
                to.add(
                        seconds > LONG_OPEN_SECONDS ? Level.WRONG : Level.WARNING,
                        "the transaction of '%s' (producer %d) is open for %d s: nobody reads what came to %s after it began"
                                .formatted(of.getKey(), transaction.producerId(), seconds, held),
                        "end it in its program, or kafka-transactions.sh abort --topic … --partition … --start-offset …; the broker"
                                + " ends it after %d s".formatted(transaction.transactionTimeoutMs() / 1000));
            }
        }
    }

    /** What the job has not read yet, or would have to read again from its newest checkpoint, must still be there. */
    private void retention(Admin admin, List<String> names, Findings to)
            throws ExecutionException, InterruptedException {
        List<ConfigResource> resources = names.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        List<String> compacted = new ArrayList<>();
        long shortest = Long.MAX_VALUE;
        String of = "";
        for (Map.Entry<ConfigResource, Config> config :
                admin.describeConfigs(resources).all().get().entrySet()) {
            String name = config.getKey().name();
            String policy = value(config.getValue(), "cleanup.policy", "delete");
            if (policy.contains("compact") && !name.startsWith("__debezium-heartbeat")) {
                compacted.add(name);
            }
            long retention = Long.parseLong(value(config.getValue(), "retention.ms", "-1"));
            if (policy.contains("delete") && retention >= 0 && retention < shortest) {
                shortest = retention;
                of = name;
            }
        }
        for (String name : compacted) {
            to.warning(
                    "topic " + name + " is compacted: changes between two readings may be lost from the history",
                    "kafka-configs.sh --alter --topic " + name + " --add-config cleanup.policy=delete");
        }
        long age = checkpointAge();
        if (shortest < Long.MAX_VALUE && age > shortest * 8 / 10) {
            to.wrong(
                    "the newest checkpoint is %d h old, and %s keeps records for %d h: what the job needs to go on is about to be lost"
                            .formatted(age / HOUR, of, shortest / HOUR),
                    "start the job now, or raise retention.ms");
        } else if (shortest < SHORT_RETENTION) {
            to.warning(
                    "topic " + of + " keeps records for " + shortest / HOUR
                            + " h only: a job that is down for longer must start anew",
                    "kafka-configs.sh --alter --topic " + of + " --add-config retention.ms=604800000");
        } else {
            to.ok("records are kept "
                    + (shortest == Long.MAX_VALUE ? "for ever" : "for " + shortest / HOUR + " h or longer"));
        }
    }

    private static String value(Config config, String name, String otherwise) {
        return config.get(name) == null || config.get(name).value() == null
                ? otherwise
                : config.get(name).value();
    }

    /** In milliseconds; 0 where there is none, or no Flink that answers: that is said elsewhere. */
    private long checkpointAge() {
        FlinkRest rest = new FlinkRest(flink);
        try {
            long newest = 0;
            for (var job : rest.jobs()) {
                newest = Math.max(newest, rest.newestCheckpoint(job.path("jid").asText()));
            }
            return newest == 0 ? 0 : System.currentTimeMillis() - newest;
        } catch (IOException | IllegalArgumentException e) {
            return 0;
        }
    }
}
