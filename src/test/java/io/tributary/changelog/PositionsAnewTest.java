package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.change.Operation.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A source that was restored, or another server in its place, counts lower than before. */
@Pure
class PositionsAnewTest {
    private static final TableSchema SCHEMA = Story.schema(List.of(0), "id int32", "v text");

    private final Story story = new Story();

    private static Event at(long millis, Operation operation, long commit, long event, int id, @Nullable String value) {
        Event change = Story.change(SCHEMA, operation, commit, event, id, value);
        change.sourceMillis = millis;
        return change;
    }

    @Test
    @Covers(row = "positions anew")
    void itsEventsAreNew() {
        story.apply(at(1000, CREATE, 500, 501, 1, "a"));
        story.apply(at(2000, CREATE, 600, 601, 2, "b"));

        assertThat(story.apply(at(9000, UPDATE, 10, 11, 1, "c"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.changelog.anew()).isTrue();
        assertThat(story.apply(at(9001, DELETE, 20, 21, 2, null))).isEqualTo(Verdict.APPLIED);
        assertThat(story.changelog.anew()).isFalse();
        assertThat(story.live()).containsExactly("1 c");
        story.restart();
        assertThat(story.apply(at(9001, DELETE, 20, 21, 2, null))).as("again").isEqualTo(Verdict.DUPLICATE);
        assertThat(story.apply(at(9000, UPDATE, 10, 11, 1, "c"))).as("again").isEqualTo(Verdict.DUPLICATE);
        assertThat(story.apply(at(9002, UPDATE, 30, 31, 1, "d"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1 d");
    }

    @Test
    void whatIsDeliveredAgainIsNone() {
        story.apply(at(1000, CREATE, 500, 501, 1, "a"));
        story.apply(at(2000, UPDATE, 600, 601, 1, "b"));
        story.restart();

        assertThat(story.apply(at(1000, CREATE, 500, 501, 1, "a"))).isEqualTo(Verdict.DUPLICATE);
        assertThat(story.apply(at(2000, UPDATE, 600, 601, 1, "b"))).isEqualTo(Verdict.DUPLICATE);
        assertThat(story.changelog.anew()).isFalse();
    }

    /** Any number of servers, one after the other, each with deliveries again: each event is applied once, in its order. */
    @Property(tries = 200)
    void eachEventIsAppliedOnce(@ForAll long seed) {
        Random random = new Random(seed);
        Story told = new Story();
        long millis = 1000;
        String newest = "";
        int applied = 0;
        int wanted = 0;
        for (int server = 0; server < 4; server++) {
            long position = 1L + random.nextInt(1000);
            List<Event> since = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                position += 1L + random.nextInt(50);
                millis += 1L + random.nextInt(5);
                newest = server + "-" + i;
                Event change = at(millis, wanted == 0 ? CREATE : UPDATE, position, position + 1, 1, newest);
                since.add(at(millis, UPDATE, position, position + 1, 1, newest));
                wanted++;
                applied += told.apply(change) == Verdict.APPLIED ? 1 : 0;
                if (random.nextInt(6) == 0) {
                    told.restart();
                    for (int again = random.nextInt(since.size()); again < since.size(); again++) {
                        Event before = since.get(again);
                        Event copy = at(
                                before.sourceMillis, UPDATE, before.sequenceCommit, before.sequenceEvent, 1, "again");
                        assertThat(told.apply(copy)).isEqualTo(Verdict.DUPLICATE);
                    }
                }
            }
        }
        assertThat(applied).isEqualTo(wanted);
        assertThat(told.live()).containsExactly("1 " + newest);
    }

    /** Two servers that a router brings into one topic: neither loses an event, however often they take turns. */
    @Test
    void serversThatTakeTurnsLoseNothing() {
        long low = 1;
        long high = 1L << 47;
        int applied = 0;
        for (int i = 0; i < 100_000; i++) { // 2^63 positions are not enough for their turns
            applied += story.apply(at(1000 + 2 * i, UPDATE, low, ++low, 1, "a")) == Verdict.APPLIED ? 1 : 0;
            applied += story.apply(at(1001 + 2 * i, UPDATE, high, ++high, 2, "b")) == Verdict.APPLIED ? 1 : 0;
        }
        assertThat(applied).isEqualTo(200_000);
        assertThat(story.live()).containsExactly("1 a", "2 b");
    }

    @Test
    void whereNoNumberIsLeftPositionsAreNone() {
        TableSchema keyless = Story.schema(List.of(), "id int32", "v text");
        story.apply(Story.change(keyless, CREATE, 10, 11, 1, "a"));
        story.bucket.fence(keyless.topic(), 0).shift = Long.MAX_VALUE;
        Event delete = Story.change(keyless, DELETE, 10, 11, 1, "a");
        assertThat(story.apply(delete)).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).isEmpty();
    }
}
