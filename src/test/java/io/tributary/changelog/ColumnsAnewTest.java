package io.tributary.changelog;

import static io.tributary.change.Operation.CREATE;
import static io.tributary.change.Operation.DELETE;
import static io.tributary.change.Operation.UPDATE;
import static io.tributary.changelog.Story.change;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Pure;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A column is dropped and another of its name added, behind all others: what it had is not what the new one has. */
@Pure
class ColumnsAnewTest {
    private final Story story = new Story();

    private static TableSchema ordered(List<Integer> key, Map<Integer, Slice> defaults, String... columns) {
        TableSchema plain = Story.schema(key, defaults, columns);
        return new TableSchema(
                plain.topic(),
                plain.table(),
                new TableSchema.Told("postgresql/cdc/shop", true, false, ""),
                plain.columns(),
                plain.key(),
                defaults);
    }

    private static TableSchema of(String... columns) {
        return ordered(List.of(0), Map.of(), columns);
    }

    @Test
    @Covers(
            row = "column dropped and added",
            forms = {Covers.Form.SCHEMA})
    void rowsOfBeforeHaveNothingInIt() {
        story.apply(change(of("id int64", "c text", "d text"), CREATE, 10, 11, 1L, "old", "d"));
        story.apply(change(of("id int64", "c text", "d text"), CREATE, 10, 12, 2L, null, "d"));
        story.told();
        story.apply(change(of("id int64", "d text", "c text"), CREATE, 20, 21, 3L, "d", "new"));

        assertThat(story.live()).containsExactly("1 d null", "2 d null", "3 d new");
        assertThat(story.emitted).as("of two schemas, one after the other").endsWith("d", "d", "c", "c", "c");
        assertThat(story.told())
                .containsExactlyInAnyOrder(
                        "d 1 old d -> none",
                        "c none -> 1 d null",
                        "d 2 null d -> none",
                        "c none -> 2 d null",
                        "c none -> 3 d new");
        story.restart();
        assertThat(story.apply(change(of("id int64", "d text", "c text"), UPDATE, 20, 22, 1L, "e", "now")))
                .isEqualTo(Verdict.APPLIED);
        assertThat(story.told()).containsExactly("u 1 d null -> 1 e now");
    }

    @Test
    void orItsDefaultInAnotherType() {
        Slice zero = new Slice();
        zero.set(new byte[4]);
        story.apply(change(of("id int64", "c text", "d text"), CREATE, 10, 11, 1L, "old", "d"));
        story.apply(change(
                ordered(List.of(0), Map.of(2, zero), "id int64", "d text", "c int32"), CREATE, 20, 21, 2L, "d", 7));
        assertThat(story.live()).containsExactly("1 d 0", "2 d 7");
        assertThat(story.told()).contains("d 1 old d -> none", "c none -> 1 d 0");
    }

    @Test
    void aTableWithoutAKeyToo() {
        story.apply(change(ordered(List.of(), Map.of(), "c text", "d text"), CREATE, 10, 11, "old", "d"));
        story.apply(change(ordered(List.of(), Map.of(), "c text", "d text"), CREATE, 10, 12, "old", "d"));
        story.told();
        TableSchema after = ordered(List.of(), Map.of(), "d text", "c int32");
        story.apply(change(after, DELETE, 20, 21, "d", null));

        assertThat(story.live()).containsExactly("d null");
        assertThat(story.told())
                .containsExactly(
                        "d old d -> none",
                        "d old d -> none",
                        "c none -> d null",
                        "c none -> d null",
                        "d d null -> none");
    }

    /** The last column's place says nothing: but texts that are no numbers were not cast to such. */
    @ParameterizedTest
    @CsvSource({
        "old, older, int32, '1 null,2 null,3 5'",
        "old, '', int32, '1 old,2 ,3 5'",
        "old, 7, int32, '1 old,2 7,3 5'",
        "old, 0, int32, '1 old,2 0,3 5'",
        "old, 9, int32, '1 old,2 9,3 5'",
        "8, 7, int32, '1 8,2 7,3 5'",
        "old, +1E3, float64, '1 old,2 +1E3,3 5.0'",
        "old, nan, float64, '1 old,2 nan,3 5.0'",
        "old, -Infinity, float64, '1 old,2 -Infinity,3 5.0'",
        "old, older, date, '1 old,2 older,3 1970-01-06'",
    })
    @Covers(
            row = "last column dropped and added",
            forms = {Covers.Form.SCHEMA},
            how = Covers.How.POLICY)
    @Covers(
            row = "last column dropped and added",
            forms = {Covers.Form.PLAIN, Covers.Form.FLAT},
            how = Covers.How.UNDECIDABLE)
    void theLastColumnsTextsSayWhetherTheyWereCast(String one, String two, String type, String rows) {
        story.apply(change(of("id int64", "c text"), CREATE, 10, 11, 1L, one));
        story.apply(change(of("id int64", "c text"), CREATE, 10, 12, 2L, two));
        Object five = type.equals("float64") ? (Object) 5.0 : 5;
        story.apply(change(of("id int64", "c " + type), CREATE, 20, 21, 3L, five));
        assertThat(story.live()).containsExactly(rows.split(","));
    }

