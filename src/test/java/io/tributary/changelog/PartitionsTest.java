package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.change.Operation.UPDATE;
import static io.tributary.changelog.Story.change;
import static io.tributary.changelog.Story.on;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.TableSchema;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A key's changes come by several partitions of a topic, of which one may be minutes behind the other. */
@Pure
class PartitionsTest {
    private static final TableSchema SCHEMA = Story.schema(List.of(0), "id int64", "name text");

    private final Story story = new Story();

    private Verdict apply(int partition, Operation operation, long commit, long event, @Nullable Object... row) {
        return story.apply(on(partition, change(SCHEMA, operation, commit, event, row)));
    }

    private static Event at(long millis, Event change) {
        change.sourceMillis = millis;
        return change;
    }

    @Test
    void whatCameBeforeADeleteDoesNotBringTheRowBackAfterIt() {
        apply(1, DELETE, 20, 21, 1L, null);

        assertThat(apply(0, CREATE, 1, 11, 1L, "a")).isEqualTo(Verdict.SUPERSEDED);
        assertThat(apply(0, UPDATE, 12, 13, 1L, "b")).isEqualTo(Verdict.SUPERSEDED);
        assertThat(story.live()).isEmpty();
    }

    private static Event written(long millis, Event event) {
        event.recordMillis = millis;
        return event;
    }

    @Test
    void whatComesLateIsInTheHistory() {
        story.apply(written(5, on(1, change(SCHEMA, DELETE, 20, 21, 1L, null))));

        story.apply(written(2, on(0, change(SCHEMA, CREATE, 1, 11, 1L, "a"))));
        story.restart();
        story.apply(written(3, on(0, change(SCHEMA, UPDATE, 12, 13, 1L, "b"))));

        assertThat(story.live()).isEmpty();
        assertThat(story.told()).containsExactly("d 1 null -> none", "c none -> 1 a", "u none -> 1 b");
        assertThat(story.emitted).containsExactly("d unseen", "c late", "u late");
    }

    @Test
    void soIsWhatARowIsAheadOf() {
        story.apply(written(5, on(1, change(SCHEMA, CREATE, 20, 21, 1L, "c"))));

        story.apply(written(2, on(0, change(SCHEMA, CREATE, 1, 11, 1L, "a"))));
        story.apply(written(3, on(0, change(SCHEMA, DELETE, 12, 13, 1L, null))));

        assertThat(story.live()).containsExactly("1 c");
        assertThat(story.emitted).containsExactly("c", "c late", "d unseen late");
    }

    @Test
    void whatIsDeliveredAgainByAnotherPartitionIsNot() {
        story.apply(written(2, on(0, change(SCHEMA, CREATE, 1, 11, 1L, "a"))));
        story.apply(written(3, on(0, change(SCHEMA, UPDATE, 12, 13, 1L, "b"))));

        assertThat(story.apply(written(9, on(1, change(SCHEMA, CREATE, 1, 11, 1L, "a")))))
                .isEqualTo(Verdict.DUPLICATE);
        assertThat(story.apply(written(9, on(1, change(SCHEMA, UPDATE, 12, 13, 1L, "b")))))
                .isEqualTo(Verdict.DUPLICATE);
        assertThat(story.emitted).containsExactly("c", "u");
    }

    @Test
    void soIsARowThatCameFromAnotherKey() {
        story.apply(written(1, on(0, change(SCHEMA, CREATE, 1, 2, 1L, "a"))));
        Event delete = written(9, on(1, change(SCHEMA, DELETE, 30, 31, 2L, null)));
        delete.transaction.set("9".getBytes(StandardCharsets.UTF_8));
        story.apply(delete);

        story.apply(written(3, on(0, Story.moved(change(SCHEMA, DELETE, 10, 11, 1L, "a")))));
        story.apply(written(3, on(0, Story.movedFrom(change(SCHEMA, CREATE, 10, 11, 2L, "a"), 1L, "a"))));

        assertThat(story.live()).isEmpty();
        assertThat(story.emitted).containsExactly("c", "d unseen", "d", "c late");
    }

