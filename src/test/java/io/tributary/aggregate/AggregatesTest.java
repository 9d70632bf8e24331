package io.tributary.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Harness;
import io.tributary.Pipeline;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.lake.LakeReader;
import io.tributary.local.SharedFlink;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random changes of two tables through the job: the aggregates are what a fold of the rows that are left says. */
@Harness
class AggregatesTest {
    private static final int EVENTS = 20_000;
    private static final String[] COUNTRIES = {"PL", "DE", "FR", "NO"};

    @TempDir
    Path folder;

    private record Customer(long id, @Nullable String country) {}

    private record Order(long id, long customer, @Nullable BigDecimal total, String status) {}

    private final Map<Long, Customer> customers = new TreeMap<>();
    private final Map<Long, Order> orders = new TreeMap<>();
    /** Changes of orders by the minute. */
    private final Map<Long, Long> minutes = new TreeMap<>();

    private final StringBuilder customerEvents = new StringBuilder();
    private final StringBuilder orderEvents = new StringBuilder();
    private long sequence;

    private static @Nullable Customer customer(Random random, long id) {
        return new Customer(id, random.nextInt(10) == 0 ? null : COUNTRIES[random.nextInt(COUNTRIES.length)]);
    }

    private static Order order(Random random, long id) {
        return new Order(
                id,
                random.nextInt(60),
                random.nextInt(10) == 0 ? null : BigDecimal.valueOf(random.nextInt(100_000), 2),
                random.nextBoolean() ? "completed" : "pending");
    }

    private static String json(@Nullable Object row) {
        if (row instanceof Customer c) {
            return "{\"id\":%d,\"country\":%s}".formatted(c.id, c.country == null ? "null" : '"' + c.country + '"');
        }
        if (row instanceof Order o) {
            return "{\"id\":%d,\"customer_id\":%d,\"total\":%s,\"status\":\"%s\"}"
                    .formatted(
                            o.id, o.customer, o.total == null ? "null" : '"' + o.total.toPlainString() + '"', o.status);
        }
        return "null";
    }

    private void event(StringBuilder to, String table, String op, long id, @Nullable Object after) {
        sequence++;
        long millis = 1_750_000_000_000L + sequence * 20;
        to.append("""
                {"topic":"cdc.s.%s","timestamp":null,"key":%s,"value":{"before":null,"after":%s,"source":{"ts_ms":%d,"schema":"s","table":"%s","snapshot":"false","sequence":"[\\"%d\\",\\"%d\\"]","txId":%d},"op":"%s","ts_ms":%d}}
                """.formatted(
                        table,
                        op.equals("t") ? "null" : "{\"id\":" + id + "}",
                        json(after),
                        millis,
                        table,
                        sequence,
                        sequence,
                        sequence,
                        op,
                        millis));
        if (table.equals("orders") && !op.equals("t")) {
            minutes.merge(millis - millis % 60_000, 1L, Long::sum);
        }
    }

    private <T> void change(
            Random random, Map<Long, T> rows, String table, StringBuilder to, long ids, Function<Long, T> make) {
        long id = random.nextLong(ids);
        T before = rows.get(id);
        if (before != null && random.nextInt(3) == 0) {
            rows.remove(id);
            event(to, table, "d", id, null);
        } else {
            T after = make.apply(id);
            rows.put(id, after);
            event(to, table, before == null ? "c" : "u", id, after);
        }
    }

    private void record(long seed) throws IOException {
        Random random = new Random(seed);
        for (int i = 0; i < EVENTS; i++) {
            if (i == EVENTS / 2) {
                orders.clear();
                event(orderEvents, "orders", "t", 0, null);
            } else if (random.nextInt(5) == 0) {
                change(random, customers, "customers", customerEvents, 50, id -> customer(random, id));
            } else {
                change(random, orders, "orders", orderEvents, 500, id -> order(random, id));
            }
        }
        Files.writeString(folder.resolve("customers.jsonl"), customerEvents);
        Files.writeString(folder.resolve("orders.jsonl"), orderEvents);
    }

