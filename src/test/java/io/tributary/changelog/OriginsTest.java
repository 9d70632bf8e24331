package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.change.Operation.UPDATE;
import static io.tributary.changelog.Story.change;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Pure;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tables of one schema and name, in two databases or of two servers, whether they come by one topic or by two. */
@Pure
class OriginsTest {
    private static final TableSchema ONE = of("cdc.public.t", "postgresql/one/shop");
    private static final TableSchema TWO = of("cdc.public.t", "postgresql/two/shop");
    private static final TableSchema UNKNOWN =
            new TableSchema("cdc.public.t", new TableName("public", "t"), ONE.columns(), List.of(0));

    private final Story story = new Story();

    private static TableSchema of(String topic, String origin) {
        return new TableSchema(
                topic,
                new TableName("public", "t"),
                new TableSchema.Told(origin, false, false, ""),
                List.of(new Column("id", ColumnType.INT32), new Column("v", ColumnType.TEXT)),
                List.of(0),
                Map.of());
    }

    @Test
    @Covers(
            row = "tables of one name",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN},
            how = Covers.How.REFUSED)
    void theyAreNotOneTable() {
        story.apply(change(ONE, CREATE, 10, 11, 1, "a"));
        assertThat(story.apply(change(TWO, CREATE, 20, 21, 1, "b"))).isEqualTo(Verdict.OTHER_SOURCE);
        story.restart();
        assertThat(story.apply(change(of("two.public.t", TWO.told().origin()), UPDATE, 30, 31, 1, "c")))
                .isEqualTo(Verdict.OTHER_SOURCE);
        assertThat(story.applyKnown(change(TWO, DELETE, 40, 41, 1, null))).isEqualTo(Verdict.OTHER_SOURCE);
        assertThat(story.apply(Story.truncate(TWO, 50, 51))).isEqualTo(Verdict.OTHER_SOURCE);
        Event again = change(TWO, UPDATE, 60, 61, 1, "d");
        again.replay = 0;
        assertThat(story.apply(again)).isEqualTo(Verdict.OTHER_SOURCE);

        assertThat(story.told()).containsExactly("c none -> 1 a");
        assertThat(story.live()).containsExactly("1 a");
        assertThat(story.bucket.newest()).isEqualTo(ONE);
        assertThat(story.bucket.schemas()).containsExactly(ONE);
        assertThat(story.apply(change(ONE, UPDATE, 10, 12, 1, "e")))
                .as("the other's positions are not its own")
                .isEqualTo(Verdict.APPLIED);
    }

    @Test
    void aSnapshotOfTheOtherTakesNothing() {
        story.apply(change(ONE, CREATE, 10, 11, 1, "a"));
        story.begins(TWO, true);
        assertThat(story.apply(Story.read(TWO, 2, "b"))).isEqualTo(Verdict.OTHER_SOURCE);
        story.ends(TWO);
        Event lost = change(TWO, UPDATE, 20, 21, 1, null);
        story.changelog.lose(lost, story.bucket, story.rows);
        story.mark(Story.truncate(TWO, 30, 31));

        assertThat(story.live()).containsExactly("1 a");
        assertThat(story.bucket.hasShadows()).isFalse();
    }

    /** Also where the first's rows are all gone. */
    @Test
    void norAnEmptyTable() {
        story.apply(change(ONE, CREATE, 10, 11, 1, "a"));
        story.apply(change(ONE, DELETE, 10, 12, 1, null));
        assertThat(story.apply(change(TWO, CREATE, 20, 21, 1, "b"))).isEqualTo(Verdict.OTHER_SOURCE);
    }

    /** A row without an envelope does not say; nor did an earlier version ask. */
    @Test
    @Covers(
            row = "tables of one name",
            forms = {Covers.Form.FLAT},
            how = Covers.How.UNDECIDABLE)
    void whatDoesNotSayIsOfTheTable() {
        story.apply(change(UNKNOWN, CREATE, 10, 11, 1, "a"));
        story.restart();
        assertThat(story.apply(change(TWO, UPDATE, 20, 21, 1, "b"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.apply(change(UNKNOWN, UPDATE, 30, 31, 1, "c"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.apply(change(ONE, UPDATE, 40, 41, 1, "d"))).isEqualTo(Verdict.OTHER_SOURCE);
        assertThat(story.told()).containsExactly("c none -> 1 a", "u 1 a -> 1 b", "u 1 b -> 1 c");
    }

    @Test
    void aSchemaIsKeptWithItsOrigin() {
        assertThat(TableSchema.fromBytes(ONE.toBytes())).isEqualTo(ONE);
        assertThat(TableSchema.fromBytes(ONE.toBytes()).told().origin()).isEqualTo("postgresql/one/shop");
        TableSchema ordered = new TableSchema(
                ONE.topic(),
                ONE.table(),
                new TableSchema.Told("", true, false, ""),
                ONE.columns(),
                ONE.key(),
                Map.of());
        assertThat(TableSchema.fromBytes(ordered.toBytes()).told().isOrdered()).isTrue();
        assertThat(TableSchema.fromBytes(ONE.toBytes()).told().isOrdered()).isFalse();
        assertThat(ordered).isNotEqualTo(UNKNOWN);
        assertThat(ONE.on("other").told().origin()).isEqualTo("postgresql/one/shop");
        assertThat(ONE).isNotEqualTo(TWO).isNotEqualTo(UNKNOWN);
        assertThat(UNKNOWN.toBytes()[0]).as("what savepoints have").isEqualTo((byte) 1);
    }
}
