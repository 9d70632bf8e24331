package io.tributary.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.LongSupplier;
import net.datafaker.Faker;
import org.jspecify.annotations.Nullable;

/**
 * Users with {@code id}, {@code name} and {@code balance} who come, change and go, as Debezium would tell it in JSON without
 * schemas: {@code {"before", "after", "source", "op", "ts_ms"}}. Holds {@value #MOST} users at most, then changes instead.
 */
public final class SimulatedUsers {
    private static final int MOST = 100_000;
    private static final int NAMES = 500;
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * What they are like.
     *
     * @param least the smallest balance
     * @param greatest the greatest balance
     * @param source whether events say which table they are of; without, it is that of the topic's name
     */
    public record Kind(String topic, Mix mix, long least, long greatest, boolean source) {
        public Kind {
            if (least > greatest) {
                throw new IllegalArgumentException(
                        "the smallest balance must not be above the greatest, got " + least + " and " + greatest);
            }
        }
    }

    /** @param value null of the tombstone that follows a delete */
    public record Event(char op, String key, @Nullable String value) {}

    private record User(long id, String name, BigDecimal balance) {}

    private final Kind kind;
    private final LongSupplier clock;
    private final Random random;
    private final List<User> users = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private long nextId;

    /**
     * @param firstId above those of all users that the topic has seen, so that none is created twice
     * @param clock milliseconds since 1970
     */
    public SimulatedUsers(Kind kind, long firstId, long seed, LongSupplier clock) {
        this.kind = kind;
        this.clock = clock;
        this.nextId = firstId;
        random = new Random(seed);
        Faker faker = new Faker(Locale.ENGLISH, random);
        for (int i = 0; i < NAMES; i++) {
            names.add(faker.name().fullName());
        }
    }

    /** The next change; of a delete, its tombstone too. */
    public List<Event> next() {
        int draw = random.nextInt(100);
        boolean insert = draw < kind.mix.insertPercent() && users.size() < MOST || users.isEmpty();
        if (insert) {
            User user = new User(nextId++, names.get(random.nextInt(NAMES)), balance());
            users.add(user);
            return List.of(event('c', null, user));
        }
        int index = random.nextInt(users.size());
        User before = users.get(index);
        if (draw < kind.mix.insertPercent() + kind.mix.updatePercent()) {
            User after = new User(before.id, before.name, balance());
            users.set(index, after);
            return List.of(event('u', before, after));
        }
        User last = users.remove(users.size() - 1);
        if (index < users.size()) {
            users.set(index, last);
        }
        Event delete = event('d', before, null);
        return List.of(delete, new Event('d', delete.key, null));
    }

    private BigDecimal balance() {
        long cents = (kind.greatest - kind.least) * 100;
        return BigDecimal.valueOf(kind.least * 100 + (cents == 0 ? 0 : random.nextLong(cents + 1)), 2);
    }

    private Event event(char op, @Nullable User before, @Nullable User after) {
        long now = clock.getAsLong();
        ObjectNode envelope = JSON.createObjectNode();
        envelope.set("before", row(before));
        envelope.set("after", row(after));
        if (kind.source) {
            envelope.putObject("source")
                    .put("version", "1")
                    .put("connector", "simulated")
                    .put("name", kind.topic)
                    .put("ts_ms", now)
                    .put("snapshot", "false")
                    .put("db", "simulated")
                    .put("schema", "public")
                    .put("table", "users");
        }
        envelope.put("op", String.valueOf(op)).put("ts_ms", now);
        User user = after == null ? before : after;
        ObjectNode key = JSON.createObjectNode().put("id", user == null ? 0 : user.id);
        return new Event(op, text(key), text(envelope));
    }

    private static @Nullable ObjectNode row(@Nullable User user) {
        return user == null
                ? null
                : JSON.createObjectNode()
                        .put("id", user.id)
                        .put("name", user.name)
                        .put("balance", user.balance);
    }

    private static String text(ObjectNode node) {
        try {
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is always JSON", e);
        }
    }
}
