package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.change.Operation.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.Slice;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import io.tributary.validate.Rule;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Changes that were rejected, offered again at their old place. An event's offset is its place in the source here. */
@Pure
class ReplaysTest {
    private static final TableSchema T = Story.schema(List.of(0), "id int32", "v text", "big text");

    private final Story story = new Story(new ChangelogSettings(
            true,
            Unsent.REJECT,
            StateMode.ROWS,
            List.of(new Rule("v", Rule.Kind.MAX_LENGTH, Rule.Action.REJECT, BigDecimal.valueOf(3), null, null))));

    private static Event at(Event change) {
        change.offset = change.sequenceEvent;
        return change;
    }

    private static Event again(Event change) {
        change.replay = 0;
        return at(change);
    }

    private static Event event(Operation operation, long event, int id, @Nullable String v, @Nullable String big) {
        return at(Story.change(T, operation, event - 1, event, id, v, big));
    }

    private Verdict apply(Operation operation, long event, int id, @Nullable String v, @Nullable String big) {
        return story.apply(event(operation, event, id, v, big));
    }

    private Verdict again(Operation operation, long event, int id, @Nullable String v, @Nullable String big) {
        return story.apply(again(event(operation, event, id, v, big)));
    }

    private Verdict lose(long event, int id) {
        Event lost = event(UPDATE, event, id, "?", "?");
        story.changelog.define(lost, story.bucket, story.rows, change -> {});
        story.changelog.lose(lost, story.bucket, story.rows);
        return Verdict.NOTHING;
    }

