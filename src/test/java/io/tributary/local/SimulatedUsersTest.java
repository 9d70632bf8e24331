package io.tributary.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.Pure;
import io.tributary.local.SimulatedUsers.Event;
import io.tributary.local.SimulatedUsers.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@Pure
class SimulatedUsersTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CHANGES = 20_000;

    private static SimulatedUsers users(Mix mix, boolean source) {
        return new SimulatedUsers(new Kind("r023hf", mix, 5, 20, source), 1_000, 7, () -> 1_750_000_000_000L);
    }

    @Test
    void eachEventFollowsFromThoseBefore() throws Exception {
        SimulatedUsers users = users(new Mix(50, 30, 20), true);
        Map<Long, JsonNode> alive = new HashMap<>();
        Map<Character, Integer> ops = new HashMap<>();
        long created = 999;
        for (int i = 0; i < CHANGES; i++) {
            List<Event> events = users.next();
            Event event = events.get(0);
            JsonNode envelope = JSON.readTree(event.value());
            long id = JSON.readTree(event.key()).get("id").longValue();
            JsonNode before = envelope.get("before");
            JsonNode after = envelope.get("after");
            assertThat(envelope.get("op").textValue()).isEqualTo(String.valueOf(event.op()));
            assertThat(envelope.at("/source/table").textValue()).isEqualTo("users");
            if (event.op() == 'c') {
                assertThat(id).isEqualTo(++created);
                assertThat(before.isNull()).isTrue();
            } else {
                assertThat(before).isEqualTo(alive.get(id));
            }
            if (event.op() == 'd') {
                assertThat(after.isNull()).isTrue();
                assertThat(events).hasSize(2);
                assertThat(events.get(1).value()).isNull();
                assertThat(events.get(1).key()).isEqualTo(event.key());
                alive.remove(id);
            } else {
                assertThat(events).hasSize(1);
                assertThat(after.get("id").longValue()).isEqualTo(id);
                assertThat(after.get("balance").doubleValue()).isBetween(5.0, 20.0);
                alive.put(id, after);
            }
            ops.merge(event.op(), 1, Integer::sum);
        }
        assertThat(ops.get('c')).isBetween(CHANGES * 48 / 100, CHANGES * 52 / 100);
        assertThat(ops.get('u')).isBetween(CHANGES * 28 / 100, CHANGES * 32 / 100);
    }

    @Test
    void anEventMayHaveNoSource() throws Exception {
        JsonNode envelope = JSON.readTree(users(Mix.USUAL, false).next().get(0).value());
        assertThat(envelope.fieldNames()).toIterable().containsExactly("before", "after", "op", "ts_ms");
    }

    @Test
    void aMixIsReadAndChecked() {
        assertThat(Mix.parse("insert=70,update=25,delete=5")).isEqualTo(new Mix(70, 25, 5));
        assertThat(Mix.parse("insert=100")).isEqualTo(new Mix(100, 0, 0));
        for (String wrong :
                List.of("", "insert", "insert=100,insert=0", "insert=50,update=20", "upsert=100", "insert=-1")) {
            assertThatThrownBy(() -> Mix.parse(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
