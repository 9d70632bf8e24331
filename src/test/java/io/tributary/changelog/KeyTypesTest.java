package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.change.Operation.UPDATE;
import static io.tributary.changelog.Story.change;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Pure;
import io.tributary.change.ColumnType;
import io.tributary.change.TableSchema;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A key's column gets another type: its rows are found again, or nothing is applied that would be a second row of one key. */
@Pure
class KeyTypesTest {
    private final Story story = new Story();

    private static TableSchema of(String type) {
        return of(type, false);
    }

    /** @param beyond whether the key is one that only text holds */
    private static TableSchema of(String type, boolean beyond) {
        return of("postgresql/cdc/shop", type, beyond);
    }

    private static TableSchema of(String origin, String type, boolean beyond) {
        TableSchema plain = Story.schema(List.of(0), "id " + type, "v text");
        return new TableSchema(
                plain.topic(),
                plain.table(),
                new TableSchema.Told(origin, true, beyond, ""),
                plain.columns(),
                plain.key(),
                Map.of());
    }

    private static Object value(String type, String text) {
        return switch (ColumnType.parse(type).kind()) {
            case INT16, INT32, INT64, DATE, TIMESTAMP, TIMESTAMPTZ -> Long.valueOf(text);
            case DECIMAL -> new BigDecimal(text);
            case FLOAT64 -> Double.valueOf(text);
            default -> text;
        };
    }