    @Test
    void appliedWhereItsKeyHasNotChangedSince() {
        apply(CREATE, 10, 1, "a", "long");
        assertThat(apply(UPDATE, 20, 1, "too long", Rowing.UNSENT)).isEqualTo(Verdict.INVALID);
        apply(CREATE, 30, 2, "b", "other");
        story.told();

        assertThat(again(UPDATE, 20, 1, "c", Rowing.UNSENT)).isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).containsExactly("u 1 a long -> 1 c long");
        assertThat(story.live()).containsExactly("1 c long", "2 b other");
    }

    @Test
    void offeredTwiceItIsAppliedOnce() {
        apply(CREATE, 10, 1, "too long", "x");
        assertThat(again(CREATE, 10, 1, "a", "x")).isEqualTo(Verdict.APPLIED);
        assertThat(again(CREATE, 10, 1, "a", "x")).isEqualTo(Verdict.DUPLICATE);
        assertThat(story.told()).containsExactly("c none -> 1 a x");
    }

    @Test
    void neverOverANewerRow() {
        apply(CREATE, 10, 1, "a", "x");
        apply(UPDATE, 20, 1, "too long", "x");
        apply(UPDATE, 30, 1, "new", "x");

        assertThat(again(UPDATE, 20, 1, "old", "x")).isEqualTo(Verdict.SUPERSEDED);
        assertThat(story.live()).containsExactly("1 new x");
    }

    @Test
    void neverAfterADelete() {
        apply(CREATE, 10, 1, "too long", "x");
        apply(DELETE, 20, 1, null, null);

        assertThat(again(CREATE, 10, 1, "a", "x")).isEqualTo(Verdict.SUPERSEDED);
        assertThat(story.live()).isEmpty();
    }

    @Test
    void neverBeforeANewerOneThatWasRejectedToo() {
        apply(CREATE, 10, 1, "a", "x");
        apply(UPDATE, 20, 1, "too long", "y");
        apply(UPDATE, 30, 1, "also long", Rowing.UNSENT);

        assertThat(again(UPDATE, 20, 1, "b", "y")).isEqualTo(Verdict.SUPERSEDED);
        assertThat(story.changelog.superseded())
                .isEqualTo("its key changed again, at offset 30, which was rejected too");
        assertThat(again(UPDATE, 30, 1, "c", Rowing.UNSENT)).isEqualTo(Verdict.APPLIED);
        assertThat(story.live())
                .as("what the one before it made of the row is not lost")
                .containsExactly("1 c y");
    }

    @Test
    void stillWrongItIsRejectedAgainAndStaysAtItsPlace() {
        apply(CREATE, 10, 1, "a", "x");
        apply(UPDATE, 20, 1, "too long", Rowing.UNSENT);

        assertThat(again(UPDATE, 20, 1, "still long", Rowing.UNSENT)).isEqualTo(Verdict.INVALID);
        assertThat(again(UPDATE, 20, 1, "b", Rowing.UNSENT)).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1 b x");
    }

    @Test
    void whatCouldNotBeReadIsFilledFromTheRowItCameUpon() {
        apply(CREATE, 10, 1, "a", "x");
        lose(20, 1);

        assertThat(again(UPDATE, 20, 1, "b", Rowing.UNSENT)).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1 b x");
    }

    @Test
    void aSecondUnreadableOneLeavesTheRowUnknown() {
        apply(CREATE, 10, 1, "a", "x");
        lose(20, 1);
        lose(30, 1);

        assertThat(again(UPDATE, 30, 1, "b", Rowing.UNSENT)).isEqualTo(Verdict.UNSENT);
    }

    @Test
    void aRejectionThatIsDeliveredAgainMarksNothing() {
        apply(CREATE, 10, 1, "a", "x");
        lose(20, 1);
        apply(UPDATE, 30, 1, "b", "y");
        lose(20, 1);

        assertThat(apply(UPDATE, 40, 1, "c", Rowing.UNSENT)).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1 c y");
    }

    @Test
    void ofAKeyThatWasNeverSeenOnlyTheTopicTells() {
        apply(CREATE, 30, 2, "b", "y");
        assertThat(again(CREATE, 20, 1, "a", "x")).isEqualTo(Verdict.SUPERSEDED);

        Event looked = again(event(CREATE, 20, 1, "a", "x"));
        looked.unchangedTo = 31;
        assertThat(story.apply(looked)).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1 a x", "2 b y");
    }

    @Test
    void aDeleteAfterTheLookMayHaveBeenOfTheKey() {
        apply(CREATE, 30, 2, "b", "y");
        apply(DELETE, 40, 2, null, null);
        Event looked = again(event(CREATE, 20, 1, "a", "x"));
        looked.unchangedTo = 35;

        assertThat(story.apply(looked)).isEqualTo(Verdict.SUPERSEDED);
    }

    @Test
    void itMovesNoFence() {
        apply(CREATE, 10, 1, "too long", "x");
        apply(CREATE, 30, 2, "b", "y");
        again(CREATE, 10, 1, "a", "x");

        assertThat(apply(CREATE, 30, 2, "b", "y")).as("delivered again").isEqualTo(Verdict.DUPLICATE);
        assertThat(apply(UPDATE, 40, 1, "c", Rowing.UNSENT)).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1 c x", "2 b y");
    }

    @Test
    void itsPlaceSurvivesARestart() {
        apply(CREATE, 10, 1, "a", "x");
        apply(UPDATE, 20, 1, "too long", Rowing.UNSENT);
        story.restart();

        assertThat(again(UPDATE, 20, 1, "b", Rowing.UNSENT)).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1 b x");
    }

    @Test
    void withoutAKeyNothingTells() {
        TableSchema keyless = Story.schema(List.of(), "id int32", "v text");
        Event change = again(Story.change(keyless, CREATE, 9, 10, 1, "a"));

        assertThat(story.apply(change)).isEqualTo(Verdict.SUPERSEDED);
    }

    /** With the default its rows' own values would be gone. */
    @Test
    void itsOlderSchemaAltersNoRow() {
        Slice five = new Slice();
        five.set(new byte[] {1, '5'});
        TableSchema now = Story.schema(List.of(0), Map.of(3, five), "id int32", "v text", "big text", "c text");
        apply(CREATE, 10, 1, "a", "x");
        apply(UPDATE, 20, 1, "too long", "x");
        story.apply(at(Story.change(now, CREATE, 29, 30, 2, "b", "y", "7")));
        story.told();

        assertThat(again(UPDATE, 20, 1, "mend", "x")).isEqualTo(Verdict.SUPERSEDED);
        assertThat(story.bucket.newest()).isEqualTo(now);
        story.apply(at(Story.change(now, UPDATE, 39, 40, 2, "c", "y", Rowing.UNSENT)));
        assertThat(story.told()).containsExactly("u 2 b y 7 -> 2 c y 7");
    }

    @Test
    void whatAnEarlierRejectedOneMadeOfTheRowIsNotForgotten() {
        apply(CREATE, 10, 1, "a", "x");
        apply(UPDATE, 20, 1, "too long", "y");
        // the one at 30 had no key that could be read
        assertThat(again(UPDATE, 30, 1, "c", Rowing.UNSENT)).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1 c y");
    }

    @Test
    void aDeleteIsKnownAfterARestart() {
        apply(CREATE, 30, 2, "b", "y");
        apply(DELETE, 40, 2, null, null);
        story.restart();
        Event looked = again(event(CREATE, 20, 1, "a", "x"));
        looked.unchangedTo = 35;

        assertThat(story.apply(looked)).isEqualTo(Verdict.SUPERSEDED);
    }

    @Test
    void aDeleteThatWasOfferedAgainIsNotUndone() {
        apply(CREATE, 30, 2, "b", "y");
        Event delete = again(event(DELETE, 20, 1, "a", "x"));
        delete.unchangedTo = 35;
        assertThat(story.apply(delete)).isEqualTo(Verdict.APPLIED);
        Event create = again(event(CREATE, 10, 1, "a", "x"));
        create.unchangedTo = 35;

        assertThat(story.apply(create)).isEqualTo(Verdict.SUPERSEDED);
    }

    @Test
    void whatTakesRowsAwayIsToldFromWhatDoesNot() {
        Event unknown = again(event(CREATE, 20, 1, "a", "x"));
        unknown.unchangedTo = 35;
        apply(CREATE, 10, 9, "a", "x");
        apply(CREATE, 30, 2, "b", "x");
        apply(CREATE, 40, 3, "c", "x");
        assertThat(story.apply(unknown)).as("creates took none").isEqualTo(Verdict.APPLIED);

        Event other = again(event(CREATE, 21, 4, "a", "x"));
        other.unchangedTo = 45;
        apply(DELETE, 50, 3, null, null);
        assertThat(story.apply(other)).as("a delete may have been of it").isEqualTo(Verdict.SUPERSEDED);
        other = again(event(CREATE, 22, 5, "a", "x"));
        other.unchangedTo = 55;
        assertThat(story.apply(other)).isEqualTo(Verdict.APPLIED);
        story.apply(at(Story.truncate(T, 59, 60)));
        other = again(event(CREATE, 23, 6, "a", "x"));
        other.unchangedTo = 58;
        assertThat(story.apply(other)).as("so may a truncate").isEqualTo(Verdict.SUPERSEDED);
    }

    @Test
    void theTableStaysWhatItIs() {
        TableSchema more = Story.schema(List.of(0), "id int32", "v text", "big text", "n int32");
        apply(CREATE, 10, 1, "too long", "x");
        story.apply(at(Story.change(more, CREATE, 19, 20, 2, "b", "y", 7)));
        assertThat(again(CREATE, 10, 1, "a", "x")).isEqualTo(Verdict.APPLIED);
        assertThat(story.bucket.newest()).isEqualTo(more);
        assertThat(story.bucket.schemas()).last().isEqualTo(more);
        assertThat(story.bucket.ends("replays")).containsEntry(new SourcePartition("replays", 0), 1L);

        Story first = new Story();
        first.apply(again(event(CREATE, 10, 1, "a", "x")));
        assertThat(first.bucket.newest()).as("where nothing came before").isEqualTo(T);
    }

    @Test
    void whatItHadToDoWithOtherRowsIsLongDone() {
        apply(CREATE, 10, 7, "a", "long");
        story.told();
        Event create = again(event(CREATE, 20, 1, "b", "x"));
        create.unchangedTo = 30;
        create.oldKey.set(Story.key(T, 7, null, null));
        create.snapshot = true;
        assertThat(story.apply(create)).isEqualTo(Verdict.APPLIED);
        assertThat(create.oldKey.isPresent()).isFalse();
        assertThat(story.emitted).endsWith("c");
        assertThat(story.live()).containsExactly("1 b x", "7 a long");
    }

    @Test
    void aDeleteIsOfTheRowThatIsThere() {
        apply(CREATE, 10, 1, "a", "x");
        apply(CREATE, 12, 1, "b", "y"); // came to its key before the other left it
        story.told();
        Event delete = again(event(DELETE, 15, 1, null, null));
        delete.sequenceCommit = 11;
        assertThat(story.apply(delete)).isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).containsExactly("d 1 b y -> none");
        assertThat(story.bucket.deletedKeys()).as("its place is long past").isZero();
    }
}
