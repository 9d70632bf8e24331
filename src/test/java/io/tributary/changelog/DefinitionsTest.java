package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.change.Operation.UPDATE;
import static io.tributary.changelog.Rowing.UNSENT;
import static io.tributary.changelog.Story.change;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Covers.Form;
import io.tributary.Covers.How;
import io.tributary.Pure;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tables whose columns, types and keys change under their rows. */
@Pure
class DefinitionsTest {
    private static final TableSchema OLD = Story.schema(List.of(0), "id int64", "v text");
    private final Story story = new Story();

    private static Slice text(String value) {
        Slice slice = new Slice();
        slice.set(value.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return slice;
    }

    @Test
    @Covers(
            row = "ADD COLUMN DEFAULT",
            forms = {Form.SCHEMA, Form.FLAT})
    void rowsFromBeforeAColumnGetItsDefault() {
        TableSchema added = Story.schema(List.of(0), Map.of(2, text("D")), "id int64", "v text", "n text");
        story.apply(change(OLD, CREATE, 10, 11, 1L, "a"));
        story.apply(change(OLD, CREATE, 10, 12, 2L, "b"));
        story.told();
        story.apply(change(added, UPDATE, 20, 21, 1L, "a2", null));
        assertThat(story.emitted).as("of one schema, row by row").endsWith("d", "c", "d", "c", "u");
        assertThat(story.told())
                .containsExactlyInAnyOrder(
                        "d 1 a null -> none",
                        "c none -> 1 a D",
                        "d 2 b null -> none",
                        "c none -> 2 b D",
                        "u 1 a D -> 1 a2 null");
        assertThat(story.live()).containsExactly("1 a2 null", "2 b D");
        story.restart();
        story.apply(change(added, UPDATE, 30, 31, 2L, UNSENT, UNSENT));
        assertThat(story.told()).as("only once").containsExactly("u 2 b D -> 2 b D");
    }

    @Test
    @Covers(
            row = "ADD COLUMN DEFAULT",
            forms = {Form.PLAIN},
            how = How.POLICY)
    @Covers(row = "DROP, RENAME, TYPE")
    @Covers(row = "NOT NULL without default", how = Covers.How.UNDECIDABLE)
    void rowsFromBeforeAColumnWithoutDefaultHaveNothingInIt() {
        TableSchema added = Story.schema(List.of(0), "id int64", "v text", "n text");
        story.apply(change(OLD, CREATE, 10, 11, 1L, "a"));
        story.told();
        story.apply(change(added, UPDATE, 20, 21, 1L, "b", "n"));
        assertThat(story.told()).containsExactly("u 1 a -> 1 b n");
    }

    @Test
    @Covers(row = "DROP, RENAME, TYPE")
    void aColumnThatWentIsNoneOfTheRow() {
        TableSchema dropped = Story.schema(List.of(0), "id int64");
        TableSchema renamed = Story.schema(List.of(0), "id int64", "w text");
        story.apply(change(OLD, CREATE, 10, 11, 1L, "a"));
        story.apply(change(dropped, UPDATE, 20, 21, 1L));
        story.apply(change(renamed, UPDATE, 30, 31, 1L, "b"));
        assertThat(story.told()).containsExactly("c none -> 1 a", "u 1 a -> 1", "u 1 -> 1 b");
    }

    @Test
    @Covers(row = "DROP, RENAME, TYPE")
    void anUnsentValueIsTakenOverInTheNewType() {
        TableSchema narrow = Story.schema(List.of(0), "id int64", "n int32", "f text");
        TableSchema wide = Story.schema(List.of(0), "id int64", "n int64", "f text");
        TableSchema text = Story.schema(List.of(0), "id int64", "n text", "f text");
        story.apply(change(narrow, CREATE, 10, 11, 1L, 7, "a"));
        story.apply(change(wide, UPDATE, 20, 21, 1L, UNSENT, "b"));
        story.apply(change(text, UPDATE, 30, 31, 1L, UNSENT, "c"));
        assertThat(story.told()).endsWith("u 1 7 a -> 1 7 b", "u 1 7 b -> 1 7 c");
        assertThat(story.apply(change(narrow, UPDATE, 40, 41, 1L, UNSENT, "d")))
                .as("text is no number")
                .isEqualTo(Verdict.UNSENT);
    }

    @Test
    @Covers(row = "DROP, RENAME, TYPE")
    void aKeysColumnMayBeWidened() {
        TableSchema narrow = Story.schema(List.of(0), "id int32", "v text");
        story.apply(change(narrow, CREATE, 10, 11, 1, "a"));
        story.apply(change(OLD, UPDATE, 20, 21, 1L, "b"));
        assertThat(story.told()).containsExactly("c none -> 1 a", "u 1 a -> 1 b");
        assertThat(story.live()).containsExactly("1 b");
    }

    @Test
    @Covers(row = "generated columns", how = How.POLICY)
    void aColumnThatTheStreamDoesNotHaveIsInTheSnapshotsRowOnly() {
        TableSchema snapshot = Story.schema(List.of(0), "id int64", "v text", "g text");
        story.apply(Story.read(snapshot, 1L, "a", "A"));
        story.apply(Story.read(snapshot, 2L, "b", "B"));
        story.apply(change(OLD, UPDATE, 20, 21, 1L, "c"));
        assertThat(story.told()).containsExactly("r none -> 1 a A", "r none -> 2 b B", "u 1 a A -> 1 c");
        assertThat(story.live()).containsExactly("1 c", "2 b B");
    }

    @Test
    @Covers(row = "primary key altered")
    void rowsAreFoundUnderTheirNewKey() {
        TableSchema wider = Story.schema(List.of(0, 1), "id int64", "v text");
        story.apply(change(OLD, CREATE, 10, 11, 1L, "a"));
        story.apply(change(OLD, CREATE, 10, 12, 2L, "b"));
        story.told();
        story.apply(change(wider, DELETE, 20, 21, 1L, "a"));
        story.apply(change(wider, UPDATE, 20, 22, 2L, "b"));
        assertThat(story.told()).containsExactly("d 1 a -> none", "u 2 b -> 2 b");
        assertThat(story.live()).containsExactly("2 b");
    }

    @Test
    @Covers(row = "primary key altered")
    void anEventOfBeforeThatIsDeliveredAgainAltersNothing() {
        TableSchema wider = Story.schema(List.of(0, 1), "id int64", "v text");
        story.apply(change(OLD, CREATE, 10, 11, 1L, "a"));
        story.apply(change(wider, CREATE, 20, 21, 2L, "b"));
        assertThat(story.changelog.apply(change(OLD, CREATE, 10, 11, 1L, "a"), story.bucket, story.rows, change -> {}))
                .isEqualTo(Verdict.DUPLICATE);
        assertThat(story.bucket.newest()).isEqualTo(wider);
    }

    @Test
    @Covers(row = "primary key altered")
    void aKeyOfAnAddedColumnIsItsDefault() {
        TableSchema added = Story.schema(List.of(0, 2), Map.of(2, text("D")), "id int64", "v text", "n text");
        story.apply(change(OLD, CREATE, 10, 11, 1L, "a"));
        story.told();
        story.apply(change(added, UPDATE, 20, 21, 1L, "b", "D"));
        assertThat(story.told()).containsExactly("d 1 a null -> none", "c none -> 1 a D", "u 1 a D -> 1 b D");
        assertThat(story.live()).containsExactly("1 b D");
    }

    @Test
    @Covers(row = "table dropped and made anew", how = How.UNDECIDABLE)
    void aTableThatWasDroppedAndMadeAnewHasRowsOfBefore() {
        story.apply(change(OLD, CREATE, 10, 11, 1L, "a"));
        story.apply(change(OLD, CREATE, 20, 21, 2L, "of the new table"));
        assertThat(story.apply(change(OLD, CREATE, 20, 22, 1L, "of the new table")))
                .isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).endsWith("u 1 a -> 1 of the new table");
        assertThat(story.live()).containsExactly("1 of the new table", "2 of the new table");
    }
}
