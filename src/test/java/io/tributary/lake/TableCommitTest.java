package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.change.ColumnType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TableCommitTest {
    private static final LakeColumn X = new LakeColumn("x", "x", ColumnType.INT32);

    private static TableCommit commit(LakeColumn... columns) {
        return new TableCommit("raw-kafka-data/s.t", List.of(columns), List.of(), Map.of());
    }

    @Test
    void theSameColumnsAreNoConflict() {
        assertThatCode(() -> commit(X).with(commit(X)).checkColumns(List.of(X))).doesNotThrowAnyException();
    }

    @Test
    void twoWritersWithOneNewColumnInTwoTypesAreAConflict() {
        TableCommit both = commit(X).with(commit(new LakeColumn("x", "x", ColumnType.TEXT)));

        assertThatThrownBy(() -> both.checkColumns(List.of()))
                .isInstanceOf(LakeConflictException.class)
                .hasMessage(
                        "cannot give raw-kafka-data/s.t both the column 'x' of int32 and 'x' of text: two writers met it at"
                                + " once as a new one, in two types; submit the job afresh at parallelism 1 until the table has it");
    }

    @Test
    void namesThatDifferInCaseOnlyAreAConflict() {
        assertThatThrownBy(
                        () -> commit(new LakeColumn("X", "X", ColumnType.INT32)).checkColumns(List.of(X)))
                .isInstanceOf(LakeConflictException.class);
    }
}