    @Test
    void rowsThatWereInsertedTogetherShareAPlace() {
        for (long key = 1; key <= 3; key++) {
            story.apply(written(9, on(1, change(SCHEMA, UPDATE, 20, 20 + key, key, "b"))));
        }
        for (long key = 1; key <= 3; key++) {
            story.apply(written(3, on(0, change(SCHEMA, CREATE, 10, 11, key, "a"))));
        }

        assertThat(story.live()).containsExactly("1 b", "2 b", "3 b");
        assertThat(story.emitted).containsExactly("u", "u", "u", "c late", "c late", "c late");
    }

    @Test
    void aLateRowThatCameFromAnotherKeyIsNotDoubledByASecondDelivery() {
        story.apply(written(1, on(0, change(SCHEMA, CREATE, 1, 2, 1L, "a"))));
        story.apply(written(9, on(1, change(SCHEMA, UPDATE, 30, 31, 2L, "b"))));
        for (long millis : List.of(3L, 4L)) {
            story.apply(written(millis, on(0, Story.moved(change(SCHEMA, DELETE, 10, 11, 1L, "a")))));
            story.apply(written(millis, on(0, Story.movedFrom(change(SCHEMA, CREATE, 10, 11, 2L, "a"), 1L, "a"))));
        }

        assertThat(story.live()).containsExactly("2 b");
        assertThat(story.emitted).containsExactly("c", "u", "d", "c late");
    }

    @Test
    void rowsWithoutAKeyThatATruncateIsAheadOfAreInTheHistoryInTheirOwnForm() {
        TableSchema bag = Story.schema(List.of(), "id int64", "name text");
        story.apply(written(9, on(1, Story.truncate(bag, 30, 31))));
        for (long id = 1; id <= 2; id++) { // a COPY
            story.apply(written(3, on(0, change(bag, CREATE, 10, 11, id, "a"))));
        }
        Event update = written(4, on(0, change(bag, UPDATE, 12, 13, 1L, "b")));
        update.before.set(change(bag, CREATE, 12, 13, 1L, "a").after.copy());
        story.apply(update);
        Event nameless = written(5, on(0, change(bag, DELETE, 14, 15, 1L, "b")));
        nameless.before.clear();

        assertThat(story.apply(nameless)).isEqualTo(Verdict.NOTHING);
        assertThat(story.live()).isEmpty();
        assertThat(story.told()).endsWith("c none -> 1 a", "c none -> 2 a", "d 1 a -> none", "c none -> 1 b");
        assertThat(story.emitted).containsExactly("t", "c late", "c late", "d unseen late", "c late");
    }

    @Test
    void whatIsLateAndCannotBeFilledIsADeadLetter() {
        story.apply(written(5, on(1, change(SCHEMA, DELETE, 20, 21, 1L, null))));

        assertThat(story.apply(written(3, on(0, change(SCHEMA, UPDATE, 12, 13, 1L, Rowing.UNSENT)))))
                .isEqualTo(Verdict.LATE);
        assertThat(story.live()).isEmpty();
    }

    @Test
    void whatWasTooLateDoesNotBringTheRowBackWhenItIsOfferedAgain() {
        story.apply(written(5, on(1, change(SCHEMA, DELETE, 20, 21, 1L, null))));
        story.apply(written(3, on(0, change(SCHEMA, UPDATE, 12, 13, 1L, Rowing.UNSENT))));
        Event again = written(3, on(0, change(SCHEMA, UPDATE, 12, 13, 1L, "b")));
        again.replay = 1;
        again.unchangedTo = 1000;

        assertThat(story.apply(again)).isEqualTo(Verdict.SUPERSEDED);
        assertThat(story.live()).isEmpty();
    }

    @Test
    void whatATruncateIsAheadOfIsInTheHistoryOnce() {
        story.apply(written(1, on(0, change(SCHEMA, CREATE, 1, 2, 1L, "a"))));
        story.apply(written(5, on(1, Story.truncate(SCHEMA, 20, 21))));

        assertThat(story.apply(written(3, on(0, change(SCHEMA, CREATE, 10, 11, 2L, "b")))))
                .isEqualTo(Verdict.APPLIED);
        assertThat(story.apply(written(9, on(0, change(SCHEMA, CREATE, 10, 11, 2L, "b")))))
                .isEqualTo(Verdict.SUPERSEDED);
        assertThat(story.live()).isEmpty();
        assertThat(story.emitted).containsExactly("c", "t", "c late");
    }

