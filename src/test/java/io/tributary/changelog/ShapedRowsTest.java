package io.tributary.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Change;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.PartRow;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.expression.Expression;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Pure
class ShapedRowsTest {
    private static final TableSchema SCHEMA = Story.schema(List.of(0), "id int64", "n int64", "s text");
    private static final TableSchema WIDER = Story.schema(List.of(0), "id int64", "n int64", "s text", "more text");
    private static final TableSchema KEYLESS = Story.schema(List.of(), "id int64", "n int64", "s text");

    private static ChangelogSettings settings(@Nullable String where, Shape.Computed... computed) {
        return new ChangelogSettings(
                true,
                Unsent.REJECT,
                StateMode.ROWS,
                List.of(),
                true,
                1,
                new Shape(where == null ? null : Expression.parse(where), List.of(computed)));
    }

    private static Shape.Computed computed(String name, String expression) {
        return new Shape.Computed(name, Expression.parse(expression), null);
    }

    /** What is told, folded: the rows as sinks have them. */
    private static class Folded implements Changelog.Out {
        private final Changelog changelog;
        private final Bucket bucket = new Bucket();
        private final MemoryRows stored = new MemoryRows();
        private final CountedRows counted = new CountedRows(stored);
        private final List<String> told = new ArrayList<>();
        private final TreeMap<String, Integer> rows = new TreeMap<>();
        private final boolean isKeyless;
        private long sequence = 100;
        private long taken;
        private long count;

        Folded(ChangelogSettings settings, boolean isKeyless) {
            this.changelog = new Changelog(Map.of("public.t", settings));
            this.isKeyless = isKeyless;
        }

        Verdict apply(Event event) {
            changelog.define(event, bucket, counted, this);
            Verdict verdict = changelog.apply(event, bucket, counted, this);
            count += changelog.shaped().takeAdded();
            return verdict;
        }

        Verdict apply(TableSchema schema, Operation operation, @Nullable Object... values) {
            sequence += 2;
            return apply(Story.change(schema, operation, sequence - 1, sequence, values));
        }

        @Override
        public void emit(Change change) {
            String before = change.beforeSchema == null ? "" : text(change.beforeSchema, change.before);
            String after = change.after.isPresent() ? text(change.schema, change.after) : "";
            told.add(change.operation.code() + " " + before + (before.isEmpty() || after.isEmpty() ? "" : " -> ")
                    + after);
            if (change.operation == Operation.TRUNCATE) {
                assertThat(taken)
                        .as("each row that the sinks have is told")
                        .isEqualTo(rows.values().stream().mapToInt(i -> i).sum());
                taken = 0;
                rows.clear();
                return;
            }
            if (change.unseen) {
                return;
            }
            if (!before.isEmpty()) {
                assertThat(rows).as("%s: the row before is there", told).containsKey(before);
                rows.merge(before, -1, (a, b) -> a + b == 0 ? null : a + b);
            }
            if (!after.isEmpty()) {
                rows.merge(after, 1, Integer::sum);
                assertThat(isKeyless || Integer.valueOf(1).equals(rows.get(after)))
                        .as("%s is created once", after)
                        .isTrue();
            }
        }

        @Override
        public void gone(Change row) {
            assertThat(rows).containsKey(text(row.imageSchema(), row.before));
            taken++;
        }

        /** As who takes whole rows has them. */
        TreeMap<String, Integer> whole() {
            TreeMap<String, Integer> all = new TreeMap<>();
            WholeRows whole = new WholeRows(CurrentSettings.OFF, changelog.shaped());
            whole.give(1, new WholeRows.Request(SCHEMA, 1), bucket, stored, (PartRow row) -> {
                if (row.head == null) {
                    all.merge(text(row.schema, row.row), 1, Integer::sum);
                }
            });
            return all;
        }

        private static String text(TableSchema schema, Slice row) {
            return Arrays.toString(RowReader.values(schema, row.bytes(), row.offset()));
        }
    }

    @Test
    void aRowThatNoLongerMatchesIsDeletedAndOneThatDoesIsCreated() {
        Folded folded = new Folded(settings("n > 10"), false);
        folded.apply(SCHEMA, Operation.CREATE, 1L, 5L, "a");
        folded.apply(SCHEMA, Operation.UPDATE, 1L, 11L, "b");
        folded.apply(SCHEMA, Operation.UPDATE, 1L, 12L, Rowing.UNSENT);
        folded.apply(SCHEMA, Operation.UPDATE, 1L, 2L, "c");
        folded.apply(SCHEMA, Operation.UPDATE, 1L, null, "d");
        folded.apply(SCHEMA, Operation.DELETE, 1L, null, null);

        assertThat(folded.told).containsExactly("c [1, 11, b]", "u [1, 11, b] -> [1, 12, b]", "d [1, 12, b]");
        assertThat(folded.changelog.applied()).isNull();
    }