    /** What may look like it, and is not. */
    @Test
    @Covers(
            row = "column dropped and added",
            forms = {Covers.Form.PLAIN, Covers.Form.FLAT},
            how = Covers.How.UNDECIDABLE)
    void whereTheOrderIsNotKnownItSaysNothing() {
        story.apply(change(Story.schema(List.of(0), "id int64", "c text", "d text"), CREATE, 10, 11, 1L, "c", "d"));
        story.apply(change(Story.schema(List.of(0), "id int64", "d text", "c text"), CREATE, 20, 21, 2L, "d", "c"));
        story.apply(change(of("id int64", "c text", "d text"), CREATE, 30, 31, 3L, "c", "d"));
        assertThat(story.live()).containsExactly("1 c d", "2 d c", "3 c d");

        Story other = new Story();
        other.apply(change(of("id int64", "c text", "d text"), CREATE, -1, -1, 1L, "c", "d"));
        other.apply(change(of("id int64", "d text", "c text"), CREATE, -1, -1, 2L, "d", "c"));
        assertThat(other.live()).as("a source that may put columns anywhere").containsExactly("1 c d", "2 d c");
    }

    /** Any columns dropped and added: what stays keeps its values, what is new has none. */
    @Property(tries = 500)
    void aColumnsValuesAreItsOwn(@ForAll long seed) {
        Random random = new Random(seed);
        Story told = new Story();
        List<String> names = new ArrayList<>(List.of("id", "a", "b", "c", "d"));
        List<Integer> made = new ArrayList<>(List.of(0, 0, 0, 0, 0)); // when each column was added
        for (int step = 1; step < 8; step++) {
            TableSchema schema = of(names.stream()
                    .map(name -> name.equals("id") ? "id int64" : name + " text")
                    .toArray(String[]::new));
            Object[] values = new Object[names.size()];
            values[0] = (long) step;
            for (int i = 1; i < values.length; i++) {
                values[i] = names.get(i) + made.get(i) + "of" + step;
            }
            told.apply(change(schema, CREATE, 10L * step, 10L * step + 1, values));
            List<String> wanted = new ArrayList<>();
            for (int row = 1; row <= step; row++) {
                StringBuilder text = new StringBuilder(row + "");
                for (int i = 1; i < names.size(); i++) {
                    text.append(' ').append(made.get(i) < row ? names.get(i) + made.get(i) + "of" + row : "null");
                }
                wanted.add(text.toString());
            }
            assertThat(told.live()).as("seed %s step %s %s", seed, step, names).containsExactlyElementsOf(wanted);
            // one is dropped, and comes again behind the others, with others that stay
            int dropped = 1 + random.nextInt(names.size() - 2);
            String name = names.remove(dropped);
            made.remove(dropped);
            names.add(name);
            made.add(step);
        }
    }

    /** Shards that are merged may have had theirs added in other orders. */
    @Test
    void norWhereTablesAreMerged() {
        TableSchema one = of("id int64", "c text", "d text");
        TableSchema two = of("id int64", "d text", "c text");
        Story merged = new Story();
        merged.apply(change(without(one), CREATE, 10, 11, 1L, "c", "d"));
        merged.apply(change(without(two), CREATE, 20, 21, 2L, "d", "c"));
        merged.apply(change(without(of("id int64", "d text", "c int32")), CREATE, 30, 31, 3L, "d", 5));
        assertThat(merged.live()).containsExactly("1 c d", "2 d c", "3 d 5");
    }

    private static TableSchema without(TableSchema schema) {
        return new TableSchema(
                schema.topic(),
                schema.table(),
                new TableSchema.Told("", true, false, ""),
                schema.columns(),
                schema.key(),
                Map.of());
    }

    /** Of rows that are equal but for the column that went, none is lost. */
    @Test
    void rowsWithoutAKeyThatBecomeEqualAreAsMany() {
        story.apply(change(ordered(List.of(), Map.of(), "c text", "d text"), CREATE, 10, 11, null, "d"));
        story.apply(change(ordered(List.of(), Map.of(), "c text", "d text"), CREATE, 10, 12, "old", "d"));
        story.apply(change(ordered(List.of(), Map.of(), "c text", "d text"), CREATE, 10, 13, "other", "d"));
        story.apply(change(ordered(List.of(), Map.of(), "d text", "c text"), CREATE, 20, 21, "e", "new"));
        assertThat(story.live()).containsExactly("d null", "d null", "d null", "e new");
    }

    /** The key's column is dropped with its key, and comes again as any other. */
    @Test
    void aKeysColumnToo() {
        story.apply(change(
                ordered(List.of(2), Map.of(), "a int32", "b text", "id int64", "x text"),
                CREATE,
                10,
                11,
                60_000,
                "b",
                1L,
                "x"));
        story.apply(change(
                ordered(List.of(2), Map.of(), "a int32", "b text", "id int64", "x text"),
                CREATE,
                10,
                12,
                60_000,
                "b",
                2L,
                "x"));
        story.told();
        story.apply(change(
                ordered(List.of(), Map.of(), "a int32", "b text", "x text", "id int64"),
                CREATE,
                20,
                21,
                3,
                "b",
                "x",
                3L));
        assertThat(story.live()).containsExactly("3 b x 3", "60000 b x null", "60000 b x null");
        assertThat(story.told())
                .containsExactlyInAnyOrder(
                        "d 60000 b 1 x -> none",
                        "d 60000 b 2 x -> none",
                        "c none -> 60000 b x null",
                        "c none -> 60000 b x null",
                        "c none -> 3 b x 3");
    }
}
