package io.tributary.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.doctor.Finding.Level;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Pure
class TopicSampleTest {
    private static final String EVENT =
            "{\"before\":null,\"after\":{\"id\":1,\"note\":\"__debezium_unavailable_value\"},"
                    + "\"source\":{\"schema\":\"shop\",\"table\":\"orders\"},\"op\":\"u\"}";
    private static final String PRECISE =
            "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"field\":\"after\",\"fields\":[{\"field\":\"a\","
                    + "\"name\":\"org.apache.kafka.connect.data.Decimal\"}]}]},\"payload\":" + EVENT + "}";

    private final TopicSample sample = new TopicSample("cdc.shop.orders");

    private void add(@Nullable String key, @Nullable String value) {
        sample.add(bytes(key), bytes(value));
    }

    private static byte @Nullable [] bytes(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    private List<Finding> findings() {
        Findings findings = new Findings("kafka");
        sample.look(findings);
        return findings.all();
    }

    @Test
    void envelopesAreToldWithAllThatMatters() {
        add("{\"schema\":{},\"payload\":{\"id\":1}}", PRECISE);
        add("{\"id\":1}", null);

        assertThat(findings()).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Level.OK);
            assertThat(finding.what())
                    .isEqualTo(
                            "topic cdc.shop.orders: 2 records looked at: envelopes with schema; key id; decimals precise;"
                                    + " 1 tombstones; 1 with values that were not sent (TOAST)");
        });
        assertThat(sample.table()).isEqualTo("shop.orders");
    }

    @Test
    void flatRowsWithoutKeyOrSchemaAreWarnedOf() {
        add(null, "{\"id\":1,\"city\":\"Oslo\"}");

        assertThat(findings()).extracting(Finding::level).containsExactly(Level.OK, Level.WARNING, Level.WARNING);
        assertThat(findings())
                .extracting(Finding::remedy)
                .anyMatch(remedy -> remedy.contains("tables.shop.orders.key"));
    }

    @Test
    void whatIsNoJsonIsWrong() {
        add("{\"id\":1}", EVENT);
        add("{\"id\":1}", "<xml/>");
        sample.add(null, new byte[] {0, 0, 0, 0, 7, 1});

        assertThat(findings())
                .filteredOn(finding -> finding.level() == Level.WRONG)
                .extracting(Finding::what)
                .containsExactly(
                        "topic cdc.shop.orders: 1 records are of a schema registry (Avro or Protobuf)",
                        "topic cdc.shop.orders: 1 of 3 records are no JSON object");
    }

    @Test
    void transactionsMarkersAreNoChanges() {
        add("{\"id\":\"7\"}", "{\"status\":\"END\",\"id\":\"7\",\"event_count\":2}");

        assertThat(sample.isOfChanges()).isFalse();
        assertThat(findings()).extracting(Finding::level).containsExactly(Level.OK);
    }

    @Test
    void anEmptyTopicIsWarnedOf() {
        assertThat(findings()).extracting(Finding::level).containsExactly(Level.WARNING);
    }
}