    @Test
    void columnsAreComputedOfTheRowBeforeAsWell() {
        Folded folded = new Folded(settings(null, computed("twice", "n * 2"), computed("s", "s.upperAscii()")), false);
        folded.apply(SCHEMA, Operation.CREATE, 1L, 5L, "a");
        folded.apply(SCHEMA, Operation.UPDATE, 1L, null, Rowing.UNSENT);
        folded.apply(WIDER, Operation.UPDATE, 1L, 7L, "b", "m");
        folded.apply(WIDER, Operation.DELETE, 1L, null, null, null);

        assertThat(folded.told)
                .containsExactly(
                        "c [1, 5, A, 10]",
                        "u [1, 5, A, 10] -> [1, null, A, null]",
                        "u [1, null, A, null] -> [1, 7, B, m, 14]",
                        "d [1, 7, B, m, 14]");
    }

    @Test
    void whatHasNoValueIsRejectedAndTheRowStays() {
        Folded folded = new Folded(settings("100 / n > 10", computed("half", "1000 / (n - 3)")), false);
        folded.apply(SCHEMA, Operation.CREATE, 1L, 5L, "a");

        assertThat(folded.apply(SCHEMA, Operation.UPDATE, 1L, 0L, "b")).isEqualTo(Verdict.INVALID);
        assertThat(folded.changelog.broken())
                .isEqualTo(new Broken("expression", "", "cannot evaluate 'tables.public.t.where': / by zero"));
        assertThat(folded.apply(SCHEMA, Operation.UPDATE, 1L, 3L, "c")).isEqualTo(Verdict.INVALID);
        assertThat(folded.changelog.broken())
                .isEqualTo(new Broken("expression", "", "cannot evaluate 'tables.public.t.columns.half': / by zero"));
        folded.apply(SCHEMA, Operation.UPDATE, 1L, 4L, Rowing.UNSENT);
        assertThat(folded.told).containsExactly("c [1, 5, a, 500]", "u [1, 5, a, 500] -> [1, 4, c, 1000]");
    }

    @Test
    void anExpressionThatDoesNotSuitTheTableRejectsItsRows() {
        Folded folded = new Folded(settings("nope > 1"), false);

        assertThat(folded.apply(SCHEMA, Operation.CREATE, 1L, 5L, "a")).isEqualTo(Verdict.INVALID);
        assertThat(folded.changelog.broken())
                .extracting(Broken::detail)
                .asString()
                .startsWith("cannot evaluate 'tables.public.t.where': at character 1: undeclared reference to 'nope'");

        Folded key = new Folded(settings(null, computed("id", "n")), false);
        assertThat(key.apply(SCHEMA, Operation.CREATE, 1L, 5L, "a")).isEqualTo(Verdict.INVALID);
        Folded untold = new Folded(settings(null, computed("d", "decimal(n)")), false);
        assertThat(untold.apply(SCHEMA, Operation.CREATE, 1L, 5L, "a")).isEqualTo(Verdict.INVALID);
        assertThat(untold.changelog.broken())
                .extracting(Broken::detail)
                .asString()
                .contains("give its 'type'");
    }

    /** The source has renamed a column that the condition names: nothing is true of its rows any more, and none is told. */
    @Test
    void aColumnThatIsRenamedUnderAConditionChangesNoRow() {
        TableSchema renamed = Story.schema(List.of(0), "id int64", "number int64", "s text");
        Folded folded = new Folded(settings("n > 10", computed("twice", "n * 2")), false);
        folded.apply(SCHEMA, Operation.CREATE, 1L, 11L, "a");
        folded.apply(SCHEMA, Operation.CREATE, 2L, 5L, "b");
        folded.apply(SCHEMA, Operation.CREATE, 3L, 12L, "c");

        assertThat(folded.apply(renamed, Operation.UPDATE, 2L, 50L, "b")).isEqualTo(Verdict.INVALID);
        assertThat(folded.changelog.broken())
                .extracting(Broken::detail)
                .asString()
                .contains("undeclared reference to 'n'");
        folded.apply(renamed, Operation.DELETE, 3L, null, null);
        folded.apply(renamed, Operation.DELETE, 2L, null, null);

        assertThat(folded.told).containsExactly("c [1, 11, a, 22]", "c [3, 12, c, 24]", "d [3, 12, c, 24]");
        assertThat(folded.whole()).containsOnlyKeys("[1, 11, a, 22]");
    }