    private void run() throws Exception {
        PipelineConfig config = PipelineFile.parse("""
                name: test
                source: {file: '%1$s/*.jsonl'}
                tables:
                  s.orders: {key: [id], types: {total: "decimal(12,2)"}, buckets: 4}
                aggregates:
                  by-status: {table: s.orders, group-by: status, count: true, sum: total, avg: total, min: total, max: total, count-distinct: customer_id}
                  none: {table: s.orders, count: true, sum: total, where: {total: {min: 100000}}}
                  all: {table: s.orders, count: true, where: {total: {min: 100}}}
                  revenue: {table: s.orders, join: {table: s.customers, on: {customer_id: id}}, group-by: [customers.country], sum: [total], count: true, where: {status: {in: [completed]}}}
                  per-minute: {table: s.orders, window: 1m, keep: 1000h, count: true}
                  recent: {table: s.orders, window: 1m, keep: 2m, count: true}
                sinks: {lake: {path: '%1$s/lake', current: {every: never}}}
                """.formatted(folder), Map.of(), Map.of());
        Configuration flink = new Configuration();
        flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(50));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2, flink);
        Pipeline.build(env, config, true);
        SharedFlink.run(env);
    }

    private List<String> result(String aggregate, String... columns) throws IOException {
        List<String> rows = new ArrayList<>();
        new LakeReader("file:" + folder.resolve("lake")).aggregates().forEach(new TableName("", aggregate), row -> {
            List<String> values = new ArrayList<>();
            for (String column : columns) {
                Object value = row.get(column);
                values.add(value instanceof BigDecimal number ? plain(number) : String.valueOf(value));
            }
            rows.add(String.join(" ", values));
        });
        rows.sort(Comparator.naturalOrder());
        return rows;
    }

    private static String plain(@Nullable BigDecimal number) {
        return number == null ? "null" : number.stripTrailingZeros().toPlainString();
    }

    private List<String> byStatus() {
        Map<String, List<Order>> groups = orders.values().stream().collect(Collectors.groupingBy(Order::status));
        List<String> rows = new ArrayList<>();
        groups.forEach((status, all) -> {
            List<BigDecimal> totals =
                    all.stream().map(Order::total).filter(Objects::nonNull).toList();
            BigDecimal sum = totals.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
            Set<Long> distinct = new HashSet<>();
            all.forEach(order -> distinct.add(order.customer));
            rows.add(String.join(
                    " ",
                    status,
                    String.valueOf(all.size()),
                    plain(sum),
                    plain(sum.divide(BigDecimal.valueOf(totals.size()), 8, RoundingMode.HALF_UP)),
                    plain(totals.stream().min(Comparator.naturalOrder()).orElse(null)),
                    plain(totals.stream().max(Comparator.naturalOrder()).orElse(null)),
                    String.valueOf(distinct.size())));
        });
        rows.sort(Comparator.naturalOrder());
        return rows;
    }

    private List<String> revenue() {
        Map<String, List<Order>> groups = orders.values().stream()
                .filter(order -> order.status.equals("completed") && customers.containsKey(order.customer))
                .collect(Collectors.groupingBy(
                        order -> String.valueOf(Objects.requireNonNull(customers.get(order.customer)).country)));
        List<String> rows = new ArrayList<>();
        groups.forEach((country, all) -> {
            List<BigDecimal> totals =
                    all.stream().map(Order::total).filter(Objects::nonNull).toList();
            rows.add(country + " " + all.size() + " "
                    + (totals.isEmpty() ? "null" : plain(totals.stream().reduce(BigDecimal.ZERO, BigDecimal::add))));
        });
        rows.sort(Comparator.naturalOrder());
        return rows;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aggregatesAreThoseOfTheRowsThatAreLeft(long seed) throws Exception {
        record(seed);

        run();

        assertThat(result(
                        "by-status",
                        "status",
                        "count",
                        "sum_total",
                        "avg_total",
                        "min_total",
                        "max_total",
                        "distinct_customer_id"))
                .isEqualTo(byStatus())
                .hasSize(2);
        assertThat(result("all", "count"))
                .containsExactly(String.valueOf(orders.values().stream()
                        .filter(order -> order.total != null && order.total.compareTo(BigDecimal.valueOf(100)) >= 0)
                        .count()));
        assertThat(result("none", "count", "sum_total")).containsExactly("0 null");
        assertThat(result("revenue", "country", "count", "sum_total"))
                .isEqualTo(revenue())
                .hasSize(5);
        List<String> windows = new ArrayList<>();
        minutes.forEach((start, count) -> windows.add(start * 1000 + " " + count));
        assertThat(result("per-minute", "window_start", "count"))
                .isEqualTo(windows)
                .hasSizeGreaterThan(5);
        assertThat(result("recent", "window_start", "count"))
                .as("older windows are not kept")
                .isEqualTo(windows.subList(windows.size() - 3, windows.size()));
    }
}
