package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.change.Operation.UPDATE;
import static io.tributary.changelog.Rowing.SCHEMA;
import static io.tributary.changelog.Rowing.UNSENT;
import static io.tributary.changelog.Story.change;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import io.tributary.change.Bytes;
import io.tributary.change.ColumnType;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
        assertThat(again.unpark(key)).isNotNull();
        assertThat(again.unpark(key)).isNull();
        assertThat(again.isDirty()).isTrue();
        assertThat(again.displaced(change(SCHEMA, DELETE, 10, 15, 2L, null, null)))
                .isNotNull();
        assertThat(again.isTruncated(change(SCHEMA, CREATE, 1, 2, 4L, "d", "D")))
                .isTrue();
        assertThat(again.isTruncated(change(SCHEMA, CREATE, 5, 7, 4L, "d", "D")))
                .isFalse();
    }

    @Test
    void aLaterVersionIsRefused() {
        byte[] bytes = new Bucket().toBytes();
        bytes[0] = 7;
        assertThatThrownBy(() -> Bucket.fromBytes(bytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cannot restore a bucket of version 7: this build reads 1 to 6");
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
            story.rows.put(Rows.Kind.ROW, key, firstRow(schema, 10 + id, id, "v" + id), false);
        }
        story.changelog.upgrade(story.bucket, story.rows);
        assertThat(story.live()).containsExactly("1 v1", "2 v2");

        assertThat(story.apply(change(schema, CREATE, 10, 11, 1, "v1"))).isEqualTo(Verdict.DUPLICATE);
        assertThat(story.apply(change(schema, UPDATE, 20, 21, 1, "w"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.apply(change(schema, DELETE, 20, 22, 2, null))).isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).containsExactly("u 1 v1 -> 1 w", "d 2 v2 -> none");
        byte[] bytes = story.bucket.toBytes();
        assertThat(bytes[0]).isEqualTo((byte) 6);
        assertThat(Bucket.fromBytes(bytes).isOfFirstVersion()).isFalse();
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
            bucket.park(key, new byte[] {1});
        }
        assertThat(bucket.unpark(key)).isNotNull();
        key.set(Story.key(SCHEMA, 0L, null, null));
        assertThat(bucket.unpark(key)).as("the oldest went").isNull();
    }
}
