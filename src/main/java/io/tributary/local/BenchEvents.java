package io.tributary.local;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Events as Debezium writes them for a table of 12 columns, about 750 bytes, and a schema block of 3,500: 200,000
 * keys, every other event an update.
 */
public final class BenchEvents {
    /** The topic. */
    public static final String TOPIC = "cdc.public.transactions";

    /** The columns, in their order; the first is the key. */
    public static final List<String> COLUMNS = List.of(
            "transaction_id",
            "user_id",
            "timestamp",
            "amount",
            "currency",
            "city",
            "country",
            "merchant_name",
            "payment_method",
            "ip_address",
            "voucher_code",
            "affiliateId");

    private static final int KEYS = 200_000;
    private static final int PARTITIONS = 4;
    private static final long START_MILLIS = 1_750_000_000_000L;
    private static final String[] CITIES = {"Oslo", "Roma", "Madrid", "Gdańsk", "Lyon", "Porto", "Wien", "Brno"};
    private static final String[] COUNTRIES = {"Norway", "Italy", "Spain", "Poland", "France", "Portugal", "Austria"};
    private static final String[] METHODS = {"credit_card", "debit_card", "bank_transfer", "wallet"};
    private static final String[] CURRENCIES = {"EUR", "USD", "NOK", "PLN"};

    /** What Debezium's block says after the columns. */
    private static final String SOURCE_SCHEMA = """
            {"type":"struct","fields":[
            {"type":"string","optional":false,"field":"version"},
            {"type":"string","optional":false,"field":"connector"},
            {"type":"string","optional":false,"field":"name"},
            {"type":"int64","optional":false,"field":"ts_ms"},
            {"type":"string","optional":true,"name":"io.debezium.data.Enum","version":1,"parameters":{"allowed":"true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"},"default":"false","field":"snapshot"},
            {"type":"string","optional":false,"field":"db"},
            {"type":"string","optional":true,"field":"sequence"},
            {"type":"int64","optional":true,"field":"ts_us"},
            {"type":"int64","optional":true,"field":"ts_ns"},
            {"type":"string","optional":false,"field":"schema"},
            {"type":"string","optional":false,"field":"table"},
            {"type":"int64","optional":true,"field":"txId"},
            {"type":"int64","optional":true,"field":"lsn"},
            {"type":"int64","optional":true,"field":"xmin"},
            {"type":"string","optional":true,"field":"origin"},
            {"type":"int64","optional":true,"field":"origin_lsn"}],"optional":false,"name":"io.debezium.connector.postgresql.Source","version":1,"field":"source"},
            {"type":"struct","fields":[
            {"type":"string","optional":false,"field":"id"},
            {"type":"int64","optional":false,"field":"total_order"},
            {"type":"int64","optional":false,"field":"data_collection_order"}],"optional":true,"name":"event.block","version":1,"field":"transaction"},
            {"type":"string","optional":false,"field":"op"},
            {"type":"int64","optional":true,"field":"ts_ms"},
            {"type":"int64","optional":true,"field":"ts_us"},
            {"type":"int64","optional":true,"field":"ts_ns"}""".replace("\n", "");

    private final String keyStart;
    private final String keyEnd;
    private final String valueStart;
    private final String valueEnd;
    private final Random random = new Random(7);
    private final StringBuilder text = new StringBuilder(4096);

    private BenchEvents(boolean schema) {
        keyStart = schema ? "{\"schema\":" + keySchema() + ",\"payload\":" : "";
        keyEnd = schema ? "}" : "";
        valueStart = schema ? "{\"schema\":" + valueSchema() + ",\"payload\":" : "";
        valueEnd = schema ? "}" : "";
    }

