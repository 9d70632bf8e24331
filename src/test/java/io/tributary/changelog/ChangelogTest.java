package io.tributary.changelog;

import static io.tributary.changelog.Rowing.UNSENT;
import static io.tributary.changelog.Rowing.change;
import static io.tributary.changelog.Rowing.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Pure;
import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.flow.ChangeSerializer;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@Pure
class ChangelogTest {
    private final Changelog changelog = new Changelog(Map.of());
    private final MemoryRows rows = new MemoryRows();
    private Bucket bucket = new Bucket();

    @BeforeEach
    void schemaIsKnown() {
        bucket.define(Rowing.SCHEMA);
    }

    /** What the changelog has made of the last event. */
    private Change told = new Change();

    private Verdict apply(Event event) {
        return changelog.apply(event, bucket, rows, emitted -> told = new ChangeSerializer().copy(emitted));
    }

    @Test
    void updateBringsTheRowBefore() {
        apply(change(Operation.CREATE, 1, "a", "x", 10, 11));
        Event update = change(Operation.UPDATE, 1, "b", "x", 20, 21);

        assertThat(apply(update)).isEqualTo(Verdict.APPLIED);
        assertThat(text(told.before)).isEqualTo("1 a x");
        assertThat(text(told.after)).isEqualTo("1 b x");
    }

    @Test
    @Covers(row = "unchanged TOAST")
    void unsentValueIsTheOneBefore() {
        apply(change(Operation.CREATE, 1, "a", "long text", 10, 11));
        Event update = change(Operation.UPDATE, 1, "b", UNSENT, 20, 21);

        assertThat(apply(update)).isEqualTo(Verdict.APPLIED);
        assertThat(text(told.after)).isEqualTo("1 b long text");

        Event again = change(Operation.UPDATE, 1, "c", UNSENT, 30, 31);
        apply(again);
        assertThat(text(told.after)).as("what was filled is what is kept").isEqualTo("1 c long text");
    }

    @Test
    void unsentNullIsNull() {
        apply(change(Operation.CREATE, 1, "a", null, 10, 11));
        Event update = change(Operation.UPDATE, 1, "b", UNSENT, 20, 21);

        assertThat(apply(update)).isEqualTo(Verdict.APPLIED);
        assertThat(text(told.after)).isEqualTo("1 b null");
    }

    @Test
    @Covers(row = "unchanged TOAST", how = Covers.How.REFUSED)
    void unsentValueOfAnUnknownRowIsRefusedAndFollowedInAShadowOnly() {
        Event update = change(Operation.UPDATE, 1, "b", UNSENT, 20, 21);
        assertThat(apply(update)).isEqualTo(Verdict.UNSENT);
        assertThat(rows.get(Rows.Kind.ROW, update.key)).isNull();
        assertThat(rows.get(Rows.Kind.SHADOW, update.key)).isNotNull();
        assertThat(rows.size()).isEqualTo(1);
    }

    @Test
    void createThatLeavesValuesOutIsNeverFilledFromTheRowItDisplaces() {
        apply(change(Operation.CREATE, 1, "a", "of another row", 10, 11));
        assertThat(apply(change(Operation.CREATE, 1, "b", UNSENT, 20, 21))).isEqualTo(Verdict.UNSENT);
    }