    /** Two keys before, and the same after. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            int32         | 1       | 2        | int64         | 1           | 2
            int16         | 1       | 2        | text          | 1           | 2
            int64         | -1      | 2        | decimal(18,0) | -1          | 2
            int64         | 1       | 2        | decimal(12,2) | 1.00        | 2.00
            int32         | 1       | 2        | float64       | 1.0         | 2.0
            int32         | 1       | 2        | any           | 1           | 2
            decimal(5,0)  | 1       | 2        | decimal(12,2) | 1.00        | 2.00
            decimal(12,2) | 1.10    | 2.00     | decimal(12,1) | 1.1         | 2.0
            decimal(12,2) | 1.10    | 2.25     | float64       | 1.1         | 2.25
            decimal(5,0)  | 1       | 2        | int64         | 1           | 2
            float64       | 1.5     | 2.0      | decimal(12,2) | 1.50        | 2.00
            text          | 1       | 2        | int32         | 1           | 2
            text          | a       | b        | any           | a           | b
            any           | a       | 1        | text          | a           | 1
            decimal(12,2) | 1.10    | 2.00     | text          | 1.10        | 2.00
            decimal(5,0)  | 1       | 2        | text          | 1           | 2
            text          | 1.10    | 2.00     | decimal(12,2) | 1.10        | 2.00
            date          | 1       | 2        | text          | 1970-01-02  | 1970-01-03
            text          | 1970-01-02 | 1970-01-03 | date       | 1           | 2
            timestamp     | 1       | 2000000  | text          | 1970-01-01 00:00:00.000001 | 1970-01-01 00:00:02
            text          | 1970-01-01 00:00:00.000001 | 1970-01-01 00:00:02 | timestamp | 1 | 2000000
            any           | 1       | 2        | int64         | 1           | 2
            date          | 1       | 2        | timestamp     | 86400000000 | 172800000000
            timestamp     | 1       | 2        | timestamptz   | 1           | 2
            timestamptz   | 1       | 2        | timestamp     | 1           | 2
            timestamp     | 0       | 86400000000 | date       | 0           | 1
            """)
    @Covers(
            row = "key of another type",
            forms = {Covers.Form.SCHEMA})
    void rowsAreFoundAgain(String from, String one, String two, String to, String oneAfter, String twoAfter) {
        TableSchema before = of(from);
        TableSchema after = of(to);
        story.apply(change(before, CREATE, 10, 11, value(from, one), "a"));
        story.apply(change(before, CREATE, 10, 12, value(from, two), "b"));
        story.told();

        assertThat(story.apply(change(after, UPDATE, 20, 21, value(to, oneAfter), "c")))
                .isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).last().asString().startsWith("u ").doesNotContain("none");
        story.restart();
        assertThat(story.apply(change(after, DELETE, 20, 22, value(to, twoAfter), null)))
                .isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).last().asString().startsWith("d ").contains(" b ");
        assertThat(story.live()).hasSize(1);
        assertThat(story.apply(change(after, DELETE, 20, 23, value(to, oneAfter), null)))
                .isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).isEmpty();
    }

    /** The key before has no certain form after, or another key would have the same. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            text          | a       | 1        | int32         | 1
            text          | 01      | 2        | int64         | 1
            decimal(12,2) | 1.10    | 2.00     | int64         | 1
            text          | 40000   | 2        | int16         | 2
            decimal(18,0) | 3000000000 | 2     | int32         | 2
            decimal(12,2) | 1.10    | 1.14     | decimal(12,1) | 1.1
            decimal(12,2) | 1.10    | 2.00     | any           | AQ==
            timestamp     | 1       | 2        | any           | 1
            date          | 1       | 2        | any           | 1
            timestamp     | 1       | 86400000000 | date       | 0
            float64       | 1.5     | 2.0      | text          | 1.5
            any           | a       | 2        | int64         | 2
            bytes         | a       | b        | text          | a
            timestamptz   | 1       | 2        | text          | 1
            text          | 1970-01-01 00:00:01 | b | timestamptz | 1000000
            text          | NaN     | 2        | decimal(12,2) | 2
            text          | infinity | 1970-01-02 | date        | 2
            """)
    @Covers(
            row = "key of another type",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN},
            how = Covers.How.REFUSED)
    void orTheyAreKeptAndTheChangesAreNotApplied(String from, String one, String two, String to, String after) {
        TableSchema before = of(from);
        story.apply(change(before, CREATE, 10, 11, value(from, one), "a"));
        story.apply(change(before, CREATE, 10, 12, value(from, two), "b"));
        List<String> rows = story.live();
        story.told();

        for (int i = 0; i < 2; i++) {
            assertThat(story.apply(change(of(to), UPDATE, 20, 21, value(to, after), "c")))
                    .isEqualTo(Verdict.KEY_TYPE);
            assertThat(story.apply(change(of(to), DELETE, 20, 22, value(to, after), null)))
                    .isEqualTo(Verdict.KEY_TYPE);
            story.restart();
        }
        assertThat(story.told()).isEmpty();
        assertThat(story.live()).isEqualTo(rows);
    }

    @Test
    void aNewSnapshotIsTheWayOut() {
        story.apply(change(of("text"), CREATE, 10, 11, "a", "a"));
        assertThat(story.apply(change(of("int32"), CREATE, 20, 21, 1, "c"))).isEqualTo(Verdict.KEY_TYPE);

        story.begins(of("int32"), true);
        story.apply(Story.read(of("int32"), 1, "c"));
        story.ends(of("int32"));

        assertThat(story.live()).containsExactly("1 c");
        assertThat(story.apply(change(of("int32"), UPDATE, 30, 31, 1, "d"))).isEqualTo(Verdict.APPLIED);
    }

    @Test
    void soIsATruncate() {
        story.apply(change(of("text"), CREATE, 10, 11, "a", "a"));
        assertThat(story.apply(change(of("int32"), CREATE, 20, 21, 1, "c"))).isEqualTo(Verdict.KEY_TYPE);

        story.apply(Story.truncate(of("text"), 20, 30));

        assertThat(story.apply(change(of("int32"), CREATE, 30, 31, 1, "c"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1 c");
    }

    @Test
    void inSeveralBucketsAnotherKeyMayLieInAnother() {
        Story spread = new Story(new ChangelogSettings(true, Unsent.REJECT, StateMode.ROWS, List.of(), false, 4));
        spread.apply(change(of("int32"), CREATE, 10, 11, 1, "a"));

        assertThat(spread.apply(change(of("text"), UPDATE, 20, 21, "1", "b"))).isEqualTo(Verdict.KEY_TYPE);
        assertThat(spread.apply(change(of("int64"), UPDATE, 20, 22, 1L, "b"))).isEqualTo(Verdict.APPLIED);
    }

    /** Of such a table the sinks could not be told which row it was. */
    @Test
    void aTableOfKeysAloneRefusesToo() {
        Story keys = new Story(new ChangelogSettings(true, Unsent.REJECT, StateMode.KEYS, List.of()));
        keys.apply(change(of("int32"), CREATE, 10, 11, 1, "a"));

        assertThat(keys.apply(change(of("text"), UPDATE, 20, 21, "1", "b"))).isEqualTo(Verdict.KEY_TYPE);
    }

