package io.tributary.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.flow.Measure;
import io.tributary.flow.Measure.Kind;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

@Pure
class FreshnessTest {
    private final Freshness freshness = new Freshness();

    private void row(String table, String topic, long at) {
        freshness.add(new Measure(new Measure.Name(Kind.NEWEST, table, List.of(topic)), 0, BigDecimal.ZERO, at, 0));
    }

    private void heartbeat(String connector, long at) {
        freshness.add(new Measure(new Measure.Name(Kind.HEARTBEAT, connector, List.of()), 0, BigDecimal.ZERO, at, 0));
    }

    @Test
    void anIdleTableIsAsFreshAsItsConnectorsHeartbeat() {
        row("public.t", "cdc.public.t", 1000);
        row("public.u", "other.public.u", 1000);
        heartbeat("cdc", 5000);

        assertThat(freshness.ofTable("public.t")).isEqualTo(5000);
        assertThat(freshness.ofTable("public.u")).isEqualTo(1000);
        assertThat(freshness.ofConnector("cdc")).isEqualTo(5000);
    }

    @Test
    void rowsOlderThanTheHeartbeatTellThatTheJobLags() {
        row("public.t", "cdc.public.t", 1000);
        heartbeat("cdc", 5000);
        row("public.t", "cdc.public.t", 2000);

        assertThat(freshness.ofTable("public.t")).isEqualTo(2000);
    }

    @Test
    void aHeartbeatOfAnEarlierTimeTellsNothing() {
        row("public.t", "cdc.public.t", 6000);
        heartbeat("cdc", 5000);
        heartbeat("cdc", 4000);

        assertThat(freshness.ofTable("public.t")).isEqualTo(6000);
        assertThat(freshness.ofConnector("cdc")).isEqualTo(5000);
    }

    @Test
    void aCheckpointKeepsIt() {
        row("public.t", "cdc.public.t", 1000);
        heartbeat("cdc", 5000);
        Freshness restored = new Freshness();
        freshness.store(restored::add);

        assertThat(restored.ofTable("public.t")).isEqualTo(5000);
        assertThat(restored.ofConnector("cdc")).isEqualTo(5000);
    }
}
