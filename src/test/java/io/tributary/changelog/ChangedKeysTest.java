package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.change.Operation.UPDATE;
import static io.tributary.changelog.Rowing.UNSENT;
import static io.tributary.changelog.Story.moved;
import static io.tributary.changelog.Story.movedFrom;
import static io.tributary.changelog.Story.on;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows whose key changes: both halves, swaps and chains, with values that the source leaves out. */
@Pure
class ChangedKeysTest {
    private final Story story = new Story();

    private static Event change(Operation operation, long event, long id, String v, String big) {
        return Story.change(Rowing.SCHEMA, operation, 10, event, id, v, big);
    }

    private void apply(Event... changes) {
        for (Event change : changes) {
            story.apply(change);
        }
    }

    @Test
    @Covers(row = "key change")
    @Covers(row = "unchanged TOAST")
    void theNewRowIsFilledFromTheOneUnderTheOldKey() {
        apply(change(CREATE, 11, 1, "a", "long"));
        apply(moved(change(DELETE, 21, 1, "0", "0")), movedFrom(change(CREATE, 21, 2, "b", UNSENT), 1L, null, null));
        assertThat(story.told()).containsExactly("c none -> 1 a long", "d 1 a long -> none", "c none -> 2 b long");
        assertThat(story.live()).containsExactly("2 b long");
    }

    @Test
    @Covers(row = "key change")
    void theHalvesMayComeInTheOtherOrderFromTwoPartitions() {
        apply(change(CREATE, 11, 1, "a", "long"));
        apply(
                on(1, movedFrom(change(CREATE, 21, 2, "b", UNSENT), 1L, null, null)),
                moved(change(DELETE, 21, 1, "0", "0")));
        assertThat(story.told()).containsExactly("c none -> 1 a long", "c none -> 2 b long", "d 1 a long -> none");
        assertThat(story.live()).containsExactly("2 b long");
    }

    @Test
    @Covers(row = "key change")
    void theFirstHalfIsNotForgottenInASavepoint() {
        apply(change(CREATE, 11, 1, "a", "long"), moved(change(DELETE, 21, 1, "0", "0")));
        story.restart();
        apply(movedFrom(change(CREATE, 21, 2, "b", UNSENT), 1L, null, null));
        assertThat(story.live()).containsExactly("2 b long");
    }