    /** Nor where another column of the row has no form in the schema after. */
    @Test
    void soDoesARowThatDoesNotFit() {
        TableSchema before = Story.schema(List.of(0), "id int32", "v text");
        TableSchema after = Story.schema(List.of(0), "id text", "v int32");
        story.apply(change(before, CREATE, 10, 11, 1, "a"));

        assertThat(story.apply(change(after, UPDATE, 20, 21, "1", 5))).isEqualTo(Verdict.KEY_TYPE);
        assertThat(story.live()).containsExactly("1 a");
    }

    @Test
    void whatWasRefusedIsTakenOnceItsRowsAreGone() {
        story.apply(change(of("text"), CREATE, 10, 11, "a", "x"));
        assertThat(story.apply(change(of("int32"), CREATE, 20, 21, 1, "y"))).isEqualTo(Verdict.KEY_TYPE);
        assertThat(story.bucket.newest()).isEqualTo(of("text"));
        story.apply(change(of("text"), DELETE, 30, 31, "a", null));
        story.told();

        assertThat(story.apply(change(of("int32"), CREATE, 40, 41, 1, "y"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).containsExactly("c none -> 1 y");
        assertThat(story.bucket.newest()).isEqualTo(of("int32"));
        assertThat(story.bucket.isRefused(of("int32"))).isFalse();
    }

    @Test
    void orHaveTheirKeysInTheOtherType() {
        story.apply(change(of("text"), CREATE, 10, 11, "a", "x"));
        story.apply(change(of("text"), CREATE, 10, 12, "7", "y"));
        assertThat(story.apply(change(of("int32"), UPDATE, 20, 21, 7, "z"))).isEqualTo(Verdict.KEY_TYPE);
        story.apply(change(of("text"), DELETE, 30, 31, "a", null));
        story.told();

        assertThat(story.apply(change(of("int32"), UPDATE, 40, 41, 7, "z"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).containsExactly("d 7 y -> none", "c none -> 7 y", "u 7 y -> 7 z");
        assertThat(story.live()).containsExactly("7 z");
    }

    @Test
    void aRefusedSchemaIsRefusedAlsoWhereItsChangesHaveNoPlace() {
        story.apply(change(of("text"), CREATE, -1, -1, "a", "x"));
        story.apply(change(of("text"), CREATE, -1, -1, "b", "x"));

        assertThat(story.apply(change(of("int32"), CREATE, -1, -1, 1, "y"))).isEqualTo(Verdict.KEY_TYPE);
        assertThat(story.bucket.isRefused(of("int32"))).isTrue();
        assertThat(story.live()).containsExactly("a x", "b x");
    }

    @Test
    void aTypeThatComesBackIsRefusedWhereRowsHaveNoFormThere() {
        story.apply(change(of("int32"), CREATE, 10, 11, 1, "x"));
        story.apply(change(of("text"), CREATE, 20, 21, "a", "y"));
        story.told();

        assertThat(story.apply(change(of("int32"), UPDATE, 30, 31, 1, "z"))).isEqualTo(Verdict.KEY_TYPE);
        assertThat(story.bucket.isRefused(of("int32"))).isTrue();
        assertThat(story.told()).isEmpty();
        story.apply(change(of("text"), DELETE, 40, 41, "a", null));
        assertThat(story.apply(change(of("int32"), UPDATE, 50, 51, 1, "z"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1 z");
    }

    @Test
    void aTypeThatComesBackIsTheTablesAgain() {
        story.apply(change(of("int32"), CREATE, 10, 11, 1, "x"));
        story.apply(change(of("text"), UPDATE, 20, 21, "1", "y"));
        assertThat(story.apply(change(of("int32"), UPDATE, 30, 31, 1, "z"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.bucket.newest()).isEqualTo(of("int32"));
        assertThat(story.live()).containsExactly("1 z");
    }

    @Test
    void ofATableInSeveralBucketsAnEmptyOneSaysNothing() {
        Story split = new Story(new ChangelogSettings(true, Unsent.REJECT, StateMode.ROWS, List.of(), false, 2));
        split.apply(change(of("text"), CREATE, 10, 11, "a", "x"));
        split.apply(change(of("text"), DELETE, 12, 13, "a", null));

        assertThat(split.apply(change(of("int32"), CREATE, 20, 21, 1, "y"))).isEqualTo(Verdict.KEY_TYPE);
        assertThat(split.apply(change(of("int32"), CREATE, 20, 22, 2, "y"))).isEqualTo(Verdict.KEY_TYPE);
    }

    /** A schema is defined once: what was refused then is looked at again with its changes. */
    @Test
    void withoutAnotherDefinitionToo() {
        story.apply(change(of("text"), CREATE, 10, 11, "a", "x"));
        assertThat(story.apply(change(of("int32"), CREATE, 20, 21, 1, "y"))).isEqualTo(Verdict.KEY_TYPE);
        assertThat(story.applyKnown(change(of("text"), DELETE, 30, 31, "a", null)))
                .isEqualTo(Verdict.APPLIED);

        assertThat(story.applyKnown(change(of("int32"), CREATE, 40, 41, 1, "y")))
                .isEqualTo(Verdict.APPLIED);
        assertThat(story.bucket.newest()).isEqualTo(of("int32"));
        assertThat(story.bucket.isRefused(of("int32"))).isFalse();
        assertThat(story.live()).containsExactly("1 y");
    }

    @Test
    void aSnapshotSaysWhatRowsThereAre() {
        story.apply(change(of("text"), CREATE, 10, 11, "a", "x"));
        assertThat(story.apply(change(of("int32"), CREATE, 20, 21, 1, "y"))).isEqualTo(Verdict.KEY_TYPE);
        story.begins(of("int32"), true);
        assertThat(story.bucket.isRefused(of("int32"))).isFalse();
        assertThat(story.bucket.newest()).isEqualTo(of("int32"));
        assertThat(story.applyKnown(Story.read(of("int32"), 1, "y"))).isEqualTo(Verdict.APPLIED);
        story.ends(of("int32"));
        assertThat(story.live()).containsExactly("1 y");
    }

    /** Infinity is a key of its own: neither does it change the others' type, nor they its. */
    @Test
    void aKeyThatOnlyTextHoldsChangesNoType() {
        story.apply(change(of("date"), CREATE, 10, 11, 1, "a"));
        story.apply(change(of("text", true), CREATE, 20, 21, "infinity", "b"));
        story.apply(change(of("date"), CREATE, 30, 31, 2, "c"));
        story.told();
        assertThat(story.apply(change(of("text", true), UPDATE, 40, 41, "infinity", "d")))
                .isEqualTo(Verdict.APPLIED);
        assertThat(story.apply(change(of("date"), UPDATE, 50, 51, 1, "e"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).containsExactly("u infinity b -> infinity d", "u 1970-01-02 a -> 1970-01-02 e");

        assertThat(story.apply(change(of("text"), UPDATE, 60, 61, "infinity", "f")))
                .isEqualTo(Verdict.APPLIED);
        assertThat(story.apply(change(of("text"), UPDATE, 60, 62, "1970-01-03", "g")))
                .isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1970-01-02 e", "1970-01-03 g", "infinity f");
    }

    /** An earlier version did not say which keys are such. */
    @Test
    void whereThatIsNotKnownRowsStayAsTheyWere() {
        TableSchema before = Story.schema(List.of(0), "id decimal(12,2)", "v text");
        TableSchema after = Story.schema(List.of(0), "id text", "v text");
        story.apply(change(before, CREATE, 10, 11, new BigDecimal("1.10"), "a"));
        assertThat(story.apply(change(after, CREATE, 20, 21, "NaN", "b"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1.10 a", "NaN b");
    }

    /** What other sources make of a time or a number as text may be another text. */
    @ParameterizedTest
    @CsvSource({
        "mysql/cdc, timestamp, 1, false",
        "sqlserver/cdc/shop, timestamp, 1, false",
        "'', timestamp, 1, false",
        "mysql/cdc, date, 1, true",
        "mysql/cdc, 'decimal(12,2)', 1.10, true",
        "oracle/cdc/shop, 'decimal(12,2)', 1.10, false",
        "oracle/cdc/shop, date, 1, false",
        "postgresql/cdc/shop, 'decimal(19,2)', 1.10, false",
        "mysql/cdc, 'decimal(19,2)', 1.10, true"
    })
    void textIsAsItsSourceSpellsIt(String origin, String type, String value, boolean isFound) {
        story.apply(change(of(origin, type, false), CREATE, 10, 11, value(type, value), "a"));
        assertThat(story.apply(change(of(origin, "text", false), CREATE, 20, 21, "x", "b")))
                .isEqualTo(isFound ? Verdict.APPLIED : Verdict.KEY_TYPE);
    }

    /** A key may come to where another was before. */
    @Test
    void keysThatChangePlacesStay() {
        TableSchema before = of("decimal(10,2)");
        TableSchema after = of("decimal(10,4)");
        story.apply(change(before, CREATE, 10, 11, new BigDecimal("100.00"), "hundred"));
        story.apply(change(before, CREATE, 10, 12, new BigDecimal("1.00"), "one"));
        story.apply(change(after, CREATE, 20, 21, new BigDecimal("2.0000"), "two"));
        assertThat(story.live()).containsExactly("1.0000 one", "100.0000 hundred", "2.0000 two");

        Story other = new Story();
        TableSchema byId = Story.schema(List.of(0), "id int64", "n int64", "v text");
        TableSchema byN = Story.schema(List.of(1), "id int64", "n int64", "v text");
        other.apply(change(byId, CREATE, 10, 11, 1L, 2L, "x"));
        other.apply(change(byId, CREATE, 10, 12, 2L, 1L, "y"));
        other.apply(change(byN, CREATE, 20, 21, 3L, 3L, "z"));
        assertThat(other.live()).containsExactly("1 2 x", "2 1 y", "3 3 z");
        assertThat(other.apply(change(byN, DELETE, 20, 22, null, 2L, null))).isEqualTo(Verdict.APPLIED);
        assertThat(other.live()).containsExactly("2 1 y", "3 3 z");
    }

    /** Its rows' schemas do not tell what the table's newest does. */
    @Test
    void rowsOfAnEarlierVersionAreOfTheTablesTypes() {
        TableSchema old = Story.schema(List.of(0), "id decimal(12,2)", "v text");
        story.apply(change(old, CREATE, 10, 11, new BigDecimal("1.10"), "a"));
        story.apply(change(of("decimal(12,2)"), CREATE, 20, 21, new BigDecimal("2.20"), "b"));
        story.restart();
        assertThat(story.apply(change(of("text"), UPDATE, 30, 31, "1.10", "c"))).isEqualTo(Verdict.APPLIED);
        assertThat(story.live()).containsExactly("1.10 c", "2.20 b");
    }
}
