package io.tributary.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.config.PipelineFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each setting that names a table or a column, mistyped. */
@Pure
class TopicNamesTest {
    private static final List<TopicSample> SAMPLES = samples();

    private static List<TopicSample> samples() {
        List<TopicSample> samples = new ArrayList<>();
        for (String table : List.of("orders", "customers")) {
            TopicSample sample = new TopicSample("cdc.shop." + table);
            sample.add("{\"id\":1}".getBytes(StandardCharsets.UTF_8), """
                    {"before":null,"after":{"id":1,"amount":"5","status":"new","currency":"EUR"},
                     "source":{"schema":"shop","table":"%s"},"op":"c"}""".formatted(table)
                    .getBytes(StandardCharsets.UTF_8));
            samples.add(sample);
        }
        return samples;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `tables: {shop.orders: {key: [id], rules: {amount: {min: 0}}, types: {amount: text}, columns: {status: mask}}}` |
            `tables: {shop.order: {buckets: 4}}`                      | 'tables.shop.order' names the table 'shop.order', which no topic has; did you mean 'shop.orders'?
            `tables: {shop.orders: {columns: {statsu: mask}}}`        | 'tables.shop.orders.columns.statsu' names the column 'statsu', which shop.orders does not have; did you mean 'status'?
            `tables: {shop.orders: {rules: {amout: {min: 0}}}}`       | 'tables.shop.orders.rules.amout' names the column 'amout', which shop.orders does not have; did you mean 'amount'?
            `tables: {shop.orders: {rules: {big: {expr: "id > 0"}}}}` |
            `tables: {shop.orders: {types: {amout: text}}}`           | 'tables.shop.orders.types.amout' names the column 'amout', which shop.orders does not have; did you mean 'amount'?
            `tables: {shop.orders: {key: [order_no]}}`                | 'tables.shop.orders.key' names the column 'order_no', which shop.orders does not have; there are [amount, currency, id, status]
            `metrics: {m: {table: shop.orders, amount: amout}}`       | 'metrics.m.amount' names the column 'amout', which shop.orders does not have; did you mean 'amount'?
            `metrics: {m: {table: shop.orders, amount: amount, labels: [state]}}` | 'metrics.m.labels' names the column 'state', which shop.orders does not have; did you mean 'status'?
            `metrics: {m: {table: shop.orders, amount: amount, currency: {column: curency}}}` | 'metrics.m.currency.column' names the column 'curency', which shop.orders does not have; did you mean 'currency'?
            `metrics: {m: {table: shop.ordres, amount: amount}}`      | 'metrics.m.table' names the table 'shop.ordres', which no topic has; did you mean 'shop.orders'?
            `aggregates: {a: {table: shop.orders, group-by: [state], count: true}}` | 'aggregates.a' names the column 'state', which shop.orders does not have; did you mean 'status'?
            `aggregates: {a: {table: shop.orders, sum: amount, where: {state: {in: [x]}}}}` | 'aggregates.a.where' names the column 'state', which shop.orders does not have; did you mean 'status'?
            `aggregates: {a: {table: shop.orders, count: true, group-by: [shop.customers.status], join: {table: shop.customers, on: {customer: id}}}}` | 'aggregates.a.join.on' names the column 'customer', which shop.orders does not have; there are [amount, currency, id, status]
            `tables: {shop.orders: {columns: {gross: {expr: amount}}}}\nmetrics: {m: {table: shop.orders, amount: gross}}` |
            """)
    void aNameThatNoTopicHasIsTold(String settings, @Nullable String told) {
        String file = "name: x\nsource: {bootstrap: 'b:9092', topics: 'cdc.*'}\nsinks: {lake: {path: /l}}\n"
                + settings.replace("\\n", "\n") + "\n";

        List<String> unknown = TopicNames.unknown(PipelineFile.parse(file, Map.of(), Map.of()), SAMPLES);

        assertThat(unknown).isEqualTo(told == null ? List.of() : List.of(told));
    }
}
