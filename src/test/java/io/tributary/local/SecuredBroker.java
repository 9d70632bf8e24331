package io.tributary.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** A broker that takes clients with TLS and a password (SASL_SSL, SCRAM-SHA-512), and, for the test itself, any at another port. */
public final class SecuredBroker implements AutoCloseable {
    /** Of the key store and the trust store, which is the same file. */
    public static final String STORE_PASSWORD = "of-the-store";

    private final KafkaBroker broker;
    private final int port;

    /** A certificate of 127.0.0.1 with its key: PKCS12. */
    public final Path store;

    private SecuredBroker(KafkaBroker broker, int port, Path store) {
        this.broker = broker;
        this.port = port;
        this.store = store;
    }

    /** @param ports where the search for free ports begins */
    public static SecuredBroker start(Path folder, int ports) throws Exception {
        Path store = certificate(folder.resolve("keys.p12"), "127.0.0.1");
        int plain = Ports.free(ports);
        int secured = Ports.free(plain + 1);
        int controller = Ports.free(secured + 1);
        KafkaBroker broker = KafkaBroker.start(
                folder.resolve("kafka"),
                plain,
                controller,
                Map.ofEntries(
                        Map.entry(
                                "listeners",
                                "PLAINTEXT://127.0.0.1:%d,SASL_SSL://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
                                        .formatted(plain, secured, controller)),
                        Map.entry(
                                "advertised.listeners",
                                "PLAINTEXT://127.0.0.1:%d,SASL_SSL://127.0.0.1:%d".formatted(plain, secured)),
                        Map.entry(
                                "listener.security.protocol.map",
                                "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT"),
                        Map.entry("sasl.enabled.mechanisms", "SCRAM-SHA-512"),
                        Map.entry(
                                "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config",
                                "org.apache.kafka.common.security.scram.ScramLoginModule required;"),
                        Map.entry("ssl.keystore.location", store.toString()),
                        Map.entry("ssl.keystore.password", STORE_PASSWORD),
                        Map.entry("ssl.keystore.type", "PKCS12")));
        return new SecuredBroker(broker, secured, store);
    }

    /** Makes a key store with a certificate that the key signed itself. */
    public static Path certificate(Path store, String address) throws IOException, InterruptedException {
        Files.createDirectories(store.getParent());
        Process keytool = new ProcessBuilder(List.of(
                        System.getProperty("java.home") + "/bin/keytool",
                        "-genkeypair",
                        "-alias",
                        "broker",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + address,
                        "-ext",
                        "san=ip:" + address,
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        STORE_PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(new File(store + ".log"))
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool: " + Files.readString(Path.of(store + ".log")));
        }
        return store;
    }

    /** Makes a user who may do all: no ACLs are asked for. */
    public void user(String name, String password) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", open()))) {
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                            name, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), password)))
                    .all()
                    .get();
        }
    }

    /** Writes creates of {@code public.t} to a topic of one partition, and one record that is no JSON. */
    public void fill(String topic, int from, int to, int broken) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", open()), new StringSerializer(), new StringSerializer())) {
            for (int i = from; i < to; i++) {
                String row = "{\"before\":null,\"after\":{\"id\":" + i
                        + ",\"email\":\"a@b\"},\"source\":{\"ts_ms\":1750000000000,\"schema\":\"public\",\"table\":\"t\"},\"op\":\"c\"}";
                producer.send(new ProducerRecord<>(topic, "{\"id\":" + i + "}", i == broken ? "no JSON" : row))
                        .get();
            }
        }
    }

    public void create(String topic) throws Exception {
        TestTopics.create(open(), TestTopics.topic(topic, 1));
    }

    /** Where anybody may come in. */
    public String open() {
        return broker.bootstrap();
    }

    /** Where TLS and a login are asked for. */
    public String secured() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        broker.close();
    }
}
