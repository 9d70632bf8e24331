package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.changelog.Rowing.SCHEMA;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

@Pure
class DeletedKeysTest {
    private static final int MOST = 100_000;

    private final DeletedKeys keys = new DeletedKeys();

    private static Event at(int partition, Operation operation, long commit, long event, long id) {
        Event change = Story.on(partition, Story.change(SCHEMA, operation, commit, event, id, null, null));
        change.sourceMillis = 1000;
        return change;
    }

    private static Event timed(long millis, Event change) {
        change.sourceMillis = millis;
        return change;
    }

    @Test
    void whatWasBeforeADeleteIsCovered() {
        keys.add(at(0, DELETE, 10, 20, 1), -1, true);

        assertThat(keys.covers(at(1, CREATE, 10, 19, 1))).isTrue();
        assertThat(keys.covers(at(1, CREATE, 10, 20, 1))).as("at its place").isFalse();
        assertThat(keys.covers(at(1, CREATE, 10, 21, 1))).isFalse();
        assertThat(keys.covers(at(1, CREATE, 9, 99, 1))).isTrue();
        assertThat(keys.covers(at(0, CREATE, 9, 99, 1)))
                .as("of its own partition")
                .isFalse();
        assertThat(keys.covers(at(1, CREATE, 9, 99, 2))).as("of another key").isFalse();
        assertThat(keys.covers(timed(1001, at(1, CREATE, 9, 99, 1))))
                .as("of a source that counts anew")
                .isFalse();
        assertThat(keys.covers(timed(999, at(1, CREATE, -1, -1, 1))))
                .as("of a snapshot before")
                .isTrue();
        assertThat(keys.covers(timed(1000, at(1, CREATE, -1, -1, 1))))
                .as("of a snapshot at its time")
                .isFalse();
        assertThat(keys.covers(timed(999, at(1, CREATE, 10, 0, 1))))
                .as("the first of a log")
                .isTrue();
    }

    @Test
    void aRowThatCameToTheKeyInTheDeletesTransactionIsNot() {
        keys.add(at(0, DELETE, 10, 20, 1), -1, true);
        Event shifted = Story.movedFrom(at(1, CREATE, 10, 19, 1), 7L, null, null);

        assertThat(keys.covers(shifted)).isFalse();
        shifted.transaction.set("8".getBytes(StandardCharsets.UTF_8));
        assertThat(keys.covers(shifted)).as("of another transaction").isTrue();
        shifted.transaction.clear();
        assertThat(keys.covers(shifted)).as("of none").isTrue();
    }

    @Test
    void aDeleteThatAllPartitionsArePastIsForgotten() {
        keys.add(at(0, DELETE, 10, 20, 1), -1, true);
        keys.add(at(0, DELETE, 11, 21, 2), 19, true);
        assertThat(keys.size()).as("its own transaction may go on").isEqualTo(2);
        keys.add(at(0, DELETE, 12, 22, 3), 20, true);
        assertThat(keys.size()).isEqualTo(2);
        assertThat(keys.covers(at(1, CREATE, 9, 19, 1))).isFalse();
        assertThat(keys.forget(20)).isFalse();
        assertThat(keys.forget(21)).isTrue();
        assertThat(keys.size()).isOne();

        DeletedKeys equal = new DeletedKeys();
        equal.add(at(0, DELETE, 20, 20, 1), -1, true);
        assertThat(equal.forget(20))
                .as("later ones of its transaction have its commit")
                .isFalse();
        assertThat(equal.forget(21)).isTrue();
    }

    @Test
    void oneThatMayNotBeForgottenDoesNotKeepThoseBehindIt() {
        keys.add(at(0, DELETE, Long.MAX_VALUE - 1, Long.MAX_VALUE, 0), -1, true);
        for (int id = 1; id < 1000; id++) {
            keys.add(at(0, DELETE, id, id + 1, id), id - 1, true);
        }
        assertThat(keys.size()).isEqualTo(1000);
        keys.add(at(0, DELETE, 1000, 1001, 1000), 990, true);
        assertThat(keys.size()).as("looked at once there are more").isLessThan(20);
    }

    @Test
    void theNewestAreKeptAndFewOfATableOfOnePartition() {
        for (int id = 0; id < 1000; id++) {
            keys.add(at(0, DELETE, 10, 20 + id, id), -1, false);
        }
        assertThat(keys.covers(at(1, CREATE, 1, 2, 0))).isTrue();
        keys.add(at(0, DELETE, 10, 2000, 0), -1, false);
        assertThat(keys.size()).as("the newest of a key").isEqualTo(1000);
        keys.add(at(0, DELETE, 10, 2001, 1000), -1, false);
        assertThat(keys.size()).isEqualTo(1000);
        assertThat(keys.covers(at(1, CREATE, 1, 2, 1))).as("the oldest").isFalse();
        assertThat(keys.covers(at(1, CREATE, 1, 2, 0))).isTrue();
        for (int id = 2000; id < 2000 + MOST; id++) {
            keys.add(at(0, DELETE, 10, 20_000 + id, id), -1, true);
        }
        assertThat(keys.size()).isEqualTo(MOST);
        assertThat(keys.covers(at(1, CREATE, 1, 2, 2000))).isTrue();
        assertThat(keys.covers(at(1, CREATE, 1, 2, 1000))).isFalse();
    }

    @Test
    void aSavepointHasThem() throws Exception {
        keys.add(at(3, DELETE, 10, 20, 1), -1, true);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        keys.write(new DataOutputStream(bytes));
        DeletedKeys again = DeletedKeys.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

        assertThat(again.covers(at(1, CREATE, 10, 19, 1))).isTrue();
        assertThat(again.covers(at(3, CREATE, 10, 19, 1))).isFalse();
        assertThat(again.covers(timed(1001, at(1, CREATE, 10, 19, 1)))).isFalse();
        assertThat(again.covers(Story.movedFrom(at(1, CREATE, 10, 19, 1), 7L, null, null)))
                .isFalse();
    }
}
