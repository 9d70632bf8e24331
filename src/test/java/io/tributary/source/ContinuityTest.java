package io.tributary.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tributary.Preflight;
import io.tributary.Server;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.doctor.Doctor;
import io.tributary.doctor.Finding;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.UnreachableException;
import io.tributary.lake.LakeReader;
import io.tributary.local.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.util.FileUtils;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka no longer has what the job would read, or has another topic of the name: the job says so, and goes on nowhere. */
@Server
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ContinuityTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static int tests;

    @TempDir
    static Path shared;

    private static TestCluster cluster;
    private static Admin admin;

    @TempDir
    Path folder;

    private String table;
    private String topic;

    @BeforeAll
    static void start() throws Exception {
        cluster = TestCluster.start(shared.resolve("kafka"), 29792, 1);
        admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()));
    }

    @AfterAll
    static void stop() throws Exception {
        admin.close();
        cluster.close();
    }

    @BeforeEach
    void create() throws Exception {
        table = "t" + ++tests;
        topic = "gap.public." + table;
        cluster.create(List.of(topic));
    }

    @AfterEach
    void cancel() throws Exception {
        for (JobStatusMessage job : cluster.flink().listJobs().get()) {
            if (!job.getJobState().isGloballyTerminalState()) {
                cluster.cancel(job.getJobId());
            }
        }
    }

    private PipelineConfig config(String more) {
        return PipelineFile.parse(
                """
                name: %1$s
                source: {bootstrap: '%2$s', topics: 'gap\\.public\\.%1$s(_.*)?'%4$s}
                sinks: {lake: {path: '%3$s'}}
                """.formatted(table, cluster.bootstrap(), folder.resolve("lake"), more), Map.of(), Map.of());
    }

    private JobID submit(@Nullable String savepoint) throws Exception {
        return submit(savepoint, "");
    }

    private JobID submit(@Nullable String savepoint, String more) throws Exception {
        return cluster.submit(
                config(more),
                1,
                savepoint == null ? SavepointRestoreSettings.none() : SavepointRestoreSettings.forPath(savepoint));
    }

    /** Creates of rows with these ids. */
    private void send(String to, int from, int toId) throws Exception {
        send(to, from, toId, Map.of());
    }

    private void send(String to, int from, int toId, Map<String, Object> settings) throws Exception {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("bootstrap.servers", cluster.bootstrap());
        List<Future<RecordMetadata>> sends = new ArrayList<>();
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(all, new StringSerializer(), new StringSerializer())) {
            boolean isTransactional = settings.containsKey("transactional.id");
            if (isTransactional) {
                producer.initTransactions();
                producer.beginTransaction();
            }
            for (int id = from; id < toId; id++) {
                String value =
                        "{\"before\":null,\"after\":{\"id\":%1$d},\"source\":{\"ts_ms\":1750000000000,\"schema\":\"public\",\"table\":\"%2$s\",\"snapshot\":\"false\",\"sequence\":\"[\\\"%3$d\\\",\\\"%3$d\\\"]\",\"txId\":%3$d},\"op\":\"c\",\"ts_ms\":1}"
                                .formatted(id, to.substring(to.lastIndexOf('.') + 1), id + 1);
                sends.add(producer.send(new ProducerRecord<>(to, 0, "{\"id\":" + id + "}", value)));
            }
            if (isTransactional) {
                producer.commitTransaction();
            }
            for (Future<RecordMetadata> sent : sends) {
                sent.get();
            }
        }
    }

    private List<Integer> ids() throws IOException {
        return ids(table);
    }

    private List<Integer> ids(String of) throws IOException {
        List<Integer> ids = new ArrayList<>();
        LakeReader lake = new LakeReader("file:" + folder.resolve("lake"));
        if (Files.exists(
                folder.resolve("lake/raw-kafka-data/public." + of + "/_delta_log/00000000000000000000.json"))) {
            lake.forEach(new TableName("public", of), row -> ids.add(Integer.parseInt(String.valueOf(row.get("id")))));
        }
        ids.sort(null);
        return ids;
    }

    private static List<Integer> range(int from, int to) {
        return java.util.stream.IntStream.range(from, to).boxed().toList();
    }

    private void awaitIds(int count) {
        await().atMost(SOON).until(() -> ids().size() >= count);
    }

    private void recreate() throws Exception {
        recreate(1);
    }

    private void recreate(int partitions) throws Exception {
        cluster.recreate(topic, partitions);
    }

    private void deleteBefore(long offset) throws Exception {
        admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(offset)))
                .all()
                .get();
    }

    /** The job ends by itself, and what it says of it. */
    private static String failure(JobID job) throws Exception {
        JobResult result = cluster.flink().requestJobResult(job).get(SOON.toSeconds(), TimeUnit.SECONDS);
        Throwable cause =
                result.getSerializedThrowable().orElseThrow().deserializeError(ContinuityTest.class.getClassLoader());
        List<String> messages = new ArrayList<>();
        for (Throwable each = cause; each != null; each = each.getCause()) {
            messages.add(String.valueOf(each.getMessage()));
        }
        return messages.get(messages.size() - 1);
    }

    @Test
    void aTopicThatIsMadeAnewUnderTheJobEndsIt() throws Exception {
        JobID job = submit(null);
        send(topic, 0, 20);
        awaitIds(20);
        recreate();
        send(topic, 100, 150);

        assertThat(failure(job)).contains("the topic " + topic + " is another", "deleted and made anew");
        assertThat(ids()).isEqualTo(range(0, 20));
    }

    @Test
    void aTopicThatWasMadeAnewMeanwhileIsNotGoneOnWith() throws Exception {
        JobID job = submit(null);
        send(topic, 0, 20);
        awaitIds(20);
        String savepoint = cluster.stop(job, folder.resolve("savepoints"));
        recreate();
        send(topic, 100, 150);

        assertThat(failure(submit(savepoint))).contains("deleted and made anew");
        assertThat(failure(submit(savepoint, ", on-gap: continue"))).contains("deleted and made anew");
        assertThatThrownBy(() -> Preflight.check(config(""), true)) // nor by a job without state
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("has rows of an earlier topic " + topic);
        assertThat(ids()).isEqualTo(range(0, 20));
    }

    /** Its new partitions are of the new topic, and known as such. */
    @Test
    void aTopicThatIsMadeAnewWithMorePartitionsEndsTheJob() throws Exception {
        JobID job = submit(null);
        send(topic, 0, 20);
        awaitIds(20);
        recreate(3);
        send(topic, 100, 150);

        assertThat(failure(job)).contains("deleted and made anew");
        assertThat(ids()).isEqualTo(range(0, 20));
    }

    @Test
    void aTopicThatWasMadeAnewWithFewerPartitionsIsNotGoneOnWith() throws Exception {
        recreate(2);
        JobID job = submit(null);
        send(topic, 0, 20);
        awaitIds(20);
        String savepoint = cluster.stop(job, folder.resolve("savepoints"));
        recreate(1);

        assertThat(failure(submit(savepoint))).contains("deleted and made anew");
    }

    /** The end of a transaction takes one, which retention deletes too. */
    @Test
    void offsetsThatNoRecordHasAreNoGap() throws Exception {
        JobID job = submit(null);
        send(topic, 0, 5, Map.of("transactional.id", table));
        awaitIds(5);
        String savepoint = cluster.stop(job, folder.resolve("savepoints"));
        deleteBefore(6);
        JobID goesOn = submit(savepoint);
        send(topic, 5, 8, Map.of("transactional.id", table));

        awaitIds(8);
        cluster.cancel(goesOn);
        assertThat(ids()).isEqualTo(range(0, 8));
    }

    @Test
    void recordsThatWereDeletedBeforeTheyWereReadEndTheJobOrAreToldOf() throws Exception {
        JobID job = submit(null);
        send(topic, 0, 20);
        awaitIds(20);
        String savepoint = cluster.stop(job, folder.resolve("savepoints"));
        send(topic, 20, 50);
        deleteBefore(40);

        assertThat(failure(submit(savepoint)))
                .contains(topic + "-0 was read up to offset 20, and begins at offset 40", "on-gap: continue");

        JobID goesOn = submit(savepoint, ", on-gap: continue");
        awaitIds(30);
        String after = cluster.stop(goesOn, folder.resolve("savepoints"));
        List<Integer> there = new ArrayList<>(range(0, 20));
        there.addAll(range(40, 50));
        assertThat(ids()).isEqualTo(there);
        assertThat(letters())
                .containsExactly("gap 39 [" + topic
                        + "-0@39] cannot read offsets 20 to 39: Kafka had deleted them before the job came there");

        JobID again = submit(after, ", on-gap: continue"); // it is told once
        send(topic, 50, 60);
        awaitIds(40);
        cluster.cancel(again);
        assertThat(letters()).hasSize(1);
    }

    private List<String> letters() throws IOException {
        List<String> letters = new ArrayList<>();
        new LakeReader("file:" + folder.resolve("lake"))
                .forEach(
                        DeadLetters.TABLE,
                        row -> letters.add(row.get("reason") + " " + row.get("offset") + " " + row.get("detail")));
        return letters;
    }

    @Test
    void aBrokerThatCameBackWithAnOlderCopyEndsTheJob() throws Exception {
        send(topic, 0, 10);
        Path copy = folder.resolve("copy");
        cluster.restartKafka(kafka -> copy(kafka, copy));
        JobID job = submit(null);
        send(topic, 10, 20);
        awaitIds(20);
        cluster.restartKafka(kafka -> {
            FileUtils.deleteDirectory(kafka.toFile());
            copy(copy, kafka);
        });

        assertThat(failure(job)).contains(topic + "-0 was read up to offset 20, and ends at offset 10");
    }

    /** By then it has as many records as were read: only the last of those tells. */
    @Test
    void aBrokerThatCameBackWithAnOlderCopyWhileTheJobWasAway() throws Exception {
        send(topic, 0, 10);
        Path copy = folder.resolve("copy");
        cluster.restartKafka(kafka -> copy(kafka, copy));
        JobID job = submit(null);
        send(topic, 10, 20);
        awaitIds(20);
        String savepoint = cluster.stop(job, folder.resolve("savepoints"));
        cluster.restartKafka(kafka -> {
            FileUtils.deleteDirectory(kafka.toFile());
            copy(copy, kafka);
        });
        send(topic, 100, 150);

        assertThat(failure(submit(savepoint))).contains(topic + "-0 has another record at offset 19");
        assertThat(ids()).isEqualTo(range(0, 20));
    }

    private static void copy(Path from, Path to) throws IOException {
        FileUtils.copy(
                new org.apache.flink.core.fs.Path(from.toUri()), new org.apache.flink.core.fs.Path(to.toUri()), false);
    }

    @Test
    void aTopicThatIsGoneStopsNoOther() throws Exception {
        String other = topic + "_other";
        cluster.create(List.of(other));
        JobID job = submit(null);
        send(topic, 0, 20);
        send(other, 0, 5);
        awaitIds(20);
        admin.deleteTopics(List.of(topic)).all().get();
        send(other, 5, 10);

        await().atMost(SOON).until(() -> ids(table + "_other").size() == 10);
        cluster.cancel(job);
    }

    /** What is not committed is not there yet: a job that ends at what is there does not wait for it. */
    @Test
    void anOpenTransactionHoldsUpNoBoundedJob() throws Exception {
        send(topic, 0, 20);
        Map<String, Object> settings =
                Map.of("bootstrap.servers", cluster.bootstrap(), "transactional.id", "left-open");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, 0, "{\"id\":1}", null)).get();
            JobID job = cluster.submit(config(""), 1, SavepointRestoreSettings.none(), true);

            JobResult result = cluster.flink().requestJobResult(job).get(SOON.toSeconds(), TimeUnit.SECONDS);
            assertThat(result.isSuccess()).isTrue();
            List<Finding> findings = new ArrayList<>();
            await().atMost(SOON).until(() -> {
                findings.clear();
                findings.addAll(Doctor.kafka(Map.of("bootstrap.servers", cluster.bootstrap()), topic));
                return findings.stream().anyMatch(finding -> finding.what().contains("transaction"));
            });
            assertThat(findings)
                    .filteredOn(finding -> finding.what().contains("transaction"))
                    .singleElement()
                    .extracting(Finding::what)
                    .asString()
                    .contains("the transaction of 'left-open' (producer ", topic + "-0");
            producer.abortTransaction();
        }
        assertThat(ids()).isEqualTo(range(0, 20));
    }

    /** The last record is read again at each start, and comes once; transactions leave offsets without records. */
    @Test
    void whatIsAsItWasGoesOnFromSavepointToSavepoint() throws Exception {
        String savepoint = null;
        int sent = 0;
        for (int round = 0; round < 4; round++) {
            JobID job = submit(savepoint);
            if (round != 2) { // in one nothing comes
                send(topic, sent, sent + 5, round == 1 ? Map.of("transactional.id", table) : Map.of());
                sent += 5;
            }
            awaitIds(sent);
            savepoint = cluster.stop(job, folder.resolve("savepoints"));
        }

        assertThat(ids()).isEqualTo(range(0, 15));
    }

    /** It waits where it is, and goes on there. */
    @Test
    void aTopicThatIsTakenOutAndPutInAgain() throws Exception {
        String other = topic + "_other";
        cluster.create(List.of(other));
        JobID job = submit(null);
        send(topic, 0, 20);
        send(other, 0, 5);
        awaitIds(20);
        await().atMost(SOON).until(() -> ids(table + "_other").size() == 5);
        String savepoint = cluster.stop(job, folder.resolve("savepoints"));

        PipelineConfig without = PipelineFile.parse(
                """
                name: %1$s
                source: {bootstrap: '%2$s', topics: 'gap\\.public\\.%1$s'}
                sinks: {lake: {path: '%3$s'}}
                """.formatted(table, cluster.bootstrap(), folder.resolve("lake")), Map.of(), Map.of());
        JobID alone = cluster.submit(without, 1, SavepointRestoreSettings.forPath(savepoint));
        send(other, 5, 10);
        send(topic, 20, 30);
        awaitIds(30);
        savepoint = cluster.stop(alone, folder.resolve("savepoints"));
        assertThat(ids(table + "_other")).isEqualTo(range(0, 5));

        JobID both = submit(savepoint);
        send(topic, 30, 31);
        awaitIds(31);
        await().atMost(SOON).until(() -> ids(table + "_other").size() == 10);
        cluster.cancel(both);
        assertThat(ids(table + "_other")).isEqualTo(range(0, 10));
        assertThat(ids()).isEqualTo(range(0, 31));
    }

    @Test
    void bucketsThatAreOthersThanTheStatesEndTheJob() throws Exception {
        JobID job = submit(null);
        send(topic, 0, 20);
        awaitIds(20);
        String savepoint = cluster.stop(job, folder.resolve("savepoints"));
        PipelineConfig more = PipelineFile.parse(
                """
                name: %1$s
                source: {bootstrap: '%2$s', topics: 'gap\\.public\\.%1$s'}
                tables: {public.%1$s: {buckets: 4}}
                sinks: {lake: {path: '%3$s'}}
                """.formatted(table, cluster.bootstrap(), folder.resolve("lake")), Map.of(), Map.of());

        assertThat(failure(cluster.submit(more, 1, SavepointRestoreSettings.forPath(savepoint))))
                .contains("'tables.public." + table + ".buckets' must stay 1", "got 4");
    }

    @Test
    void aLakeThatIsNotTheSavepointsEndsTheJob() throws Exception {
        JobID job = submit(null);
        send(topic, 0, 20);
        awaitIds(20);
        String savepoint = cluster.stop(job, folder.resolve("savepoints"));
        Files.move(folder.resolve("lake"), folder.resolve("old-lake"));
        send(topic, 20, 30);

        assertThat(failure(submit(savepoint)))
                .contains("it has what is before offset 0 of " + topic + "-0, and the job goes on at offset 20");
        assertThat(ids()).isEmpty();

        JobID fresh = submit(null); // the remedy that it names
        awaitIds(30);
        cluster.cancel(fresh);
        assertThat(ids()).isEqualTo(range(0, 30));
    }
}
