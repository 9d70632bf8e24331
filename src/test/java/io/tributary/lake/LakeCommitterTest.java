package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import io.tributary.change.ColumnType;
import io.tributary.change.TableSchema;
import io.tributary.sink.SinkSteps;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Pure
class LakeCommitterTest {
    private static final TableSchema ROWS = TestLake.schema("id", ColumnType.INT32);

    @TempDir
    private Path folder;

    @Test
    void twoWritersNeverOverwriteEachOthersCommit() throws Exception {
        try (TestLake one = new TestLake(folder, 1);
                TestLake other = new TestLake(folder, 2)) {
            one.write(0, ROWS, 0, 1);
            one.checkpoint();
            other.write(1, ROWS, 0, 2); // both have seen the table as it is now
            LakeCommittable cut = other.cut();
            one.write(0, ROWS, 1, 3);
            one.checkpoint();

            other.commit(cut);
            one.write(0, ROWS, 2, 4);
            one.checkpoint();

            assertThat(one.values("id")).containsExactly(1, 3, 4, 2);
            assertThat(one.files()).hasSize(4);
        }
    }

    /** Delta Kernel says that another commit came first; looked at again, for ever, it took a core until the job was killed. */
    @Test
    @Timeout(value = 30, unit = TimeUnit.SECONDS)
    void aCommitThatIsInterruptedEndsAndTheNextHasItsRows() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, ROWS, 0, 1);
            LakeCommittable cut = lake.cut();
            AtomicInteger interrupted = new AtomicInteger();
            lake.restartCommitter((table, step) -> {
                if (step == LakeStep.FILES_VISIBLE && interrupted.getAndIncrement() == 0) {
                    Thread.currentThread().interrupt();
                }
            });

            assertThatThrownBy(() -> lake.commit(cut)).hasRootCauseInstanceOf(Exception.class);
            assertThat(interrupted).hasValue(1);

            lake.restartCommitter(SinkSteps.NONE);
            lake.commit(cut);
            assertThat(lake.values("id")).containsExactly(1);
        }
    }
}