    @Test
    @Covers(
            row = "key swap",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void createOfALiveKeyIsAnUpdate() {
        apply(change(Operation.READ, 1, "a", "x", -1, -1));
        Event create = change(Operation.CREATE, 1, "b", "x", 20, 21);

        apply(create);
        assertThat(told.operation).isEqualTo(Operation.UPDATE);
        assertThat(text(told.before)).isEqualTo("1 a x");
    }

    @Test
    @Covers(
            row = "made-up before",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void deleteBringsTheWholeRowAlthoughTheEventHasTheKeyOnly() {
        apply(change(Operation.CREATE, 1, "a", "x", 10, 11));
        Event delete = change(Operation.DELETE, 1, null, null, 20, 21);

        assertThat(apply(delete)).isEqualTo(Verdict.APPLIED);
        assertThat(text(told.before)).isEqualTo("1 a x");
        assertThat(rows.isEmpty()).isTrue();
    }

    @Test
    void rowBeforeIsOnTheTopicOfTheChangeThatEndsIt() {
        apply(change(Operation.CREATE, 1, "a", "x", 10, 11));
        Event delete = change(Operation.DELETE, 1, null, null, 20, 21);
        delete.schema = Rowing.SCHEMA.on("cdc.moved");

        apply(delete);
        assertThat(told.beforeSchema).isEqualTo(Rowing.SCHEMA.on("cdc.moved")).isNotEqualTo(Rowing.SCHEMA);
    }

    @Test
    @Covers(
            row = "made-up before",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN},
            how = Covers.How.POLICY)
    void deleteOfAnUnknownRowIsKeptWithItsKeyOnly() {
        Event delete = change(Operation.DELETE, 1, "made up", "made up", 20, 21);

        assertThat(apply(delete)).isEqualTo(Verdict.APPLIED);
        assertThat(text(told.before)).isEqualTo("1 null null");
    }

    @Test
    @Covers(
            row = "truncate",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void truncateForgetsAllRows() {
        apply(change(Operation.CREATE, 1, "a", "x", 10, 11));
        apply(change(Operation.CREATE, 2, "a", "x", 10, 12));

        assertThat(apply(change(Operation.TRUNCATE, 0, null, null, 20, 21))).isEqualTo(Verdict.APPLIED);
        assertThat(rows.isEmpty()).isTrue();
    }

    @Test
    @Covers(
            row = "truncate",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    @Covers(
            row = "connector restart",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void truncateDeliveredAgainForgetsNothing() {
        apply(change(Operation.TRUNCATE, 0, null, null, 10, 11));
        apply(change(Operation.CREATE, 1, "a", "x", 20, 21));
        changelog.mark(change(Operation.TRUNCATE, 0, null, null, 10, 11), bucket, rows, emitted -> {});

        assertThat(rows.size()).isEqualTo(1);
        assertThat(apply(change(Operation.TRUNCATE, 0, null, null, 10, 11))).isEqualTo(Verdict.DUPLICATE);
    }

    @Test
    void beginningOfASnapshotTakesTheFenceOfABucketThatGetsNoneOfItsRows() {
        apply(change(Operation.CREATE, 1, "a", "x", 1000, 1001));
        changelog.mark(change(Operation.READ, 0, null, null, -1, -1), bucket, rows, emitted -> {});

        assertThat(apply(change(Operation.CREATE, 2, "b", "x", 5, 6))).isEqualTo(Verdict.APPLIED);
    }

    @Test
    @Covers(
            row = "connector restart",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void whatIsDeliveredAgainIsADuplicateEvenAfterADelete() {
        apply(change(Operation.CREATE, 1, "a", "x", 10, 11));
        apply(change(Operation.UPDATE, 1, "b", "x", 20, 21));
        apply(change(Operation.DELETE, 1, null, null, 30, 31));

        assertThat(apply(change(Operation.CREATE, 1, "a", "x", 10, 11))).isEqualTo(Verdict.DUPLICATE);
        assertThat(apply(change(Operation.UPDATE, 1, "b", "x", 20, 21))).isEqualTo(Verdict.DUPLICATE);
        assertThat(apply(change(Operation.DELETE, 1, null, null, 30, 31))).isEqualTo(Verdict.DUPLICATE);
        assertThat(rows.isEmpty()).isTrue();
    }

    @Test
    @Covers(
            row = "lsn order",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void aLowerLsnOfALaterCommitIsNew() {
        // overlapping transactions: the one that began first commits last
        apply(change(Operation.CREATE, 1, "a", "x", 656, 248));
        assertThat(apply(change(Operation.CREATE, 2, "b", "x", 700, 112))).isEqualTo(Verdict.APPLIED);
    }

    @Test
    @Covers(
            row = "lsn order",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void rowsOfOneStatementShareAnLsnAndAreNoDuplicates() {
        assertThat(apply(change(Operation.CREATE, 1, "a", "x", 10, 11))).isEqualTo(Verdict.APPLIED);
        assertThat(apply(change(Operation.CREATE, 2, "a", "x", 10, 11))).isEqualTo(Verdict.APPLIED);
        assertThat(apply(change(Operation.CREATE, 2, "a", "x", 10, 11))).isEqualTo(Verdict.DUPLICATE);
    }

    @Test
    @Covers(
            row = "snapshot against lsn",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void afterANewSnapshotTheSourceMayCountAnew() {
        apply(change(Operation.CREATE, 1, "a", "x", 1000, 1001));
        Event read = change(Operation.READ, 1, "restored", "x", -1, -1);
        read.snapshot = true;

        assertThat(apply(read)).isEqualTo(Verdict.APPLIED);
        assertThat(apply(change(Operation.UPDATE, 1, "b", "x", 5, 6))).isEqualTo(Verdict.APPLIED);
    }

    @Test
    void firstEventsAfterASnapshotKnowNoCommitAndAreStillTakenOnce() {
        assertThat(apply(change(Operation.CREATE, 1, "a", "x", 0, 50))).isEqualTo(Verdict.APPLIED);
        assertThat(apply(change(Operation.UPDATE, 1, "b", "x", 60, 70))).isEqualTo(Verdict.APPLIED);
        assertThat(apply(change(Operation.CREATE, 1, "a", "x", 0, 50))).isEqualTo(Verdict.DUPLICATE);
    }

    @Test
    void fencesAndSchemasSurviveASavepoint() {
        apply(change(Operation.CREATE, 1, "a", "x", 10, 11));
        assertThat(bucket.isDirty()).isTrue();
        bucket = Bucket.fromBytes(bucket.toBytes());

        assertThat(bucket.isDirty()).isFalse();
        assertThat(bucket.schema(Rowing.SCHEMA.id())).isEqualTo(Rowing.SCHEMA);
        assertThat(apply(change(Operation.CREATE, 2, "b", "x", 9, 10))).isEqualTo(Verdict.DUPLICATE);
    }
}