    @Test
    void norOfARowThatWasThere() {
        apply(1, CREATE, 1, 5, 9L, "another of this partition");
        apply(0, CREATE, 1, 11, 1L, "a");
        apply(0, DELETE, 20, 21, 1L, null);

        assertThat(apply(1, UPDATE, 12, 13, 1L, "b")).isEqualTo(Verdict.SUPERSEDED);
        assertThat(story.live()).containsExactly("9 another of this partition");
    }

    @Test
    void norARowOfASnapshotThatWasTakenBefore() {
        story.apply(at(2000, on(1, change(SCHEMA, DELETE, 20, 21, 1L, null))));

        assertThat(story.apply(at(1000, on(0, Story.read(SCHEMA, 1L, "a"))))).isEqualTo(Verdict.SUPERSEDED);
        assertThat(story.apply(at(3000, on(0, Story.read(SCHEMA, 1L, "b"))))).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1 b");
    }

    @Test
    void whatCameAfterItDoes() {
        apply(1, DELETE, 20, 21, 1L, null);

        assertThat(apply(0, CREATE, 30, 31, 1L, "a")).isEqualTo(Verdict.APPLIED);
        assertThat(apply(0, UPDATE, 12, 13, 1L, "b")).isEqualTo(Verdict.DUPLICATE);
        assertThat(story.live()).containsExactly("1 a");
    }

    @Test
    void asDoesARowOfARebuiltSourceThatCountsAnew() {
        story.apply(at(2000, on(1, change(SCHEMA, DELETE, 20, 21, 1L, null))));

        assertThat(story.apply(at(3000, on(0, change(SCHEMA, CREATE, 2, 3, 1L, "a")))))
                .isEqualTo(Verdict.APPLIED);
    }

    @Test
    void whatCameBeforeItInItsOwnTransactionDoesNot() {
        apply(0, CREATE, 500, 100, -1L, "another of the transaction");
        apply(1, CREATE, 500, 101, -2L, "another of the transaction");
        apply(1, DELETE, 500, 400, 1L, null);
        apply(1, DELETE, 500, 401, 2L, null);

        assertThat(apply(0, UPDATE, 500, 300, 1L, "b")).isEqualTo(Verdict.SUPERSEDED);
        assertThat(apply(0, UPDATE, 500, 301, 2L, "b")).isEqualTo(Verdict.SUPERSEDED);
    }

