package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.change.Operation.UPDATE;
import static io.tributary.changelog.Rowing.SCHEMA;
import static io.tributary.changelog.Rowing.UNSENT;
import static io.tributary.changelog.Story.change;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Covers.How;
import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.TableSchema;
import io.tributary.validate.Rule;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the source has is followed beside the row where the sinks have something else. */
@Pure
class ShadowsTest {
    private static final Rule SHORT =
            new Rule("v", Rule.Kind.MAX_LENGTH, Rule.Action.REJECT, new BigDecimal(3), null, null);

    private final Story story = new Story(new ChangelogSettings(true, Unsent.REJECT, StateMode.ROWS, List.of(SHORT)));

    private Verdict update(long event, String v, String big) {
        return story.apply(change(SCHEMA, UPDATE, 10, event, 1L, v, big));
    }

    private Event lost(long event) {
        Event lost = change(SCHEMA, UPDATE, 10, event, 1L, null, null);
        lost.after.clear();
        return lost;
    }

    @Test
    @Covers(row = "unchanged TOAST")
    void aPartialUpdateIsFilledFromTheRejectedOne() {
        story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "old"));
        assertThat(update(12, "too long", "new")).isEqualTo(Verdict.INVALID);
        assertThat(story.changelog.broken())
                .isEqualTo(new Broken("rule", SHORT.name(), "breaks the rule v.max-length"));
        assertThat(story.live()).containsExactly("1 a old", "shadow 1 too long new");
        story.restart();
        assertThat(update(13, "b", UNSENT)).isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).containsExactly("c none -> 1 a old", "u 1 a old -> 1 b new");
        assertThat(story.live()).containsExactly("1 b new");
    }

    @Test
    @Covers(row = "unchanged TOAST")
    void aRejectedCreateIsACreateWhenItComesThrough() {
        assertThat(story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "too long", "big")))
                .isEqualTo(Verdict.INVALID);
        assertThat(update(12, "b", UNSENT)).isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).containsExactly("c none -> 1 b big");
    }

    @Test
    @Covers(
            row = "connector restart",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void aRejectedChangeDeliveredAgainIsADuplicate() {
        story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "x"));
        update(12, "too long", "y");
        assertThat(update(12, "too long", "y")).isEqualTo(Verdict.DUPLICATE);
    }

    @Test
    @Covers(row = "unchanged TOAST", how = How.REFUSED)
    void afterALostChangeAnUnsentValueIsNotKnown() {
        story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "old"));
        story.changelog.lose(lost(12), story.bucket, story.rows);
        assertThat(update(13, "b", UNSENT)).isEqualTo(Verdict.UNSENT);
        assertThat(story.live()).containsExactly("1 a old", "shadow 1 b null");
        assertThat(update(14, "c", "new")).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1 c new");
        assertThat(update(15, "d", UNSENT)).isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).endsWith("u 1 a old -> 1 c new", "u 1 c new -> 1 d new");
    }

    @Test
    void aDeleteTakesTheShadowWithIt() {
        story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "x"));
        update(12, "too long", "y");
        assertThat(story.apply(change(SCHEMA, DELETE, 10, 13, 1L, null, null))).isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).endsWith("d 1 a x -> none");
        assertThat(story.rows.isEmpty()).isTrue();
        assertThat(story.bucket.hasShadows()).isFalse();
    }

    @Test
    @Covers(row = "key change")
    void aChangedKeyCarriesTheShadowOn() {
        story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "old"));
        update(12, "too long", "new");
        story.apply(Story.moved(change(SCHEMA, DELETE, 10, 13, 1L, null, null)));
        story.apply(Story.movedFrom(change(SCHEMA, CREATE, 10, 13, 2L, "b", UNSENT), 1L, null, null));
        assertThat(story.live()).containsExactly("2 b new");
    }

    @Test
    @Covers(row = "unchanged TOAST", how = How.POLICY)
    void whatIsNotKnownIsNullWhereTheSettingsSaySo() {
        Story nulls = new Story(new ChangelogSettings(true, Unsent.NULL, StateMode.ROWS, List.of()));
        assertThat(nulls.apply(change(SCHEMA, UPDATE, 10, 11, 1L, "a", UNSENT))).isEqualTo(Verdict.APPLIED);
        assertThat(nulls.changelog.nulled()).isEqualTo(1);
        assertThat(nulls.told()).containsExactly("u none -> 1 a null");
        assertThat(nulls.apply(change(SCHEMA, UPDATE, 10, 12, 1L, "b", "x"))).isEqualTo(Verdict.APPLIED);
        assertThat(nulls.changelog.nulled()).isZero();
    }

    @Test
    @Covers(row = "unchanged TOAST", how = How.REFUSED)
    @Covers(
            row = "connector restart",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void ofKeysAloneNothingIsFilledAndNoRowBeforeIsKnown() {
        Story keys = new Story(new ChangelogSettings(true, Unsent.REJECT, StateMode.KEYS, List.of()));
        keys.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "x"));
        keys.apply(change(SCHEMA, UPDATE, 10, 12, 1L, "b", "y"));
        assertThat(keys.live()).containsExactly("key");
        assertThat(keys.apply(change(SCHEMA, UPDATE, 10, 13, 1L, "c", UNSENT))).isEqualTo(Verdict.UNSENT);
        assertThat(keys.apply(change(SCHEMA, UPDATE, 10, 12, 1L, "b", "y"))).isEqualTo(Verdict.DUPLICATE);
        assertThat(keys.apply(change(SCHEMA, DELETE, 10, 14, 1L, "made", "up"))).isEqualTo(Verdict.APPLIED);
        assertThat(keys.told()).containsExactly("c none -> 1 a x", "u none -> 1 b y", "d 1 null null -> none");
        assertThat(keys.rows.isEmpty()).isTrue();
    }

    @Test
    void ofKeysAloneTheRejectedRowIsStillFollowed() {
        Story keys = new Story(new ChangelogSettings(true, Unsent.REJECT, StateMode.KEYS, List.of(SHORT)));
        keys.apply(change(SCHEMA, CREATE, 10, 11, 1L, "too long", "x"));
        assertThat(keys.apply(change(SCHEMA, UPDATE, 10, 12, 1L, "b", UNSENT))).isEqualTo(Verdict.APPLIED);
        assertThat(keys.told()).containsExactly("c none -> 1 b x");
        assertThat(keys.live()).containsExactly("key");
    }

    // ---- rules

    @Test
    void aRuleThatWarnsIsCountedAndOneThatNullsChangesTheRow() {
        Rule warns = new Rule("v", Rule.Kind.MAX_LENGTH, Rule.Action.WARN, new BigDecimal(3), null, null);
        Rule nulls = new Rule("big", Rule.Kind.MAX_LENGTH, Rule.Action.NULL, new BigDecimal(3), null, null);
        Rule after = new Rule("big", Rule.Kind.MAX_LENGTH, Rule.Action.REJECT, new BigDecimal(1), null, null);
        Story ruled =
                new Story(new ChangelogSettings(true, Unsent.REJECT, StateMode.ROWS, List.of(warns, nulls, after)));
        assertThat(ruled.apply(change(SCHEMA, CREATE, 10, 11, 1L, "too long", "too long")))
                .isEqualTo(Verdict.APPLIED);
        assertThat(ruled.changelog.warned()).containsExactly(warns, nulls);
        assertThat(ruled.changelog.nulled()).isEqualTo(1);
        assertThat(ruled.told()).containsExactly("c none -> 1 too long null");
        assertThat(ruled.apply(change(SCHEMA, UPDATE, 10, 12, 1L, "a", "xx"))).isEqualTo(Verdict.INVALID);
        assertThat(ruled.changelog.broken()).extracting(Broken::rule).isEqualTo(after.name());
        assertThat(ruled.apply(change(SCHEMA, UPDATE, 10, 13, 1L, "a", "x"))).isEqualTo(Verdict.APPLIED);
        assertThat(ruled.changelog.warned()).isEmpty();
        assertThat(ruled.changelog.broken()).isNull();
    }

    @Test
    void aRuleOfAColumnThatIsNotThereLooksAtNull() {
        Rule required = new Rule("gone", Rule.Kind.REQUIRED, Rule.Action.REJECT, null, null, null);
        Story ruled = new Story(new ChangelogSettings(true, Unsent.REJECT, StateMode.ROWS, List.of(required)));
        assertThat(ruled.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "b"))).isEqualTo(Verdict.INVALID);
    }

    @Test
    void theFutureIsWhatIsAfterTheChangesOwnTime() {
        var schema = Story.schema(List.of(0), "id int64", "at timestamptz");
        Rule past = new Rule("at", Rule.Kind.NOT_IN_THE_FUTURE, Rule.Action.REJECT, null, null, null);
        Story ruled = new Story(new ChangelogSettings(true, Unsent.REJECT, StateMode.ROWS, List.of(past)));
        Event at = change(schema, CREATE, 10, 11, 1L, 5_000_000L);
        at.sourceMillis = 4999;
        assertThat(ruled.apply(at)).isEqualTo(Verdict.INVALID);
        at = change(schema, CREATE, 10, 12, 2L, 5_000_000L);
        at.recordMillis = 5000;
        assertThat(ruled.apply(at)).isEqualTo(Verdict.APPLIED);
        assertThat(ruled.apply(change(schema, CREATE, 10, 13, 3L, 5_000_000L)))
                .as("of no time at all")
                .isEqualTo(Verdict.APPLIED);
    }

    @Test
    @Covers(
            row = "keyless table",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void aRowWithoutKeyThatBreaksARuleIsNotAdded() {
        var bag = Story.schema(List.of(), "v text");
        assertThat(story.apply(change(bag, CREATE, 10, 11, "too long"))).isEqualTo(Verdict.INVALID);
        assertThat(story.apply(change(bag, CREATE, 10, 12, "a"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("a");
    }

    /** What a table of one partition or two does with rows that were rejected. */
    @Test
    void theLastOfThemSwitchesTheLookOff() {
        update(11, "too long", "x");
        assertThat(story.bucket.hasShadows()).isTrue();
        assertThat(update(12, "b", "x")).isEqualTo(Verdict.APPLIED);
        assertThat(story.bucket.hasShadows()).isFalse();

        update(13, "too long", "x");
        story.apply(Story.truncate(SCHEMA, 10, 14));
        assertThat(story.bucket.hasShadows()).isFalse();
        assertThat(story.rows.isEmpty()).isTrue();

        update(15, "too long", "x");
        story.apply(Story.on(1, change(SCHEMA, CREATE, 10, 17, 2L, "of", "1")));
        story.apply(Story.truncate(SCHEMA, 10, 17));
        assertThat(story.bucket.hasShadows()).isFalse();
        assertThat(story.live())
                .as("at its place in another partition, not before it")
                .containsExactly("2 of 1");

        update(18, "too long", "x");
        story.begins(SCHEMA, true);
        story.apply(Story.read(SCHEMA, 3L, "c", "x"));
        story.ends(SCHEMA);
        assertThat(story.bucket.hasShadows()).as("the snapshot did not have it").isFalse();
        assertThat(story.live()).containsExactly("2 of 1", "3 c x");
    }

    @Test
    void aChangeThatCouldNotBeReadAtTheNewestPlaceIsLostAllTheSame() {
        story.apply(change(SCHEMA, CREATE, 10, 11, 2L, "a", "old"));
        story.changelog.lose(lost(11), story.bucket, story.rows);
        assertThat(story.bucket.hasShadows()).isTrue();
    }

    @Test
    void aDeleteOfADocumentHasNoRowAfter() {
        story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "x"));
        Event delete = change(SCHEMA, DELETE, 10, 12, 1L, null, null);
        delete.after.set(delete.before.copy());
        story.apply(delete);
        assertThat(story.told()).endsWith("d 1 a x -> none");
    }

    @Test
    void aDocumentIsBroughtUpToDateOnlyFromOneThatIsKnown() {
        TableSchema documents = Story.schema(List.of(0), "id int64", "doc json");
        String update = "{\"updatedFields\":\"{\\\"a\\\":2}\",\"removedFields\":null,\"truncatedArrays\":null}";
        story.apply(change(documents, CREATE, -1, -1, 1L, "{\"a\":1}"));
        story.apply(change(documents, CREATE, -1, -1, 2L, null));
        assertThat(patched(documents, 1L, update)).isEqualTo(Verdict.APPLIED);
        assertThat(patched(documents, 2L, update)).as("no document").isEqualTo(Verdict.UNSENT);
        assertThat(patched(documents, 3L, update)).as("no row").isEqualTo(Verdict.UNSENT);
        assertThat(patched(documents, 1L, "no update")).isEqualTo(Verdict.UNSENT);
        assertThat(story.live()).startsWith("1 {\"a\":2}");
    }

    private Verdict patched(TableSchema documents, long id, String update) {
        Event change = change(documents, UPDATE, -1, -1, id, UNSENT);
        change.patch.set(update.getBytes(StandardCharsets.UTF_8));
        return story.apply(change);
    }

    @Test
    void theFirstColumnHasRulesToo() {
        Rule small = new Rule("id", Rule.Kind.MAX, Rule.Action.REJECT, new BigDecimal(5), null, null);
        Rule gone = new Rule("id", Rule.Kind.MAX, Rule.Action.NULL, new BigDecimal(3), null, null);
        Story ruled = new Story(new ChangelogSettings(true, Unsent.REJECT, StateMode.ROWS, List.of(small, gone)));
        assertThat(ruled.apply(change(SCHEMA, CREATE, 10, 11, 6L, "a", "x"))).isEqualTo(Verdict.INVALID);
        assertThat(ruled.apply(change(SCHEMA, CREATE, 10, 12, 4L, "a", "x"))).isEqualTo(Verdict.APPLIED);
        assertThat(ruled.told()).containsExactly("c none -> null a x");
    }

    @Test
    void aKeyThatIsDroppedOrAlteredTakesThemAlong() {
        TableSchema keyless = Story.schema(List.of(), "id int64", "v text", "big text");
        TableSchema both = Story.schema(List.of(0, 2), "id int64", "v text", "big text");
        story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "old"));
        update(12, "too long", "new");
        story.apply(change(both, CREATE, 20, 21, 2L, "b", "x"));
        assertThat(story.live()).containsExactly("1 a old", "2 b x", "shadow 1 too long new");
        assertThat(story.apply(change(both, DELETE, 20, 22, 1L, null, "new"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.bucket.hasShadows()).isFalse();

        assertThat(story.apply(change(both, UPDATE, 20, 23, 1L, "too long", "old")))
                .isEqualTo(Verdict.INVALID);
        assertThat(story.bucket.hasShadows()).isTrue();
        story.apply(change(keyless, CREATE, 30, 31, 3L, "c", "x"));
        assertThat(story.bucket.hasShadows()).isFalse();
        assertThat(story.live()).containsExactly("1 a old", "2 b x", "3 c x");
    }

    @Test
    void whatWasRejectedOrLostIsComeToAllTheSame() {
        Event rejected = change(SCHEMA, UPDATE, 10, 11, 1L, "too long", "x");
        rejected.offset = 7;
        assertThat(story.apply(rejected)).isEqualTo(Verdict.INVALID);
        assertThat(story.bucket.ends("")).containsValue(8L);
        Event lost = lost(12);
        lost.offset = 9;
        story.changelog.lose(lost, story.bucket, story.rows);
        assertThat(story.bucket.ends("")).containsValue(10L);
        Event ends = Story.marker(SCHEMA, DELETE);
        ends.offset = 11;
        story.begins(SCHEMA, true);
        story.mark(ends);
        assertThat(story.bucket.ends("")).containsValue(12L);
    }

    @Test
    void theSchemaOfTheRowThatWasAppliedLastIsTheTables() {
        TableSchema more = Story.schema(List.of(0), "id int64", "v text", "big text", "n int32");
        story.apply(change(SCHEMA, CREATE, 10, 11, 1L, "a", "x"));
        story.apply(change(more, CREATE, 20, 21, 2L, "b", "y", 7));
        story.apply(Story.on(1, change(SCHEMA, CREATE, 15, 16, 3L, "c", "z")));
        assertThat(story.bucket.newest()).isEqualTo(more);
        assertThat(story.bucket.schemas()).last().isEqualTo(SCHEMA);
    }
}