    /** Of a table without a condition the changelog counts its rows. */
    @Test
    void rowsAreCountedOfTablesWithAConditionAlone() {
        Folded all = new Folded(settings(null, computed("twice", "n * 2")), false);
        all.apply(SCHEMA, Operation.CREATE, 1L, 11L, "a");
        assertThat(all.count).isZero();

        Folded some = new Folded(settings("n > 10"), false);
        some.apply(SCHEMA, Operation.CREATE, 1L, 11L, "a");
        some.apply(SCHEMA, Operation.CREATE, 2L, 1L, "a");
        some.apply(SCHEMA, Operation.UPDATE, 2L, 12L, "a");
        assertThat(some.count).isEqualTo(2);
        some.apply(Story.truncate(SCHEMA, 1000, 1001));
        assertThat(some.count).isZero();
    }

    /** A truncate tells of each row: all of them would not fit in one array. */
    @Test
    void aTruncateOfManyRowsTakesTheMemoryOfOne() {
        String wide = "x".repeat(1 << 20);
        Folded folded = new Folded(settings("n > 0", computed("twice", "n * 2")), false) {
            @Override
            public void emit(Change change) {
                // not kept
            }

            @Override
            public void gone(Change row) {
                assertThat(row.before.bytes().length).isLessThan(4 << 20);
            }
        };
        for (long id = 0; id < 20; id++) {
            folded.apply(SCHEMA, Operation.CREATE, id, 1L, wide);
        }
        folded.apply(Story.truncate(SCHEMA, 1000, 1001));
        assertThat(folded.count).isZero();
    }

    @Test
    void aDeleteOfARowThatWasNeverSeenPasses() {
        Folded folded = new Folded(settings("n > 10", computed("twice", "n * 2")), false);
        folded.apply(SCHEMA, Operation.DELETE, 9L, 1L, "made up");

        assertThat(folded.told).containsExactly("d [9, null, null, null]");
    }

    @Test
    void typesAreThoseOfTheFile() {
        Folded folded = new Folded(
                settings(
                        null,
                        new Shape.Computed(
                                "d",
                                Expression.parse("n * 0.5 ".replace("n", "decimal(n)")),
                                ColumnType.decimal(9, 1))),
                false);
        folded.apply(SCHEMA, Operation.CREATE, 1L, 5L, "a");
        assertThat(folded.told).containsExactly("c [1, 5, a, 2.5]");
    }

    @Property(tries = 300)
    void sinksHaveTheRowsOfWhichTheConditionIsTrue(@ForAll long seed) {
        Random random = new Random(seed);
        boolean isKeyless = random.nextInt(3) == 0;
        TableSchema schema = isKeyless ? KEYLESS : SCHEMA;
        Folded folded = new Folded(settings("n % 3 == 0 || s == 'x'", computed("twice", "n * 2")), isKeyless);
        List<Object[]> rows = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            int which = random.nextInt(12);
            Object[] row = {
                (long) random.nextInt(5),
                random.nextInt(6) == 0 ? null : (long) random.nextInt(6),
                random.nextBoolean() ? "x" : "y"
            };
            if (which == 0) {
                folded.sequence += 2;
                folded.apply(Story.truncate(schema, folded.sequence - 1, folded.sequence));
                rows.clear();
            } else if (isKeyless) {
                if (which < 8 || rows.isEmpty()) {
                    rows.add(row);
                    folded.apply(schema, Operation.CREATE, row);
                } else {
                    folded.apply(schema, Operation.DELETE, rows.remove(random.nextInt(rows.size())));
                }
            } else {
                boolean wasThere = rows.removeIf(each -> each[0].equals(row[0]));
                if (wasThere && which < 4) {
                    folded.apply(schema, Operation.DELETE, row[0], null, null);
                } else {
                    rows.add(row);
                    folded.apply(schema, wasThere ? Operation.UPDATE : Operation.CREATE, row);
                }
            }
            TreeMap<String, Integer> expected = new TreeMap<>();
            for (Object[] each : rows) {
                Long n = (Long) each[1];
                if (n != null && n % 3 == 0 || each[2].equals("x")) {
                    Object twice = n == null ? null : 2 * n;
                    expected.merge(Arrays.toString(new Object[] {each[0], n, each[2], twice}), 1, Integer::sum);
                }
            }
            assertThat(folded.rows).as("%s", folded.told).isEqualTo(expected);
            assertThat(folded.whole()).isEqualTo(expected);
        }
    }
}
