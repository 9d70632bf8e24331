package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.change.Operation.UPDATE;
import static io.tributary.changelog.Rowing.SCHEMA;
import static io.tributary.changelog.Story.change;
import static io.tributary.changelog.Story.on;
import static io.tributary.changelog.Story.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Covers.How;
import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.TableSchema;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Snapshots and what they sweep away, truncates, and order. */
@Pure
class SnapshotsTest {
    private final Story story = new Story();

    private void snapshot(boolean isFirst, Event... reads) {
        story.begins(SCHEMA, isFirst);
        for (Event read : reads) {
            story.apply(read);
        }
    }

    @Test
    @Covers(row = "re-snapshot")
    void rowsThatANewSnapshotDoesNotHaveAreDeletedAtItsEnd() {
        snapshot(true, read(SCHEMA, 1L, "a", "x"), read(SCHEMA, 2L, "b", "x"));
        story.ends(SCHEMA);
        assertThat(story.told()).containsExactly("r none -> 1 a x", "r none -> 2 b x");
        story.apply(change(SCHEMA, CREATE, 10, 11, 3L, "c", "x"));
        snapshot(true, read(SCHEMA, 1L, "a2", "x"));
        story.told();
        story.ends(SCHEMA);
        assertThat(story.told()).containsExactlyInAnyOrder("d 2 b x -> none", "d 3 c x -> none");
        assertThat(story.live()).containsExactly("1 a2 x");
        story.ends(SCHEMA);
        assertThat(story.told()).isEmpty();
    }

    @Test
    @Covers(row = "re-snapshot")
    void whatIsStreamedDuringASnapshotIsNotSwept() {
        snapshot(true, read(SCHEMA, 1L, "a", "x"));
        story.ends(SCHEMA);
        snapshot(true);
        story.apply(change(SCHEMA, CREATE, 10, 11, 2L, "b", "x"));
        story.ends(SCHEMA);
        assertThat(story.live()).containsExactly("2 b x");
    }

    @Test
    @Covers(row = "re-snapshot")
    void aSnapshotThatBeginsAnewStartsOver() {
        snapshot(true, read(SCHEMA, 1L, "a", "x"), read(SCHEMA, 2L, "b", "x"), read(SCHEMA, 3L, "c", "x"));
        story.ends(SCHEMA);
        snapshot(true, read(SCHEMA, 3L, "c", "x"));
        snapshot(true, read(SCHEMA, 1L, "a", "x"), read(SCHEMA, 2L, "b", "x"));
        story.ends(SCHEMA);
        assertThat(story.live()).containsExactly("1 a x", "2 b x");
    }

    @Test
    @Covers(row = "re-snapshot")
    void aRestartOfTheJobInTheMiddleOfASnapshotForgetsNothing() {
        snapshot(true, read(SCHEMA, 1L, "a", "x"), read(SCHEMA, 2L, "b", "x"), read(SCHEMA, 3L, "c", "x"));
        story.ends(SCHEMA);
        snapshot(true, read(SCHEMA, 1L, "a", "x"));
        story.restart();
        snapshot(false, read(SCHEMA, 2L, "b", "x"));
        story.ends(SCHEMA);
        assertThat(story.live()).containsExactly("1 a x", "2 b x");
    }

    @Test
    @Covers(row = "re-snapshot")
    void theFirstSnapshotSweepsNothing() {
        snapshot(true, read(SCHEMA, 1L, "a", "x"));
        story.told();
        story.ends(SCHEMA);
        assertThat(story.told()).isEmpty();
    }

    @Test
    @Covers(row = "re-snapshot")
    void otherTopicsAndPartitionsAreNotSwept() {
        story.apply(on(1, change(SCHEMA, CREATE, 10, 11, 1L, "a", "x")));
        story.apply(change(SCHEMA.on("cdc.other"), CREATE, 10, 11, 2L, "b", "x"));
        story.apply(change(SCHEMA, CREATE, 10, 11, 3L, "c", "x"));
        snapshot(true);
        story.ends(SCHEMA);
        assertThat(story.live()).containsExactly("1 a x", "2 b x");
    }