    @Test
    @Covers(row = "key change", how = Covers.How.POLICY)
    void withoutTheOldRowTheNewOneIsUnsentAndNotFilledFromTheRowItDisplaces() {
        apply(change(CREATE, 11, 2, "other", "other's"));
        assertThat(story.apply(movedFrom(change(CREATE, 21, 2, "b", UNSENT), 1L, null, null)))
                .isEqualTo(Verdict.UNSENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sent", UNSENT})
    @Covers(
            row = "key swap",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void twoRowsSwapTheirKeys(String big) {
        apply(change(CREATE, 11, 1, "a", "A"), change(CREATE, 12, 2, "b", "B"));
        story.told();
        String a = big.equals(UNSENT) ? UNSENT : "A";
        String b = big.equals(UNSENT) ? UNSENT : "B";
        Event[] swap = {
            moved(change(DELETE, 21, 1, "0", "0")),
            movedFrom(change(CREATE, 21, 2, "a", a), 1L, null, null),
            moved(change(DELETE, 22, 2, "0", "0")),
            movedFrom(change(CREATE, 22, 1, "b", b), 2L, null, null)
        };
        assertThat(List.of(swap))
                .extracting(story::apply)
                .containsExactly(Verdict.APPLIED, Verdict.APPLIED, Verdict.SUPERSEDED, Verdict.APPLIED);
        assertThat(story.told()).containsExactly("d 1 a A -> none", "u 2 b B -> 2 a A", "c none -> 1 b B");
        assertThat(story.live()).containsExactly("1 b B", "2 a A");
    }

    @Test
    @Covers(
            row = "key swap",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    @Covers(
            row = "connector restart",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void aSwapThatIsDeliveredAgainChangesNothing() {
        apply(change(CREATE, 11, 1, "a", "A"), change(CREATE, 12, 2, "b", "B"));
        for (int i = 0; i < 2; i++) {
            apply(
                    moved(change(DELETE, 21, 1, "0", "0")),
                    movedFrom(change(CREATE, 21, 2, "a", UNSENT), 1L, null, null),
                    moved(change(DELETE, 22, 2, "0", "0")),
                    movedFrom(change(CREATE, 22, 1, "b", UNSENT), 2L, null, null));
            assertThat(story.live()).containsExactly("1 b B", "2 a A");
            story.restart();
        }
    }

    @Test
    @Covers(
            row = "key swap",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void aSwapSurvivesASavepointInItsMiddle() {
        apply(change(CREATE, 11, 1, "a", "A"), change(CREATE, 12, 2, "b", "B"));
        apply(moved(change(DELETE, 21, 1, "0", "0")), movedFrom(change(CREATE, 21, 2, "a", UNSENT), 1L, null, null));
        story.restart();
        apply(moved(change(DELETE, 22, 2, "0", "0")));
        story.restart();
        apply(movedFrom(change(CREATE, 22, 1, "b", UNSENT), 2L, null, null));
        assertThat(story.live()).containsExactly("1 b B", "2 a A");
    }

    @Test
    @Covers(
            row = "key swap",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void rowsMoveUpInAChain() {
        apply(change(CREATE, 11, 1, "a", "A"), change(CREATE, 12, 2, "b", "B"));
        apply(
                moved(change(DELETE, 21, 1, "0", "0")),
                movedFrom(change(CREATE, 21, 2, "a", UNSENT), 1L, null, null),
                moved(change(DELETE, 22, 2, "0", "0")),
                movedFrom(change(CREATE, 22, 3, "b", UNSENT), 2L, null, null));
        assertThat(story.live()).containsExactly("2 a A", "3 b B");
    }

    @Test
    @Covers(row = "key change")
    void oneRowMovesTwiceInATransaction() {
        apply(change(CREATE, 11, 1, "a", "A"));
        apply(
                moved(change(DELETE, 21, 1, "0", "0")),
                movedFrom(change(CREATE, 21, 2, "b", UNSENT), 1L, null, null),
                moved(change(DELETE, 22, 2, "0", "0")),
                movedFrom(change(CREATE, 22, 3, "c", UNSENT), 2L, null, null));
        assertThat(story.live()).containsExactly("3 c A");
    }

    @Test
    @Covers(
            row = "key swap",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void aDeleteOfALaterTransactionIsTheLiveRows() {
        apply(change(CREATE, 11, 1, "a", "A"), change(CREATE, 21, 1, "b", "B"));
        Event later = change(DELETE, 31, 1, "0", "0");
        later.transaction.set("8".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(story.apply(later)).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).isEmpty();
    }

    @Test
    @Covers(
            row = "identity USING INDEX",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN},
            how = Covers.How.POLICY)
    void aChangedKeyThatIsAPlainUpdateIsOne() {
        apply(change(CREATE, 11, 1, "a", "A"), change(UPDATE, 21, 2, "b", "B"));
        assertThat(story.live()).containsExactly("1 a A", "2 b B");
    }

    @Test
    void aCreateOfNoPlaceOnALiveRowIsAnUpdate() {
        story.apply(Story.change(Rowing.SCHEMA, CREATE, -1, -1, 1L, "a", "x"));
        story.apply(Story.change(Rowing.SCHEMA, CREATE, -1, -1, 1L, "b", "y"));
        assertThat(story.apply(Story.change(Rowing.SCHEMA, DELETE, -1, -1, 1L, null, null)))
                .isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).containsExactly("c none -> 1 a x", "u 1 a x -> 1 b y", "d 1 b y -> none");

        story.apply(Story.change(Rowing.SCHEMA, CREATE, -1, -1, 1L, "a", "x"));
        story.apply(Story.change(Rowing.SCHEMA, CREATE, -1, -1, 2L, "b", "y"));
        story.apply(Story.moved(Story.change(Rowing.SCHEMA, DELETE, -1, -1, 1L, null, null)));
        story.apply(Story.movedFrom(Story.change(Rowing.SCHEMA, CREATE, -1, -1, 2L, "a", "x"), 1L, null, null));
        assertThat(story.apply(Story.change(Rowing.SCHEMA, DELETE, -1, -1, 2L, null, null)))
                .as("of the row whose key was taken")
                .isEqualTo(Verdict.SUPERSEDED);
        assertThat(story.live()).containsExactly("2 a x");
    }
}
