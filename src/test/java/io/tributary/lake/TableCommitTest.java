package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import io.tributary.change.ColumnType;
import io.tributary.change.TableFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@Pure
class TableCommitTest {
    private static final LakeColumn X = new LakeColumn("x", "x", ColumnType.INT32);
    private static final LakeColumn Y = new LakeColumn("y", "y", ColumnType.INT32);

    private static TableCommit commit(LakeColumn... columns) {
        return new TableCommit("raw-kafka-data/s.t", TableFormat.DELTA, null, List.of(columns), List.of(), Map.of());
    }

    @Test
    void columnsAreThoseOfTheTableThenThoseOfTheParts() throws Exception {
        assertThat(TableCommit.columns(List.of(Y), List.of(commit(X, Y), commit(X))))
                .containsExactly(Y, X);
    }

    @Test
    void aColumnIsAsWideAsTheWidestNeedsIt() throws Exception {
        LakeColumn text = new LakeColumn("x", "x", ColumnType.TEXT);

        assertThat(TableCommit.columns(List.of(), List.of(commit(X), commit(text))))
                .containsExactly(text);
        assertThat(TableCommit.columns(List.of(text), List.of(commit(X)))).containsExactly(text);
        assertThat(TableCommit.columns(List.of(X), List.of(commit(new LakeColumn("x", "x", ColumnType.decimal(4, 2))))))
                .containsExactly(new LakeColumn("x", "x", ColumnType.decimal(12, 2)));
    }

    @Test
    void namesThatDifferInCaseOnlyAreAConflict() {
        TableCommit upper = commit(new LakeColumn("X", "X", ColumnType.INT32));

        assertThatThrownBy(() -> TableCommit.columns(List.of(), List.of(commit(X), upper)))
                .isInstanceOf(LakeConflictException.class)
                .hasMessage(
                        "cannot give raw-kafka-data/s.t both the column 'x' and 'X': the names differ in case only, and"
                                + " two writers met them at once as new ones; submit the job afresh at parallelism 1 until the"
                                + " table has them");
        assertThatThrownBy(() -> TableCommit.columns(List.of(X), List.of(upper)))
                .isInstanceOf(LakeConflictException.class);
    }
}
