package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.change.Operation.TRUNCATE;
import static io.tributary.change.Operation.UPDATE;
import static io.tributary.changelog.Rowing.SCHEMA;
import static io.tributary.changelog.Rowing.UNSENT;
import static io.tributary.changelog.Story.change;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import io.tributary.change.Bytes;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.Slice;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What savepoints keep of a bucket, and those of the first version. */
@Pure
class BucketTest {
    @Test
    void everythingIsThereAgain() {
        Story story = new Story();
        story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "A"));
        story.apply(change(SCHEMA, CREATE, 10, 12, 2L, "b", "B"));
        story.apply(Story.on(1, Story.truncate(SCHEMA, 5, 6)));
        story.begins(SCHEMA, true);
        story.apply(Story.moved(change(SCHEMA, DELETE, 10, 13, 1L, null, null)));
        story.apply(Story.movedFrom(change(SCHEMA, CREATE, 10, 13, 2L, "a", "A"), 9L, null, null));
        story.apply(change(SCHEMA, UPDATE, 10, 14, 3L, "c", UNSENT));
        story.apply(change(SCHEMA, UPDATE, 10, 14, 3L, "c", UNSENT));
        assertThat(story.bucket.isDirty()).isTrue();
        byte[] bytes = story.bucket.toBytes();
        assertThat(story.bucket.isDirty()).isFalse();
        Bucket again = Bucket.fromBytes(bytes);
        assertThat(again.isDirty()).isFalse();
        assertThat(again.isOfFirstVersion()).isFalse();
        assertThat(again.toBytes()).isEqualTo(bytes);
        assertThat(again.hasShadows()).isTrue();
        assertThat(again.newest()).isEqualTo(SCHEMA);
        assertThat(again.partitions()).isEqualTo(2);
        assertThat(again.fence(SCHEMA.topic(), 0).snapshot).isTrue();
        assertThat(again.fence(SCHEMA.topic(), 0).rowsBefore).isTrue();
        assertThat(again.fence(SCHEMA.topic(), 0).generation).isEqualTo(1);
        Slice key = new Slice();
        key.set(Story.key(SCHEMA, 1L, null, null));
        assertThat(again.between.unpark(key)).isNotNull();
        assertThat(again.between.unpark(key)).isNull();
        assertThat(again.isDirty()).isTrue();
        assertThat(again.between.displaced(change(SCHEMA, DELETE, 10, 15, 2L, null, null)))
                .isNotNull();
        assertThat(again.isTruncated(change(SCHEMA, CREATE, 1, 2, 4L, "d", "D")))
                .isTrue();
        assertThat(again.isTruncated(change(SCHEMA, CREATE, 5, 7, 4L, "d", "D")))
                .isFalse();
    }

    @Test
    void aLaterVersionIsRefused() {
        byte[] bytes = new Bucket().toBytes();
        bytes[0] = 11;
        assertThatThrownBy(() -> Bucket.fromBytes(bytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cannot restore a bucket of version 11: this build reads 1 to 10");
    }

    /** As the first version wrote it: no generations, no partitions, no rows between keys. */
    private static byte[] firstVersion(TableSchema schema, long commit, long event) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(1);
        out.writeInt(1);
        out.writeInt(schema.toBytes().length);
        out.write(schema.toBytes());
        out.writeInt(1);
        out.writeUTF(schema.topic());
        out.writeInt(0);
        out.writeLong(commit);
        out.writeLong(event);
        return bytes.toByteArray();
    }

    /** A stored row of the first version: schema and sequence, then the row. */
    private static byte[] firstRow(TableSchema schema, long sequence, Object... values) {
        byte[] row = Story.row(new ColumnType[] {ColumnType.INT32, ColumnType.TEXT}, values);
        byte[] stored = new byte[16 + row.length];
        Bytes.putLong(stored, 0, schema.id());
        Bytes.putLong(stored, 8, sequence);
        System.arraycopy(row, 0, stored, 16, row.length);
        return stored;
    }

    @Test
    void aBucketOfTheFirstVersionIsBroughtUp() throws IOException {
        TableSchema schema = Story.schema(List.of(0), "id int32", "v text");
        assertThat(schema.toBytes()[0]).as("ids of schemas stay what they were").isEqualTo((byte) 1);
        Story story = new Story();
        story.bucket = Bucket.fromBytes(firstVersion(schema, 10, 12));
        assertThat(story.bucket.isOfFirstVersion()).isTrue();
        assertThat(story.bucket.isDirty()).isTrue();
        Slice key = new Slice();
        for (int id = 1; id <= 2; id++) {
            // an int32 of four bytes, where keys have int64 now
            key.set(Story.row(new ColumnType[] {ColumnType.INT32}, id));
            assertThat(key.length()).isEqualTo(6);
            story.countedRows.put(Rows.Kind.ROW, key, firstRow(schema, 10 + id, id, "v" + id), false);
        }
        story.changelog.upgrade(story.bucket, story.countedRows);
        assertThat(story.live()).containsExactly("1 v1", "2 v2");

        assertThat(story.apply(change(schema, CREATE, 10, 11, 1, "v1"))).isEqualTo(Verdict.DUPLICATE);
        assertThat(story.apply(change(schema, UPDATE, 20, 21, 1, "w"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.apply(change(schema, DELETE, 20, 22, 2, null))).isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).containsExactly("u 1 v1 -> 1 w", "d 2 v2 -> none");
        byte[] bytes = story.bucket.toBytes();
        assertThat(bytes[0]).isEqualTo((byte) 10);
        assertThat(Bucket.fromBytes(bytes).isOfFirstVersion()).isFalse();
    }

    /** It ended with the halves of changed keys: two counts, of deletes and of creates. */
    @Test
    void aBucketOfTheNinthVersionIsRead() {
        byte[] now = new Bucket().toBytes();
        byte[] ninth = Arrays.copyOf(now, now.length + 4);
        ninth[0] = 9;

        assertThat(Bucket.fromBytes(ninth).halves.isEmpty()).isTrue();
    }

    @Test
    void schemasWithDefaultsAreThereAgain() {
        Slice seven = new Slice();
        seven.set(new byte[] {7, 0, 0, 0, 0, 0, 0, 0});
        TableSchema schema = Story.schema(List.of(0), Map.of(1, seven), "id int64", "n int64");
        Bucket bucket = new Bucket();
        assertThat(bucket.define(schema)).isTrue();
        assertThat(bucket.define(schema)).isFalse();
        Bucket again = Bucket.fromBytes(bucket.toBytes());
        TableSchema newest = Objects.requireNonNull(again.newest());
        assertThat(newest).isEqualTo(schema);
        assertThat(Objects.requireNonNull(newest.defaultOf(1)).copy()).isEqualTo(seven.copy());
    }

    @Test
    void rowsBetweenKeysAreBounded() {
        Bucket bucket = new Bucket();
        Slice key = new Slice();
        for (long id = 0; id <= 1000; id++) {
            key.set(Story.key(SCHEMA, id, null, null));
            bucket.between.park(key, new byte[] {1});
        }
        assertThat(bucket.between.unpark(key)).isNotNull();
        key.set(Story.key(SCHEMA, 0L, null, null));
        assertThat(bucket.between.unpark(key)).as("the oldest went").isNull();
    }

    private static final TableSchema OTHER = Story.schema(List.of(0), "id int64", "w text");
    private static final TableSchema KEYLESS = Story.schema(List.of(), "id int64", "v text", "big text");

    private static Slice key(long id) {
        Slice key = new Slice();
        key.set(Story.key(SCHEMA, id, null, null));
        return key;
    }

    private static Event at(int partition, Operation operation, long commit, long event, long id) {
        return Story.on(partition, change(SCHEMA, operation, commit, event, id, null, null));
    }

    /** What changes a bucket, and whether the next savepoint must have it. */
    private static final Map<String, Consumer<Bucket>> STEPS = Map.ofEntries(
            entry("a new schema", bucket -> bucket.define(OTHER)),
            entry("one of the past", bucket -> bucket.register(OTHER)),
            entry("one that is back", bucket -> bucket.alteredBack(SCHEMA)),
            entry("one that is refused", bucket -> bucket.refuse(KEYLESS)),
            entry("a change", bucket -> bucket.reached(bucket.fence("t", 0), 7, false)),
            entry("one that is offered again", bucket -> bucket.reachedAgain(7)),
            entry("a delete that is", bucket -> bucket.removedAgain(bucket.fence("t", 0), 7)),
            entry("the first row of a schema", bucket -> bucket.applied(SCHEMA)),
            entry("a place", bucket -> bucket.advance(bucket.fence("t", 0), 1, 2)),
            entry("a snapshot", bucket -> bucket.beginSnapshot(bucket.fence("t", 0), true, false)),
            entry("a truncate", bucket -> bucket.truncated(at(0, TRUNCATE, 1, 2, 1))),
            entry("a delete", bucket -> bucket.deleted(at(1, DELETE, 1, 2, 1), true)),
            entry("a shadow", Bucket::shadowMade),
            entry("a shadow that went", Bucket::shadowGone),
            entry("all that went", Bucket::noShadows),
            entry("a row between keys", bucket -> bucket.between.park(key(1), new byte[] {1})),
            entry("one that was taken", bucket -> bucket.between.displace(at(0, CREATE, 1, 2, 1), new byte[] {1})));

    @Test
    void aSavepointHasWhateverHasChanged() {
        STEPS.forEach((what, step) -> {
            Bucket bucket = new Bucket();
            bucket.define(SCHEMA);
            var unused = bucket.toBytes();
            step.accept(bucket);
            assertThat(bucket.isDirty()).as(what).isTrue();
            byte[] bytes = bucket.toBytes();
            assertThat(Bucket.fromBytes(bytes).toBytes()).as(what).isEqualTo(bytes);
        });
    }

    @Test
    void whatChangesNothingNeedsNoSavepoint() {
        Bucket bucket = new Bucket();
        bucket.define(SCHEMA);
        bucket.refuse(OTHER);
        bucket.applied(SCHEMA);
        bucket.between.park(key(1), new byte[] {1});
        bucket.between.displace(at(0, CREATE, 1, 2, 1), new byte[] {1});
        bucket.shown();
        Fence fence = bucket.fence("t", 0);
        assertThat(bucket.beginSnapshot(fence, true, true)).isTrue();
        var unused = bucket.toBytes();

        assertThat(bucket.define(SCHEMA)).isFalse();
        assertThat(bucket.register(SCHEMA)).isFalse();
        bucket.refuse(OTHER);
        bucket.accept(SCHEMA);
        bucket.applied(SCHEMA);
        bucket.shown();
        assertThat(bucket.between.unpark(key(2))).isNull();
        assertThat(bucket.between.displaced(at(0, DELETE, 1, 2, 2))).isNull();
        assertThat(bucket.beginSnapshot(fence, false, true)).as("it goes on").isFalse();
        assertThat(bucket.isDirty()).isFalse();

        assertThat(bucket.endSnapshot(fence)).isTrue();
        assertThat(bucket.isDirty()).isTrue();
        byte[] saved = bucket.toBytes();
        assertThat(bucket.endSnapshot(fence)).isFalse();
        assertThat(bucket.isDirty()).isFalse();
        bucket.accept(OTHER);
        assertThat(bucket.isDirty()).isTrue();
        assertThat(bucket.toBytes()).isNotEqualTo(saved);
    }

    @Test
    void currentRowsAreGivenAgainOnceTheyMayHaveChanged() {
        Bucket bucket = new Bucket();
        assertThat(bucket.isChanged()).isTrue();
        bucket.shown();
        assertThat(bucket.isDirty()).isTrue();
        assertThat(bucket.isChanged()).isFalse();
        bucket = Bucket.fromBytes(bucket.toBytes());
        assertThat(bucket.isChanged()).isFalse();
        bucket.notShown();
        assertThat(bucket.isDirty()).isTrue();
        assertThat(bucket.isChanged()).isTrue();
        var unused = bucket.toBytes();
        bucket.notShown();
        assertThat(bucket.isDirty()).isFalse();
        bucket.shown();
        bucket.reached(bucket.fence("t", 0), 7, false);
        assertThat(bucket.isChanged()).isTrue();
        bucket.shown();
        bucket.reachedAgain(3);
        assertThat(bucket.isChanged()).isTrue();
    }

    @Test
    void itsRowsComeAsFarAsTheNewestOffsets() {
        Bucket bucket = new Bucket();
        assertThat(bucket.ends("replays")).isEmpty();
        bucket.reached(bucket.fence("t", 0), 0, false);
        bucket.reached(bucket.fence("t", 1), 41, true);
        bucket.fence("t", 2).newest = Long.MAX_VALUE; // of an earlier version, which did not know
        assertThat(bucket.fence("t", 3).newest).isEqualTo(-1);
        assertThat(bucket.fence("u", 3)).isNotSameAs(bucket.fence("t", 3));
        assertThat(bucket.fence("u", 3)).isSameAs(bucket.fence("u", 3)).isNotSameAs(bucket.fence("u", 2));
        assertThat(bucket.ends("replays"))
                .isEqualTo(Map.of(new SourcePartition("t", 0), 1L, new SourcePartition("t", 1), 42L));
        bucket.reachedAgain(0);
        bucket.reachedAgain(5);
        bucket.reachedAgain(2);
        assertThat(bucket.ends("replays")).containsEntry(new SourcePartition("replays", 0), 6L);
        assertThat(bucket.knows("t", 1)).isTrue();
        assertThat(bucket.knows("t", 9)).isFalse();
    }

    @Test
    void theSchemaOfTheRowThatWasAppliedLastIsTheLast() {
        Bucket bucket = new Bucket();
        assertThat(bucket.schemas()).isEmpty();
        bucket.define(Story.schema(List.of()));
        assertThat(bucket.schemas()).as("of truncates alone").isEmpty();
        bucket = new Bucket();
        bucket.define(SCHEMA);
        bucket.define(OTHER);
        assertThat(bucket.schemas()).containsExactly(SCHEMA, OTHER);
        bucket.applied(SCHEMA);
        assertThat(bucket.schemas()).containsExactly(OTHER, SCHEMA);
        bucket = Bucket.fromBytes(bucket.toBytes());
        assertThat(bucket.schemas()).containsExactly(OTHER, SCHEMA);
        assertThat(bucket.newest()).isEqualTo(OTHER);
        bucket.alteredBack(SCHEMA);
        assertThat(bucket.newest()).isEqualTo(SCHEMA);
    }

    @Test
    void whatIsReadAnewIsAheadOfItsPlace() {
        Bucket bucket = new Bucket();
        Fence fence = bucket.fence("t", 0);
        bucket.reached(fence, 5, false);
        assertThat(bucket.isAheadOf(fence, 9)).isFalse();
        bucket.catchUp();
        assertThat(bucket.isAheadOf(fence, 6)).isTrue();
        assertThat(bucket.isAheadOf(fence, 5)).isFalse();
    }

    @Test
    void aRefusedSchemaIsKnownAndNoneOfTheTables() {
        Bucket bucket = new Bucket();
        bucket.define(SCHEMA);
        assertThat(bucket.isRefused(OTHER)).isFalse();
        bucket.refuse(OTHER);
        assertThat(bucket.isRefused(OTHER)).isTrue();
        assertThat(bucket.schema(OTHER.id())).isEqualTo(OTHER);
        assertThat(bucket.schemas()).containsExactly(SCHEMA);
        bucket = Bucket.fromBytes(bucket.toBytes());
        assertThat(bucket.isRefused(OTHER)).isTrue();
        bucket.accept(OTHER);
        assertThat(bucket.isRefused(OTHER)).isFalse();
    }

    @Test
    void aTruncateTakesWhatIsBetweenKeys() {
        Bucket bucket = new Bucket();
        bucket.between.park(key(1), new byte[] {1});
        bucket.between.displace(at(0, CREATE, 5, 6, 2), new byte[] {1});
        bucket.truncated(at(0, TRUNCATE, 10, 20, 1));
        assertThat(bucket.between.unpark(key(1))).isNull();
        assertThat(bucket.between.displaced(at(0, DELETE, 5, 6, 2))).isNull();

        assertThat(bucket.isTruncated(at(1, UPDATE, 9, 19, 1))).isTrue();
        assertThat(bucket.isTruncated(at(1, UPDATE, 9, 0, 1))).isTrue();
        assertThat(bucket.isTruncated(at(1, UPDATE, 9, -1, 1)))
                .as("of no place")
                .isFalse();
        assertThat(bucket.isTruncated(at(1, UPDATE, 9, 20, 1))).isFalse();
        assertThat(bucket.isTruncated(at(0, UPDATE, 9, 19, 1)))
                .as("in its own partition it came before")
                .isFalse();
        bucket.truncated(at(1, TRUNCATE, 10, 15, 1)); // an earlier one, late
        assertThat(bucket.isTruncated(at(1, UPDATE, 9, 19, 1))).isTrue();
        bucket.truncated(at(1, TRUNCATE, 10, 20, 1));
        assertThat(bucket.isTruncated(at(0, UPDATE, 9, 19, 1)))
                .as("the first of two")
                .isFalse();
        Bucket first = new Bucket();
        assertThat(first.isTruncated(at(1, UPDATE, 9, 19, 1))).isFalse();
        first.truncated(at(0, TRUNCATE, 0, 0, 1));
        assertThat(first.isTruncated(at(1, UPDATE, 0, 0, 1))).isFalse();
    }

    @Test
    void aTakenRowIsOfItsTransactionAlone() {
        Bucket bucket = new Bucket();
        Event first = at(0, CREATE, 5, 6, 1);
        Event second = at(0, CREATE, 7, 8, 2);
        second.transaction.set(new byte[] {'8'});
        bucket.between.displace(first, new byte[] {1});
        bucket.between.displace(at(0, CREATE, 5, 6, 3), new byte[] {3});
        assertThat(bucket.between.displaced(at(0, DELETE, 5, 6, 3))).containsExactly(3);
        bucket.between.displace(second, new byte[] {2});
        assertThat(bucket.between.displaced(first))
                .as("its transaction is over")
                .isNull();
        Event of = at(0, DELETE, 7, 9, 2);
        assertThat(bucket.between.displaced(of)).as("of another transaction").isNull();
        of.transaction.set(new byte[] {'8'});
        assertThat(bucket.between.displaced(of)).containsExactly(2);
        assertThat(bucket.between.displaced(of)).isNull();
    }

    @Test
    void rowsThatWereTakenAreBounded() {
        Bucket bucket = new Bucket();
        for (long id = 0; id <= 1000; id++) {
            bucket.between.displace(at(0, CREATE, 5, 6, id), new byte[] {1});
        }
        assertThat(bucket.between.displaced(at(0, DELETE, 5, 6, 0)))
                .as("the oldest went")
                .isNull();
        assertThat(bucket.between.displaced(at(0, DELETE, 5, 6, 1))).isNotNull();
        assertThat(bucket.between.displaced(at(0, DELETE, 5, 6, 1000))).isNotNull();
    }

    @Test
    void exactlyAThousandAreKept() {
        Bucket bucket = new Bucket();
        for (long id = 0; id < 1000; id++) {
            bucket.between.park(key(id), new byte[] {1});
        }
        assertThat(bucket.between.unpark(key(0))).isNotNull();
    }

    @Test
    void aSnapshotThatGoesOnIsNoNewOne() {
        Bucket bucket = new Bucket();
        Fence fence = bucket.fence("t", 0);
        assertThat(bucket.beginSnapshot(fence, false, false))
                .as("no rows before")
                .isFalse();
        assertThat(fence.generation).isEqualTo(1);
        assertThat(bucket.beginSnapshot(fence, false, true)).isFalse();
        assertThat(fence.generation).isEqualTo(1);
        assertThat(bucket.beginSnapshot(fence, true, true)).as("another").isTrue();
        assertThat(fence.generation).isEqualTo(2);
        assertThat(bucket.endSnapshot(fence)).isTrue();
        assertThat(bucket.endSnapshot(fence)).isFalse();
        assertThat(bucket.beginSnapshot(fence, false, false)).isFalse();
        assertThat(bucket.endSnapshot(fence)).as("there were none to go").isFalse();
    }

    @Test
    void placesCompareByCommitAndEvent() {
        assertThat(Fence.compare(5, 6, 5, 6)).isZero();
        assertThat(Fence.compare(5, 6, 5, 7)).isPositive();
        assertThat(Fence.compare(5, 6, 4, 9)).isNegative();
        assertThat(Fence.compare(5, 6, 6, 1)).isPositive();
        assertThat(Fence.compare(5, 6, 0, 4)).as("a first transaction before").isNegative();
        assertThat(Fence.compare(5, 6, 0, 5)).as("or after").isPositive();
        assertThat(Fence.compare(0, 6, 0, 5)).isNegative();
        assertThat(Fence.compare(0, 6, 0, 6)).isZero();
    }

    @Test
    void positionsThatBeginAnewStandBehindAllOthers() {
        Fence fence = new Bucket().fence("t", 0);
        fence.commit = 500;
        fence.event = 600;
        fence.newestMillis = 1000;
        Event same = timed(1000, 10, 11);
        assertThat(fence.isAnew(same)).as("no later").isFalse();
        assertThat(fence.isAnew(timed(1001, 500, 600)))
                .as("at the newest place, later")
                .isTrue();
        assertThat(fence.isAnew(timed(1001, 500, 601))).isFalse();
        fence.newestMillis = 0;
        assertThat(fence.isAnew(timed(1001, 10, 11)))
                .as("its time is not known")
                .isFalse();
        fence.newestMillis = 1000;

        Event anew = timed(1001, 10, 11);
        fence.beginAnew(anew);
        assertThat(fence.shift).isEqualTo(591);
        assertThat(anew.sequenceCommit).isEqualTo(601);
        assertThat(anew.sequenceEvent).isEqualTo(602);
        Event next = timed(1002, 12, 13);
        Fence.move(next, fence.shift);
        assertThat(next.sequenceCommit).isEqualTo(603);
        assertThat(next.sequenceEvent).isEqualTo(604);

        fence = new Bucket().fence("t", 0);
        fence.commit = 500;
        fence.event = 400; // of a long transaction
        Event first = timed(1001, 0, 11); // the first of its connector
        fence.beginAnew(first);
        assertThat(first.sequenceCommit).isZero();
        assertThat(first.sequenceEvent).isEqualTo(501);
        Event later = timed(1001, 20, 15);
        fence = new Bucket().fence("t", 0);
        fence.commit = 500;
        fence.event = 400;
        fence.beginAnew(later);
        assertThat(later.sequenceEvent).as("the lower of both").isEqualTo(501);
        assertThat(later.sequenceCommit).isEqualTo(506);
    }

    @Test
    void untilNoNumberIsLeft() {
        Event last = timed(1, 10, 11);
        Fence.move(last, 1L << 62);
        assertThat(last.sequenceEvent).isEqualTo((1L << 62) + 11);
        Event beyond = timed(1, 10, 11);
        Fence.move(beyond, (1L << 62) + 1);
        assertThat(beyond.sequenceCommit).isEqualTo(-1);
        assertThat(beyond.sequenceEvent).isEqualTo(-1);
        Fence fence = new Bucket().fence("t", 0);
        fence.commit = 500;
        fence.event = 600;
        fence.shift = (1L << 62) - 591;
        Event anew = timed(1, 10, 11);
        fence.beginAnew(anew);
        assertThat(anew.sequenceEvent).as("the last that can be").isEqualTo(602);
        fence.shift = (1L << 62) - 590;
        anew = timed(1, 10, 11);
        fence.beginAnew(anew);
        assertThat(anew.sequenceEvent).isEqualTo(-1);
    }

    private static Event timed(long millis, long commit, long event) {
        Event change = at(0, CREATE, commit, event, 1);
        change.sourceMillis = millis;
        return change;
    }

    @Test
    void deletesAreForgottenOnceAllPartitionsArePast() {
        Bucket bucket = new Bucket();
        bucket.advance(bucket.fence(SCHEMA.topic(), 0), 0, 0);
        bucket.advance(bucket.fence(SCHEMA.topic(), 1), 0, 0);
        bucket.advance(bucket.fence("another", 0), 0, 0);
        bucket.deleted(at(0, DELETE, 0, 0, 1), true);
        bucket.deleted(at(0, DELETE, -1, 5, 2), true); // of no place
        bucket.deleted(at(0, DELETE, 5, -1, 3), true);
        assertThat(bucket.deletedKeys()).isOne();
        for (int i = 0; i < 9_997; i++) {
            bucket.advance(bucket.fence(SCHEMA.topic(), i % 2), 10 + i, 20 + i);
        }
        assertThat(bucket.deletedKeys()).as("not looked at yet").isOne();
        var unused = bucket.toBytes();
        for (int i = 0; i < 3; i++) {
            bucket.advance(bucket.fence(SCHEMA.topic(), i % 2), 20_000 + i, 20_000 + i);
        }
        assertThat(bucket.deletedKeys()).isZero();
    }

    @Test
    void aDeleteOfATableOfOnePartitionIsKeptWhereItsRowWasNotThere() {
        Bucket bucket = new Bucket();
        bucket.advance(bucket.fence(SCHEMA.topic(), 0), 1, 2);
        bucket.deleted(at(0, DELETE, 5, 6, 1), true);
        assertThat(bucket.deletedKeys()).isZero();
        bucket.deleted(at(0, DELETE, 5, 6, 1), false);
        assertThat(bucket.deletedKeys()).isOne();
        bucket.deleted(at(1, DELETE, 5, 6, 2), true);
        assertThat(bucket.deletedKeys())
                .as("the second partition may be behind")
                .isEqualTo(2);
    }

    @Test
    void rowsOfTheSecondVersionAreOfAnEarlierForm() {
        assertThat(new Bucket().hasRowsOfEarlierForm()).isFalse();
        for (int version = 2; version <= 3; version++) {
            byte[] bytes = new byte[1 + 4 + 4 + 8 + 8 + 8 + 4 + 4 + 4];
            bytes[0] = (byte) version;
            assertThat(Bucket.fromBytes(bytes).hasRowsOfEarlierForm()).isEqualTo(version == 2);
        }
        assertThat(BucketFormat.upgraded(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}))
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0, 0, 0, 0, 0, 0, 0, 0, 17, 18);
    }
}
