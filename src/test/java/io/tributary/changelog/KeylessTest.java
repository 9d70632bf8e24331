package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.change.Operation.READ;
import static io.tributary.change.Operation.UPDATE;
import static io.tributary.changelog.Story.change;
import static io.tributary.changelog.Story.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.validate.Rule;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A table without a key is a multiset. */
@Pure
class KeylessTest {
    private static final TableSchema BAG = Story.schema(List.of(), "a text", "n int64");
    private final Story story = new Story();

    private static Event update(long event, Object[] before, Object... after) {
        Event update = change(BAG, UPDATE, 10, event, after);
        update.before.set(change(BAG, CREATE, 10, event, before).after.copy());
        return update;
    }

    private void three() {
        story.apply(change(BAG, CREATE, 10, 11, "x", 1L));
        story.apply(change(BAG, CREATE, 10, 12, "x", 1L));
        story.apply(change(BAG, CREATE, 10, 13, "y", null));
    }

    @Test
    @Covers(
            row = "keyless table",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void equalRowsAreThereAsOftenAsTheyCame() {
        three();
        assertThat(story.live()).containsExactly("x 1", "x 1", "y null");
        assertThat(story.apply(change(BAG, DELETE, 10, 21, "x", 1L))).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("x 1", "y null");
        story.apply(change(BAG, DELETE, 10, 22, "x", 1L));
        story.apply(change(BAG, DELETE, 10, 23, "y", null));
        assertThat(story.rows.isEmpty()).isTrue();
        assertThat(story.told()).hasSize(6).endsWith("d x 1 -> none", "d x 1 -> none", "d y null -> none");
    }

    @Test
    @Covers(
            row = "keyless table",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void anUpdateIsADeleteAndACreate() {
        three();
        story.told();
        assertThat(story.apply(update(21, new Object[] {"x", 1L}, "z", 2L))).isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).containsExactly("d x 1 -> none", "c none -> z 2");
        assertThat(story.live()).containsExactly("x 1", "y null", "z 2");
    }

    @Test
    @Covers(
            row = "keyless table",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    @Covers(row = "re-snapshot")
    void aNewSnapshotReplacesTheRows() {
        three();
        story.told();
        story.begins(BAG, true);
        assertThat(story.told()).containsExactlyInAnyOrder("d x 1 -> none", "d x 1 -> none", "d y null -> none");
        story.apply(read(BAG, "x", 1L));
        story.restart();
        story.begins(BAG, false);
        story.apply(read(BAG, "x", 1L));
        story.ends(BAG);
        assertThat(story.told()).containsExactly("r none -> x 1", "r none -> x 1");
        assertThat(story.live()).containsExactly("x 1", "x 1");
    }

    @Test
    @Covers(
            row = "keyless table",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    @Covers(
            row = "connector restart",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void whatIsDeliveredAgainIsNotAddedAgain() {
        three();
        for (int i = 0; i < 2; i++) {
            assertThat(story.apply(change(BAG, CREATE, 10, 11, "x", 1L))).isEqualTo(Verdict.DUPLICATE);
            assertThat(story.apply(change(BAG, CREATE, 10, 13, "y", null))).isEqualTo(Verdict.DUPLICATE);
            story.restart();
        }
        assertThat(story.apply(change(BAG, CREATE, 10, 14, "y", null))).isEqualTo(Verdict.APPLIED);
        assertThat(story.apply(change(BAG, CREATE, 10, 14, "y", null)))
                .as("another row of one statement")
                .isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("x 1", "x 1", "y null", "y null", "y null");
    }

    @Test
    @Covers(
            row = "keyless table",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN})
    void rowsStayEqualWhenAColumnIsAddedOrItsTypeChanges() {
        TableSchema decimal = Story.schema(List.of(), "a text", "n decimal(10,2)", "new text");
        TableSchema wider = Story.schema(List.of(), "a text", "n decimal(12,4)", "new text");
        story.apply(change(BAG, CREATE, 10, 11, "y", null));
        story.apply(change(decimal, DELETE, 10, 21, "y", null, null));
        story.apply(change(decimal, CREATE, 10, 22, "x", new BigDecimal("1.10"), null));
        story.apply(change(wider, DELETE, 10, 23, "x", new BigDecimal("1.1000"), null));
        assertThat(story.rows.isEmpty()).isTrue();
    }

    @Test
    void rowsAreFoundWithoutAColumnThatWasDropped() {
        TableSchema dropped = Story.schema(List.of(), "a text");
        story.apply(change(BAG, CREATE, 10, 11, "x", 1L));
        story.apply(change(BAG, CREATE, 10, 12, "x", 2L));
        story.apply(change(BAG, CREATE, 10, 13, "y", 3L));
        story.told();
        story.apply(change(dropped, DELETE, 10, 21, "x"));
        assertThat(story.told()).containsExactly("d x -> none");
        assertThat(story.live()).containsExactly("x", "y");
    }

    @Test
    void rowsAreFoundWhenAColumnHasComeAndGone() {
        TableSchema more = Story.schema(List.of(), "a text", "n int64", "more int64");
        story.apply(change(BAG, CREATE, 10, 11, "x", 1L));
        story.apply(change(more, CREATE, 10, 12, "y", 2L, 3L));
        story.apply(change(BAG, DELETE, 10, 21, "y", 2L));
        assertThat(story.live()).containsExactly("x 1");
        story.apply(change(more, DELETE, 10, 31, "x", 1L, null));
        assertThat(story.live()).isEmpty();
    }

    @Test
    void rowsAreFoundByTheKeyThatTheTableGets() {
        TableSchema keyed = Story.schema(List.of(0), "a text", "n int64");
        story.apply(change(BAG, CREATE, 10, 11, "x", 1L));
        story.apply(change(BAG, CREATE, 10, 12, "y", 2L));
        story.apply(change(BAG, CREATE, 10, 13, "z", 3L));
        story.told();
        assertThat(story.apply(change(keyed, UPDATE, 10, 21, "y", 5L))).isEqualTo(Verdict.APPLIED);
        story.restart();
        story.apply(change(keyed, DELETE, 10, 22, "x", null));
        assertThat(story.told()).containsExactly("u y 2 -> y 5", "d x 1 -> none");
        assertThat(story.live()).containsExactly("y 5", "z 3");
    }

    @Test
    void aSnapshotSweepsRowsThatCameWithoutTheKey() {
        TableSchema keyed = Story.schema(List.of(0), "a text", "n int64");
        story.apply(change(BAG, CREATE, 10, 11, "x", 1L));
        story.apply(change(BAG, CREATE, 10, 12, "y", 2L));
        story.told();
        story.begins(keyed, true);
        story.apply(read(keyed, "y", 2L));
        story.ends(keyed);
        assertThat(story.told()).containsExactly("r y 2 -> y 2", "d x 1 -> none");
    }

    @Test
    void aSnapshotReplacesRowsThatCameWithAKeyAndHaveNoneNow() {
        TableSchema keyed = Story.schema(List.of(0), "a text", "n int64");
        story.apply(change(keyed, CREATE, 10, 11, "x", 1L));
        story.begins(BAG, true);
        story.apply(read(BAG, "y", 2L));
        story.ends(BAG);
        assertThat(story.told()).containsExactly("c none -> x 1", "d x 1 -> none", "r none -> y 2");
        assertThat(story.live()).containsExactly("y 2");
    }

    @Test
    void theyHaveTheDefaultOfAColumnThatCameWithTheKey() {
        TableSchema plain = Story.schema(List.of(0), "a text", "n int64", "preset int64");
        Slice seven = change(Story.schema(List.of(), "preset int64"), CREATE, 10, 11, 7L).after;
        Slice value = new Slice();
        value.set(seven.bytes(), seven.offset() + seven.length() - 8, 8);
        TableSchema preset =
                new TableSchema(plain.topic(), plain.table(), plain.columns(), List.of(0), Map.of(2, value));
        story.apply(change(BAG, CREATE, 10, 11, "x", 1L));
        story.told();
        story.apply(change(preset, CREATE, 10, 21, "y", 2L, 7L));
        assertThat(story.told()).containsExactly("d x 1 null -> none", "c none -> x 1 7", "c none -> y 2 7");
        story.apply(change(preset, DELETE, 10, 31, "x", null, null));
        assertThat(story.live()).containsExactly("y 2 7");
    }

    @Test
    void rowsAreFoundByTheirValuesWhenTheTableLosesItsKey() {
        TableSchema keyed = Story.schema(List.of(0), "a text", "n int64");
        story.apply(change(keyed, CREATE, 10, 11, "x", 1L));
        story.apply(change(keyed, CREATE, 10, 12, "y", 2L));
        story.told();
        story.apply(change(BAG, CREATE, 10, 21, "x", 1L));
        story.restart();
        story.apply(change(BAG, DELETE, 10, 22, "y", 2L));
        assertThat(story.told()).containsExactly("c none -> x 1", "d y 2 -> none");
        assertThat(story.live()).containsExactly("x 1", "x 1");
        assertThat(story.apply(change(keyed, DELETE, 10, 31, "x", null))).isEqualTo(Verdict.APPLIED);
    }

    @Test
    void rowsHaveTheDefaultOfAColumnThatWasAdded() {
        TableSchema plain = Story.schema(List.of(), "a text", "n int64", "preset int64");
        Slice seven = change(Story.schema(List.of(), "preset int64"), CREATE, 10, 11, 7L).after;
        Slice value = new Slice();
        value.set(seven.bytes(), seven.offset() + seven.length() - 8, 8);
        TableSchema preset =
                new TableSchema(plain.topic(), plain.table(), plain.columns(), List.of(), Map.of(2, value));
        three();
        story.told();
        story.apply(change(preset, DELETE, 10, 21, "x", 1L, 7L));
        assertThat(story.told())
                .containsExactlyInAnyOrder(
                        "d x 1 null -> none",
                        "c none -> x 1 7",
                        "d x 1 null -> none",
                        "c none -> x 1 7",
                        "d y null null -> none",
                        "c none -> y null 7",
                        "d x 1 7 -> none");
        assertThat(story.live()).containsExactly("x 1 7", "y null 7");
    }

    @Test
    @Covers(
            row = "keyless table",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN},
            how = Covers.How.POLICY)
    void aDeleteThatDoesNotSayOfWhatSaysNothing() {
        three();
        Event delete = change(BAG, DELETE, 10, 21, "x", 1L);
        delete.before.clear();
        assertThat(story.apply(delete)).isEqualTo(Verdict.NOTHING);
        assertThat(story.live()).hasSize(3);
        assertThat(story.apply(change(BAG, READ, -1, -1, "x", 1L))).isEqualTo(Verdict.APPLIED);
    }

    @Test
    void anUpdateThatBreaksARuleChangesNothing() {
        Rule rule = new Rule("n", Rule.Kind.MAX, Rule.Action.REJECT, new BigDecimal(5), null, null);
        Story ruled = new Story(new ChangelogSettings(true, Unsent.REJECT, StateMode.ROWS, List.of(rule)));
        ruled.apply(change(BAG, CREATE, 10, 11, "x", 1L));
        ruled.told();
        assertThat(ruled.apply(update(21, new Object[] {"x", 1L}, "x", 9L))).isEqualTo(Verdict.INVALID);
        assertThat(ruled.told()).isEmpty();
        assertThat(ruled.live()).containsExactly("x 1");
    }

    /** MySQL's snapshots have blanks in it where its log has none. */
    @Test
    void jsonThatDiffersInItsBlanksIsOneRow() {
        for (String type : List.of("json", "any")) {
            TableSchema schema = Story.schema(List.of(), "j " + type);
            Story prefs = new Story();
            prefs.apply(change(schema, CREATE, 10, 11, "{\"a\": [1, \"x \\\" y\"]}"));
            prefs.told();

            assertThat(prefs.apply(change(schema, DELETE, 10, 12, "{\"a\":[1,\"x \\\" y\"]}")))
                    .isEqualTo(Verdict.APPLIED);
            assertThat(prefs.told()).as("as the sinks have it").containsExactly("d {\"a\": [1, \"x \\\" y\"]} -> none");
            assertThat(prefs.live()).isEmpty();
        }
        TableSchema text = Story.schema(List.of(), "j text");
        Story texts = new Story();
        texts.apply(change(text, CREATE, 10, 11, "{\"a\": 1}"));
        texts.apply(change(text, DELETE, 10, 12, "{\"a\":1}"));
        assertThat(texts.live()).as("of text each character counts").containsExactly("{\"a\": 1}");
    }

    /** PostgreSQL's json keeps its blanks: rows that differ in them alone are two. */
    @Test
    void jsonOfTheSameSpellingIsTakenFirst() {
        TableSchema schema = Story.schema(List.of(), "j json");
        for (String first : List.of("{\"a\": 1}", "{\"a\":1}")) {
            String second = first.contains(" ") ? "{\"a\":1}" : "{\"a\": 1}";
            Story both = new Story();
            both.apply(change(schema, CREATE, 10, 11, first));
            both.apply(change(schema, CREATE, 10, 12, second));
            both.told();

            both.apply(change(schema, DELETE, 10, 13, second));
            both.apply(change(schema, DELETE, 10, 14, first));

            assertThat(both.told()).containsExactly("d " + second + " -> none", "d " + first + " -> none");
            assertThat(both.live()).isEmpty();
        }
    }

    @Test
    void rowsOfOnePlaceAreNewAlsoAfterADeleteThatCameThereAgain() {
        story.apply(change(BAG, CREATE, 10, 11, "a", 1L));
        story.apply(change(BAG, DELETE, 10, 12, "a", 1L));
        assertThat(story.apply(change(BAG, DELETE, 10, 12, "a", 1L))).isEqualTo(Verdict.DUPLICATE);

        assertThat(story.apply(change(BAG, CREATE, 10, 12, "b", 2L))).isEqualTo(Verdict.APPLIED);
        assertThat(story.apply(change(BAG, CREATE, 10, 11, "a", 1L))).isEqualTo(Verdict.DUPLICATE);
        assertThat(story.apply(change(BAG, CREATE, 10, 12, "b", 2L)))
                .as("repeated")
                .isEqualTo(Verdict.DUPLICATE);
    }

    @Test
    void aDeleteSaysWhetherItsRowWasSeen() {
        story.apply(change(BAG, CREATE, 10, 11, "a", 1L));
        Event delete = change(BAG, DELETE, 10, 12, "a", 1L);
        delete.after.set(delete.before.copy()); // a row alone has it there as well
        story.apply(delete);
        story.apply(change(BAG, DELETE, 10, 13, "a", 1L));
        Event update = change(BAG, UPDATE, 10, 14, "b", 2L);
        update.before.set(change(BAG, DELETE, 10, 14, "c", 3L).before.copy());
        story.apply(update);

        assertThat(story.emitted).containsExactly("c", "d", "d unseen", "d unseen", "c");
        assertThat(story.told())
                .containsExactly("c none -> a 1", "d a 1 -> none", "d a 1 -> none", "d c 3 -> none", "c none -> b 2");
    }

    @Test
    void theSchemaOfTheRowAppliedLastIsThatOfTheTable() {
        TableSchema other = Story.schema(List.of(), "v text", "n int64", "c text");
        story.apply(change(BAG, CREATE, 10, 11, "a", 1L));
        story.apply(change(other, CREATE, 20, 21, "a", 1L, "x"));
        assertThat(story.bucket.schemas()).last().isEqualTo(other);
        story.apply(Story.on(1, change(BAG, CREATE, 15, 16, "late", 1L)));
        assertThat(story.bucket.schemas()).last().isEqualTo(BAG);
        Event nothing = Story.on(1, change(other, DELETE, 17, 18, "a", 1L, "x"));
        nothing.before.clear();
        assertThat(story.apply(nothing)).isEqualTo(Verdict.NOTHING);
        assertThat(story.bucket.schemas()).last().isEqualTo(BAG);
    }
}