    /**
     * Writes events to a new topic.
     *
     * @param progress is told now and then how many there are
     */
    public static void write(String bootstrap, long events, boolean schema, LongConsumer progress)
            throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
        BenchEvents made = new BenchEvents(schema);
        AtomicLong failures = new AtomicLong();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap, "linger.ms", 20, "batch.size", 262_144, "acks", "1"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (long i = 0; i < events; i++) {
                int key = made.random.nextInt(KEYS);
                int partition = Math.floorMod(key * 31, PARTITIONS);
                var unused = producer.send(
                        new ProducerRecord<>(TOPIC, partition, made.key(key), made.value(i, key)), (sent, failure) -> {
                            if (failure != null) {
                                failures.incrementAndGet();
                            }
                        });
                if (i % 100_000 == 0) {
                    progress.accept(i);
                }
            }
            producer.flush();
        }
        if (failures.get() > 0) {
            throw new IllegalStateException(failures + " events could not be written");
        }
        progress.accept(events);
    }

    /** The first events, for a benchmark without Kafka: key and value of each. */
    public static void sample(int events, boolean schema, BiConsumer<byte[], byte[]> to) {
        BenchEvents made = new BenchEvents(schema);
        for (int i = 0; i < events; i++) {
            int key = made.random.nextInt(KEYS);
            to.accept(made.key(key), made.value(i, key));
        }
    }

    private byte[] key(int key) {
        text.setLength(0);
        text.append(keyStart).append("{\"transaction_id\":\"");
        id(key);
        return bytes(text.append("\"}").append(keyEnd));
    }

    private void id(int key) {
        String hex = Integer.toHexString(key);
        text.append("7f1d0c2e-55aa-4c3b-9e21-0000")
                .append("00000000", 0, 8 - hex.length())
                .append(hex);
    }

    /** One method, since it is one text, in its order. */
    private byte[] value(long i, int key) {
        boolean update = i % 2 == 1;
        long millis = START_MILLIS + i * 2;
        long lsn = 24_000_000L + i * 56;
        int user = random.nextInt(20_000);
        text.setLength(0);
        text.append(valueStart).append("{\"before\":null,\"after\":{\"transaction_id\":\"");
        id(key);
        text.append("\",\"user_id\":\"user-").append(user);
        text.append("\",\"timestamp\":\"2025-06-15T15:")
                .append(10 + i / 60 % 50)
                .append(':')
                .append(10 + i % 50)
                .append('.')
                .append(100_000 + random.nextInt(900_000))
                .append("Z\",\"amount\":\"")
                .append(1 + random.nextInt(999))
                .append('.')
                .append(10 + random.nextInt(90))
                .append("\",\"currency\":\"")
                .append(CURRENCIES[user % CURRENCIES.length])
                .append("\",\"city\":\"")
                .append(CITIES[user % CITIES.length])
                .append("\",\"country\":\"")
                .append(COUNTRIES[user % COUNTRIES.length])
                .append("\",\"merchant_name\":\"Merchant ")
                .append(user % 997)
                .append(" Ltd\",\"payment_method\":\"")
                .append(METHODS[user % METHODS.length])
                .append("\",\"ip_address\":\"10.")
                .append(user % 256)
                .append('.')
                .append(random.nextInt(256))
                .append('.')
                .append(random.nextInt(256))
                .append("\",\"voucher_code\":")
                .append(user % 3 == 0 ? "\"SAVE" + user % 50 + "\"" : "null")
                .append(",\"affiliateId\":\"")
                .append(Integer.toHexString(user * 7919))
                .append(
                        "\"},\"source\":{\"version\":\"3.7.0.Final\",\"connector\":\"postgresql\",\"name\":\"cdc\",\"ts_ms\":")
                .append(millis)
                .append(",\"snapshot\":\"false\",\"db\":\"tributary\",\"sequence\":\"[\\\"")
                .append(lsn - 56)
                .append("\\\",\\\"")
                .append(lsn)
                .append("\\\"]\",\"ts_us\":")
                .append(millis)
                .append("123,\"ts_ns\":")
                .append(millis)
                .append("123000,\"schema\":\"public\",\"table\":\"transactions\",\"txId\":")
                .append(700 + i / 10)
                .append(",\"lsn\":")
                .append(lsn)
                .append(",\"xmin\":null,\"origin\":null,\"origin_lsn\":null},\"transaction\":null,\"op\":\"")
                .append(update ? 'u' : 'c')
                .append("\",\"ts_ms\":")
                .append(millis + 40)
                .append(",\"ts_us\":")
                .append(millis + 40)
                .append("456,\"ts_ns\":")
                .append(millis + 40)
                .append("456000}");
        return bytes(text.append(valueEnd));
    }

    private static byte[] bytes(StringBuilder text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String keySchema() {
        return "{\"type\":\"struct\",\"fields\":[{\"type\":\"string\",\"optional\":false,\"field\":\"transaction_id\"}],"
                + "\"optional\":false,\"name\":\"" + TOPIC + ".Key\"}";
    }

    private static String valueSchema() {
        List<String> columns = new ArrayList<>();
        for (String name : COLUMNS) {
            columns.add(column(name));
        }
        String row = "{\"type\":\"struct\",\"fields\":[" + String.join(",", columns) + "],\"optional\":true,\"name\":\""
                + TOPIC + ".Value\",\"field\":\"";
        return "{\"type\":\"struct\",\"fields\":[" + row + "before\"}," + row + "after\"}," + SOURCE_SCHEMA
                + "],\"optional\":false,\"name\":\"" + TOPIC + ".Envelope\",\"version\":2}";
    }

    private static String column(String name) {
        boolean time = name.equals("timestamp");
        boolean amount = name.equals("amount");
        String source = amount
                ? "\"parameters\":{\"__debezium.source.column.type\":\"NUMERIC\",\"__debezium.source.column.length\":\"12\","
                        + "\"__debezium.source.column.scale\":\"2\"},"
                : "";
        return "{\"type\":\"string\",\"optional\":true,"
                + (time ? "\"name\":\"io.debezium.time.ZonedTimestamp\",\"version\":1," : "")
                + source
                + "\"field\":\"" + name + "\"}";
    }
}
