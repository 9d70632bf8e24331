package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.change.Operation.UPDATE;
import static io.tributary.changelog.Story.change;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.TableSchema;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The source says that a column has gone and another has come. */
@Pure
class RenamesTest {
    private static final List<Integer> KEY = List.of(0);
    private static final TableSchema BEFORE = Story.schema(KEY, "id int64", "ok boolean", "n int64");

    private final Story story = new Story();

    @Test
    void rowsHaveWhatTheyHadByTheNewName() {
        TableSchema after = Story.schema(KEY, "id int64", "fine boolean", "n int64");
        story.apply(change(BEFORE, CREATE, 10, 11, 1L, true, 5L));
        story.apply(change(BEFORE, CREATE, 10, 12, 2L, null, 6L));
        story.told();

        story.apply(change(after, UPDATE, 10, 21, 2L, false, 6L));

        assertThat(story.told())
                .containsExactlyInAnyOrder(
                        "d 1 null 5 -> none",
                        "c none -> 1 true 5",
                        "d 2 null 6 -> none",
                        "c none -> 2 null 6",
                        "u 2 null 6 -> 2 false 6");
        assertThat(story.live()).containsExactly("1 true 5", "2 false 6");
    }

    @Test
    void aKeysColumnToo() {
        TableSchema after = Story.schema(KEY, "number int64", "ok boolean", "n int64");
        story.apply(change(BEFORE, CREATE, 10, 11, 1L, true, 5L));

        story.apply(change(after, DELETE, 10, 21, 1L, null, null));

        assertThat(story.live()).isEmpty();
    }

    @Test
    void aTableWithoutKeyToo() {
        TableSchema before = Story.schema(List.of(), "ok boolean", "n int64");
        TableSchema after = Story.schema(List.of(), "fine boolean", "n int64");
        story.apply(change(before, CREATE, 10, 11, true, 5L));

        story.apply(change(after, DELETE, 10, 21, true, 5L));

        assertThat(story.live()).isEmpty();
    }

    @Test
    void andBackAgain() {
        TableSchema after = Story.schema(KEY, "id int64", "fine boolean", "n int64");
        story.apply(change(BEFORE, CREATE, 10, 11, 1L, true, 5L));
        story.apply(change(after, CREATE, 10, 21, 2L, false, 6L));
        story.told();

        story.apply(change(BEFORE, CREATE, 10, 31, 3L, null, 7L));

        assertThat(story.told())
                .containsExactlyInAnyOrder(
                        "d 1 null 5 -> none",
                        "c none -> 1 true 5",
                        "d 2 null 6 -> none",
                        "c none -> 2 false 6",
                        "c none -> 3 null 7");
        assertThat(story.apply(change(after, CREATE, 10, 21, 2L, false, 6L)))
                .as("delivered again, which renames nothing")
                .isEqualTo(Verdict.DUPLICATE);
        assertThat(story.told()).isEmpty();
    }

    @Test
    void theLastColumnMayBeAnother() {
        TableSchema after = Story.schema(KEY, "id int64", "ok boolean", "m int64");
        story.apply(change(BEFORE, CREATE, 10, 11, 1L, true, 5L));
        story.told();

        story.apply(change(after, CREATE, 10, 21, 2L, true, 6L));

        assertThat(story.told()).containsExactly("c none -> 2 true 6");
    }

    @Test
    void soMayOneOfAnotherTypeOrOfAnotherSource() {
        TableSchema typed = Story.schema(KEY, "id int64", "fine text", "n int64");
        TableSchema after = Story.schema(KEY, "id int64", "good text", "n int64");
        story.apply(change(BEFORE, CREATE, 10, 11, 1L, true, 5L));
        story.apply(change(typed, CREATE, 10, 21, 2L, "yes", 6L));
        story.told();

        story.apply(change(after, CREATE, -1, -1, 3L, "so", 6L));

        assertThat(story.told()).containsExactly("c none -> 3 so 6");
    }

    @Test
    void columnsInAnotherOrderWithTheKeyAmongThemAreTheSame() {
        TableSchema after = Story.schema(List.of(2), "n int64", "ok boolean", "id int64");
        story.apply(change(BEFORE, CREATE, 10, 11, 1L, true, 5L));
        story.told();

        story.apply(change(after, CREATE, 10, 21, 6L, false, 2L));

        assertThat(story.live()).containsExactly("1 true 5", "6 false 2");
    }
}