    @Test
    @Covers(row = "re-snapshot", how = How.POLICY)
    void nothingIsSweptWhereTheSettingsSaySo() {
        Story kept = new Story(new ChangelogSettings(false, Unsent.REJECT, StateMode.ROWS, List.of()));
        kept.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "x"));
        kept.begins(SCHEMA, true);
        kept.ends(SCHEMA);
        assertThat(kept.live()).containsExactly("1 a x");
    }

    @Test
    @Covers(row = "re-snapshot")
    void ofARowOfWhichOnlyTheKeyIsKeptTheKeyIsDeleted() {
        Story keys = new Story(new ChangelogSettings(true, Unsent.REJECT, StateMode.KEYS, List.of()));
        keys.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "x"));
        keys.begins(SCHEMA, true);
        keys.told();
        keys.ends(SCHEMA);
        assertThat(keys.told()).containsExactly("d 1 null null -> none");
    }

    @Test
    @Covers(
            row = "snapshot against lsn",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void aStreamedEventIsNewerThanTheSnapshotWhateverItsLsn() {
        snapshot(true, read(SCHEMA, 1L, "a", "x"));
        assertThat(story.apply(change(SCHEMA, UPDATE, 5, 6, 1L, "b", "x"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1 b x");
    }

    @Test
    @Covers(
            row = "incremental snapshot",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void aReadOfAnIncrementalSnapshotIsTakenInItsOrder() {
        story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "x"));
        Event read = change(SCHEMA, Operation.READ, -1, -1, 1L, "b", "x");
        assertThat(story.apply(read)).isEqualTo(Verdict.APPLIED);
        assertThat(story.apply(change(SCHEMA, UPDATE, 20, 21, 1L, "c", "x"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "x"))).isEqualTo(Verdict.DUPLICATE);
        assertThat(story.live()).containsExactly("1 c x");
    }

    @Test
    @Covers(
            row = "truncate",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void aTruncateOfSeveralPartitionsLeavesWhatIsNewer() {
        story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "own", "x"));
        story.apply(on(1, change(SCHEMA, CREATE, 10, 15, 2L, "older", "x")));
        story.apply(on(1, change(SCHEMA, CREATE, 40, 41, 3L, "newer", "x")));
        story.told();
        assertThat(story.apply(Story.truncate(SCHEMA, 20, 21))).isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).containsExactly("t none -> none");
        assertThat(story.live()).containsExactly("3 newer x");
        assertThat(story.apply(on(2, change(SCHEMA, CREATE, 10, 16, 4L, "late", "x"))))
                .isEqualTo(Verdict.SUPERSEDED);
        story.restart();
        assertThat(story.apply(on(2, change(SCHEMA, CREATE, 10, 17, 5L, "late", "x"))))
                .isEqualTo(Verdict.SUPERSEDED);
        assertThat(story.apply(on(2, change(SCHEMA, CREATE, 20, 22, 6L, "next", "x"))))
                .isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("3 newer x", "6 next x");
    }

    @Test
    @Covers(
            row = "truncate",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void aTruncateOfOnePartitionTakesAllAndShadowsToo() {
        story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "x"));
        assertThat(story.apply(change(SCHEMA, UPDATE, 10, 12, 2L, "b", Rowing.UNSENT)))
                .isEqualTo(Verdict.UNSENT);
        story.mark(Story.truncate(SCHEMA, 20, 21));
        assertThat(story.rows.isEmpty()).isTrue();
        assertThat(story.told()).as("another bucket tells it").containsExactly("c none -> 1 a x");
        assertThat(story.apply(change(SCHEMA, CREATE, 20, 22, 2L, "c", "x"))).isEqualTo(Verdict.APPLIED);
    }

    private static final ChangelogSettings MEASURED =
            new ChangelogSettings(true, Unsent.REJECT, StateMode.ROWS, List.of(), true, 1);

    @Test
    void aTruncateTellsTheRowsOfAMeasuredTableThatItTakes() {
        Story measured = new Story(MEASURED);
        measured.apply(change(SCHEMA, CREATE, 10, 11, 1L, "own", "x"));
        measured.apply(on(1, change(SCHEMA, CREATE, 40, 41, 3L, "newer", "x")));
        measured.told();
        assertThat(measured.apply(Story.truncate(SCHEMA, 20, 21))).isEqualTo(Verdict.APPLIED);
        assertThat(measured.told()).containsExactlyInAnyOrder("t none -> none", "gone 1 own x -> none");
        assertThat(measured.live()).containsExactly("3 newer x");
        measured.mark(on(1, Story.truncate(SCHEMA, 50, 51)));
        assertThat(measured.told())
                .as("another bucket tells the truncate itself")
                .containsExactly("gone 3 newer x -> none");
        assertThat(measured.apply(Story.truncate(SCHEMA, 20, 21))).isEqualTo(Verdict.DUPLICATE);
        assertThat(measured.told()).isEmpty();
    }

    @Test
    void aTruncateTellsEachRowOfAMeasuredTableWithoutAKey() {
        Story measured = new Story(MEASURED);
        TableSchema keyless = Story.schema(List.of(), "id int64", "a text");
        measured.apply(change(keyless, CREATE, 10, 11, 1L, "a"));
        measured.apply(change(keyless, CREATE, 10, 12, 1L, "a"));
        measured.apply(change(keyless, CREATE, 10, 13, 2L, "b"));
        measured.told();
        measured.mark(Story.truncate(keyless, 20, 21));
        assertThat(measured.told())
                .containsExactlyInAnyOrder("gone 1 a -> none", "gone 1 a -> none", "gone 2 b -> none");
        assertThat(measured.rows.isEmpty()).isTrue();
    }

    @Test
    @Covers(
            row = "partitioned tables",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN},
            how = How.POLICY)
    void aTruncateOfALeafIsOfTheTableItNames() {
        story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "x"));
        assertThat(story.apply(Story.truncate(SCHEMA, 20, 21))).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).isEmpty();
    }

    @Test
    @Covers(row = "tombstone", forms = Covers.Form.FLAT)
    void aTombstoneOfNoRowSaysNothing() {
        Event tombstone = change(SCHEMA, DELETE, -1, -1, 1L, null, null);
        tombstone.before.clear();
        tombstone.tombstone = true;
        assertThat(story.apply(tombstone)).isEqualTo(Verdict.NOTHING);
        assertThat(story.told()).isEmpty();
        story.apply(read(SCHEMA, 1L, "a", "x"));
        assertThat(story.apply(tombstone)).isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).containsExactly("r none -> 1 a x", "d 1 a x -> none");
    }

    @Test
    @Covers(row = "connector restart", forms = Covers.Form.FLAT, how = How.POLICY)
    @Covers(row = "lsn order", forms = Covers.Form.FLAT, how = How.POLICY)
    void withoutASequenceWhatIsDeliveredAgainIsAppliedAgain() {
        for (int i = 0; i < 2; i++) {
            assertThat(story.apply(change(SCHEMA, CREATE, -1, -1, 1L, "a", "x")))
                    .isEqualTo(Verdict.APPLIED);
            assertThat(story.apply(change(SCHEMA, UPDATE, -1, -1, 1L, "b", "x")))
                    .isEqualTo(Verdict.APPLIED);
            assertThat(story.live()).containsExactly("1 b x");
        }
    }
}