    @Test
    void aRowThatCameToTheKeyBeforeTheOtherLeftItStays() {
        apply(0, CREATE, 1, 2, 1L, "a");
        apply(1, CREATE, 1, 3, 2L, "b");
        story.apply(on(1, Story.moved(change(SCHEMA, DELETE, 10, 13, 2L, "b"))));

        Verdict verdict = story.apply(on(0, Story.movedFrom(change(SCHEMA, CREATE, 10, 11, 2L, "a"), 1L, "a")));

        assertThat(verdict).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).contains("2 a");
    }

    @Test
    void whatCouldNotBeReadDoesNotOpenTheWay() {
        apply(1, DELETE, 20, 21, 1L, null);
        Event unreadable = on(0, change(SCHEMA, UPDATE, 11, 12, 1L, "a"));
        unreadable.after.clear();
        story.changelog.define(unreadable, story.bucket, story.rows, emitted -> {});
        story.changelog.lose(unreadable, story.bucket, story.rows);

        assertThat(apply(0, UPDATE, 12, 13, 1L, "b")).isEqualTo(Verdict.SUPERSEDED);
        assertThat(story.live()).isEmpty();
    }

    @Test
    void aTableOfTwoTopicsHasTwoOrders() {
        TableSchema other = new TableSchema("other.public.t", SCHEMA.table(), SCHEMA.columns(), SCHEMA.key(), Map.of());
        apply(0, DELETE, 1000, 1001, 1L, null);

        assertThat(story.apply(on(1, change(other, CREATE, 10, 11, 1L, "a")))).isEqualTo(Verdict.APPLIED);
    }

    @Test
    void aSavepointHasTheDeletes() {
        apply(1, DELETE, 20, 21, 1L, null);

        story.restart();

        assertThat(apply(0, CREATE, 1, 11, 1L, "a")).isEqualTo(Verdict.SUPERSEDED);
        assertThat(story.bucket.deletedKeys()).isOne();
    }

    @Test
    void deletesThatAllPartitionsArePastAreForgotten() {
        for (long key = 0; key < 1000; key++) {
            apply(1, DELETE, 10 * key + 1, 10 * key + 2, key, null);
            apply(0, CREATE, 10 * key + 3, 10 * key + 4, 1_000_000 + key, "a");
        }

        assertThat(story.bucket.deletedKeys()).isLessThan(5);

        for (long key = 0; key < 5_000; key++) { // no other delete comes
            apply(0, CREATE, 10_010 + 10 * key, 10_011 + 10 * key, 2_000_000 + key, "a");
            apply(1, CREATE, 10_010 + 10 * key, 10_012 + 10 * key, 3_000_000 + key, "a");
        }
        assertThat(story.bucket.deletedKeys()).isZero();
    }

    @Test
    void oneThatIsFarBehindIsWaitedForWithinBounds() {
        apply(0, CREATE, 1, 2, -1L, "a");
        for (long key = 0; key < 150_000; key++) {
            apply(1, DELETE, 10 * key + 11, 10 * key + 12, key, null);
        }

        assertThat(story.bucket.deletedKeys()).isEqualTo(100_000);
        assertThat(apply(0, CREATE, 4, 5, 149_999L, "a")).isEqualTo(Verdict.SUPERSEDED);
    }

    @Test
    void aTopicOfOnePartitionNeedsNoneOfRowsThatWereThere() {
        for (long key = 0; key < 5000; key++) {
            apply(0, CREATE, 20 * key + 1, 20 * key + 2, key, "a");
            apply(0, DELETE, 20 * key + 11, 20 * key + 12, key, null);
        }
        assertThat(story.bucket.deletedKeys()).isZero();

        for (long key = 0; key < 5000; key++) { // those might be of a partition that is still to come
            apply(0, DELETE, 200_000 + 20 * key, 200_001 + 20 * key, key, null);
        }
        assertThat(story.bucket.deletedKeys()).isEqualTo(1000);
    }

    private Event moved(int partition, long commit, long event, long key) {
        return on(partition, Story.moved(change(SCHEMA, DELETE, commit, event, key, "a")));
    }

    private Event movedTo(int partition, long commit, long event, long key, long from) {
        return on(partition, Story.movedFrom(change(SCHEMA, CREATE, commit, event, key, "a"), from, "a"));
    }

    /** Both partitions are known. */
    private void begin() {
        apply(0, CREATE, 1, 2, 1L, "a");
        apply(1, CREATE, 1, 3, 9L, "another");
    }

    @Test
    void aCreateOfAChangedKeyThatNeverCameIsToldOnceAllPartitionsArePastIt() {
        begin();
        Event delete = moved(0, 10, 11, 1L);
        delete.offset = 77;
        delete.origin.set(new byte[] {5});
        story.apply(delete);
        apply(0, CREATE, 20, 21, 3L, "c");
        assertThat(story.bucket.takeLost()).as("the other may have it").isEmpty();
        story.restart();
        apply(1, CREATE, 10, 19, 4L, "d");
        assertThat(story.bucket.takeLost()).as("of the same commit").isEmpty();

        apply(1, CREATE, 20, 22, 5L, "e");

        assertThat(story.bucket.takeLost()).singleElement().satisfies(lost -> {
            assertThat(lost.partition()).isZero();
            assertThat(lost.offset()).isEqualTo(77);
            assertThat(lost.origin()).containsExactly(5);
        });
        assertThat(story.bucket.takeLost()).isEmpty();
    }

    @Test
    void aLongRecordIsNotKeptForIt() {
        begin();
        Event delete = moved(0, 10, 11, 1L);
        delete.origin.set(new byte[100_000]);
        story.apply(delete);
        apply(0, CREATE, 20, 21, 3L, "c");
        apply(1, CREATE, 20, 22, 5L, "e");

        assertThat(story.bucket.takeLost()).singleElement().satisfies(lost -> assertThat(lost.origin())
                .isEmpty());
    }

    @Test
    void oneThatComesByASlowPartitionIsNotLost() {
        begin();
        story.apply(moved(0, 10, 11, 1L));
        apply(0, CREATE, 20, 21, 3L, "c");
        story.apply(movedTo(1, 10, 11, 2L, 1L));
        apply(1, CREATE, 20, 22, 5L, "e");

        assertThat(story.bucket.takeLost()).isEmpty();
    }

    /** It is known only once something of it has come; until then the others alone are looked at. */
    @Test
    void aPartitionThatWasJustAddedMayStillBringIt() {
        begin();
        story.apply(written(1_000, moved(0, 10, 11, 1L)));
        story.apply(written(2_000, on(0, change(SCHEMA, CREATE, 20, 21, 3L, "c"))));
        story.apply(written(60_999, on(1, change(SCHEMA, CREATE, 20, 22, 5L, "e"))));
        story.apply(written(60_999, on(0, change(SCHEMA, CREATE, 30, 31, 6L, "f"))));
        assertThat(story.bucket.takeLost()).as("less than a minute later").isEmpty();
        story.restart();

        story.apply(written(1_000, on(2, change(SCHEMA, CREATE, 5, 6, 7L, "g"))));
        story.apply(written(1_000, movedTo(2, 10, 11, 2L, 1L)));
        for (int partition = 0; partition < 3; partition++) {
            story.apply(
                    written(90_000, on(partition, change(SCHEMA, CREATE, 40, 41 + partition, 10L + partition, "h"))));
        }

        assertThat(story.bucket.takeLost()).isEmpty();
        assertThat(story.bucket.halves.isEmpty()).isTrue();
    }

    @Test
    void aMinuteLaterItIsLost() {
        begin();
        story.apply(written(1_000, moved(0, 10, 11, 1L)));
        story.apply(written(61_000, on(0, change(SCHEMA, CREATE, 20, 21, 3L, "c"))));
        story.apply(written(61_000, on(1, change(SCHEMA, CREATE, 20, 22, 5L, "e"))));

        assertThat(story.bucket.takeLost()).hasSize(1);
    }

    /** They had the topic at each half, and no time. */
    @Test
    void halvesThatTheNinthVersionOfABucketWroteAreKnown() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(2);
        for (long event : new long[] {11, 12}) {
            out.writeUTF("t");
            out.writeLong(10);
            out.writeLong(event);
            out.writeInt(0);
            out.writeLong(70 + event);
            out.writeInt(1);
            out.write(5);
        }
        out.writeInt(1);
        out.writeUTF("t");
        out.writeLong(10);
        out.writeLong(13);
        HalfMoves halves = new HalfMoves();

        halves.readFirst(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

        assertThat(halves.takeLost("other", 20, 90_000)).isEmpty();
        assertThat(halves.takeLost("t", 20, 90_000))
                .extracting(HalfMoves.Left::offset)
                .containsExactly(81L, 82L);
        assertThat(halves.isEmpty()).isTrue();
    }

    @Test
    void norIsOneThatCameFirst() {
        begin();
        story.apply(movedTo(1, 10, 11, 2L, 1L));
        apply(1, CREATE, 20, 22, 5L, "e");
        story.restart();
        story.apply(moved(0, 10, 11, 1L));
        apply(0, CREATE, 30, 31, 3L, "c");
        apply(1, CREATE, 30, 32, 6L, "f");

        assertThat(story.bucket.takeLost()).isEmpty();
        assertThat(story.bucket.halves.isEmpty()).isTrue();
    }

    @Test
    void norOneThatIsDeliveredAgain() {
        begin();
        for (int i = 0; i < 2; i++) {
            story.apply(moved(0, 10, 11, 1L));
            story.apply(movedTo(1, 10, 11, 2L, 1L));
        }
        apply(0, CREATE, 20, 21, 3L, "c");
        apply(1, CREATE, 20, 22, 5L, "e");

        assertThat(story.bucket.takeLost()).isEmpty();
    }

    /** One statement changes all keys of a table, and one partition is far behind. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void allHalvesOfALargeTransactionAreKnownWhicheverComeFirst(boolean createsFirst) {
        int keys = 2000;
        begin();
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < keys; i++) {
                boolean isCreate = half == 0 == createsFirst;
                if (isCreate && i == 17) {
                    continue; // the connector lost it
                }
                story.apply(
                        isCreate
                                ? movedTo(1, 10, 100L + i, 100_000L + i, 10_000L + i)
                                : moved(0, 10, 100L + i, 10_000L + i));
            }
            story.restart();
        }
        apply(0, CREATE, 20, 200_000, 3L, "c");
        apply(1, CREATE, 20, 200_001, 5L, "e");

        assertThat(story.bucket.takeLost()).hasSize(1);
        assertThat(story.bucket.halves.isEmpty()).isTrue();
    }

    /** As {@code update t set id = id + 1}: each key is taken before, or after, its row has gone. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void rowsThatAllMoveUpAreRightWhicheverPartitionIsAhead(int ahead) {
        int keys = 2200;
        begin();
        for (int i = 0; i < keys; i++) {
            long key = 10L + i;
            apply((int) key % 2, CREATE, 5, 1000L + i, key, "v" + key);
        }
        for (int partition : new int[] {ahead, 1 - ahead}) {
            for (int i = keys - 1; i >= 0; i--) {
                long key = 10L + i;
                long event = 10_000L + keys - i;
                if (key % 2 == partition) {
                    story.apply(on(partition, Story.moved(change(SCHEMA, DELETE, 10, event, key, "v" + key))));
                } else {
                    story.apply(on(
                            partition,
                            Story.movedFrom(change(SCHEMA, CREATE, 10, event, key + 1, "v" + key), key, "v" + key)));
                }
            }
        }
        List<String> expected = new ArrayList<>(List.of("1 a", "9 another"));
        for (int i = 0; i < keys; i++) {
            expected.add((11 + i) + " v" + (10 + i));
        }
        assertThat(story.live()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(story.emitted.stream()
                        .filter(line -> line.contains("unseen") || line.contains("late"))
                        .toList())
                .isEmpty();
    }

    /** What cannot be known is not told, and said to the log; what comes after is known again. */
    @Test
    void aboveSoManyNoneOfThoseTransactionsIsToldOf() {
        begin();
        for (int i = 0; i <= HalfMoves.MOST; i++) {
            story.apply(movedTo(1, 10, 100L + i, 1_000_000L + i % 50, 10L + i)); // few rows: each is counted each time
        }
        story.apply(movedTo(1, 10, 90, 3_000_000, 7));
        story.restart();
        for (int i = 0; i < 10; i++) {
            story.apply(moved(0, 10, 100L + i, 10L + i));
        }
        story.apply(moved(0, 20, 200_000, 5_000));
        apply(0, CREATE, 30, 300_000, 3L, "c");
        apply(1, CREATE, 30, 300_001, 5L, "e");

        assertThat(story.bucket.takeLost()).as("that of commit 20").hasSize(1);
        assertThat(story.bucket.halves.isEmpty()).isTrue();
    }

    /** However far apart the partitions are: each is in order, and that is all. */
    @Property(tries = 1000)
    void rowsAndHistoryAreTheSourcesHoweverPartitionsAreSkewed(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 4) int partitions) {
        Story tale = new Story();
        Random random = new Random(seed);
        List<Deque<Event>> queues = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            queues.add(new ArrayDeque<>(List.of(on(i, change(SCHEMA, CREATE, 1, 2 + i, -1L - i, "first")))));
        }
        Map<Long, String> source = new HashMap<>();
        Map<String, Integer> operations = new HashMap<>();
        long commit = 10;
        for (int i = 0; i < 80; i++) {
            long key = random.nextInt(8);
            Operation operation = !source.containsKey(key) ? CREATE : random.nextInt(3) == 0 ? DELETE : UPDATE;
            String value = "v" + i;
            long event = commit + 1 + random.nextInt(5);
            long free = 4L + random.nextInt(4);
            if (operation == UPDATE && random.nextInt(4) == 0 && !source.containsKey(free)) {
                source.remove(key);
                source.put(free, value);
                operations.merge("d", 1, Integer::sum);
                operations.merge(value, 1, Integer::sum);
                Event gone = Story.moved(change(SCHEMA, DELETE, commit, event, key, null));
                Event come = Story.movedFrom(change(SCHEMA, CREATE, commit, event, free, value), key, null);
                for (Event half : List.of(gone, come)) {
                    half.recordMillis = 1000L + i / 3;
                    half.transaction.set(String.valueOf(i).getBytes(StandardCharsets.UTF_8));
                }
                int old = random.nextInt(partitions);
                int now = random.nextInt(partitions);
                queues.get(old).add(on(old, gone));
                queues.get(now).add(on(now, come));
                commit += 10;
                continue;
            }
            Event change = operation == DELETE
                    ? change(SCHEMA, operation, commit, event, key, null)
                    : change(SCHEMA, operation, commit, event, key, value);
            change.recordMillis = 1000L + i / 3; // written in order, some within one millisecond
            operations.merge(operation == DELETE ? "d" : value, 1, Integer::sum);
            change.transaction.set(String.valueOf(i).getBytes(StandardCharsets.UTF_8));
            int partition = random.nextInt(partitions);
            queues.get(partition).add(on(partition, change));
            if (operation == DELETE) {
                source.remove(key);
            } else {
                source.put(key, value);
            }
            commit += 10;
        }
        queues.forEach(queue -> tale.apply(queue.remove()));
        while (queues.stream().anyMatch(queue -> !queue.isEmpty())) {
            Deque<Event> queue = queues.get(random.nextInt(partitions));
            for (int i = random.nextInt(30); i >= 0 && !queue.isEmpty(); i--) {
                tale.apply(queue.remove());
            }
        }

        List<String> expected = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            expected.add((-1 - i) + " first");
        }
        source.forEach((key, value) -> expected.add(key + " " + value));
        assertThat(tale.live()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(tale.bucket.takeLost()).as("each half has come").isEmpty();
        Map<String, Integer> history = new HashMap<>();
        tale.told().stream()
                .filter(line -> !line.endsWith(" first"))
                .map(line -> line.startsWith("d ") ? "d" : line.substring(line.lastIndexOf(' ') + 1))
                .forEach(what -> history.merge(what, 1, Integer::sum));
        assertThat(history)
                .as("each change once, whether or not the row was there by then")
                .isEqualTo(operations);
    }

    @Test
    void aCreateThatIsTooLateLeavesNothingOfItsOldKey() {
        apply(0, CREATE, 1, 2, 1L, "a");
        apply(1, CREATE, 1, 3, 9L, "another");
        story.apply(on(0, Story.moved(change(SCHEMA, DELETE, 10, 11, 1L, "a"))));
        Event delete = on(1, change(SCHEMA, DELETE, 20, 21, 2L, null));
        delete.transaction.set("9".getBytes(StandardCharsets.UTF_8));
        story.apply(delete);

        Event late = on(0, Story.movedFrom(change(SCHEMA, CREATE, 10, 12, 2L, "a"), 1L, "a"));
        assertThat(story.apply(late)).isEqualTo(Verdict.SUPERSEDED);
        assertThat(story.bucket.between.unpark(late.oldKey)).isNull();
    }

    @Test
    void aFirstTransactionHasAPlace() {
        apply(0, CREATE, 0, 5, 1L, "a");
        assertThat(apply(0, UPDATE, 0, 4, 1L, "b")).isEqualTo(Verdict.DUPLICATE);
        assertThat(story.live()).containsExactly("1 a");
    }
}
