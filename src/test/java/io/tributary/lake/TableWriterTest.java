package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.tributary.Pure;
import io.tributary.change.ColumnType;
import io.tributary.change.TableSchema;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Into how many files a checkpoint's rows go. */
@Pure
class TableWriterTest {
    private static final TableSchema FIRST = TestLake.schema("id", ColumnType.INT32, "a", ColumnType.INT32);
    private static final TableSchema ADDED =
            TestLake.schema("id", ColumnType.INT32, "a", ColumnType.INT32, "b", ColumnType.TEXT);
    private static final TableSchema WIDER = TestLake.schema("id", ColumnType.INT32, "a", ColumnType.INT64);
    private static final TableSchema DROPPED = TestLake.schema("id", ColumnType.INT32);

    @TempDir
    Path folder;

    @Test
    void rowsThatTheOpenFileHoldsGoThere() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, ADDED, 0, 1, 10, "x");
            lake.write(0, FIRST, 1, 2, 20);
            lake.write(0, DROPPED, 2, 3);
            lake.write(0, ADDED, 3, 4, 40, "y");
            lake.checkpoint();

            assertThat(lake.files()).hasSize(1);
            assertThat(lake.values("a")).containsExactly(10, 20, null, 40);
            assertThat(lake.values("b")).containsExactly("x", null, null, "y");
        }
    }

    @Test
    void columnOrTypeThatItDoesNotHoldCutsItOnceAndSchemasThatTakeTurnsShareOneFromThenOn() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, FIRST, 0, 1, 10);
            lake.write(0, ADDED, 1, 2, 20, "x");
            lake.write(0, FIRST, 2, 3, 30);
            lake.write(0, WIDER, 3, 4, 1L << 40);
            lake.write(0, FIRST, 4, 5, 50);
            lake.checkpoint();
            assertThat(lake.files()).hasSize(2);

            lake.write(0, FIRST, 5, 6, 60);
            lake.write(0, ADDED, 6, 7, 70, "y");
            lake.write(0, WIDER, 7, 8, 80L);
            lake.write(0, FIRST, 8, 9, 90);
            lake.checkpoint();

            assertThat(lake.files()).hasSize(3);
            assertThat(lake.values("a")).containsExactly(10L, 20L, 30L, 1L << 40, 50L, 60L, 70L, 80L, 90L);
            assertThat(lake.values("b")).containsExactly(null, "x", null, null, null, null, "y", null, null);
            assertThat(lake.values("_offset")).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        }
    }

    @Test
    void filesAreFinishedEarlyWhereRowsTakeTooMuchMemory() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, FIRST, 0, 1, 10);
            lake.bound(1 << 20);
            lake.write(0, FIRST, 1, 2, 20);
            lake.bound(0);
            lake.write(0, FIRST, 2, 3, 30);
            lake.checkpoint();

            assertThat(lake.files()).hasSize(2);
            assertThat(lake.values("a")).containsExactly(10, 20, 30);
        }
    }

    @Test
    void columnsThatKeepComingShareTheirFiles() throws Exception {
        int columns = 300;
        List<Object> names = new ArrayList<>(List.of("id", ColumnType.INT32));
        List<@Nullable Object> values = new ArrayList<>(List.of(0));
        try (TestLake lake = new TestLake(folder, 1)) {
            for (int i = 0; i < columns; i++) {
                names.addAll(List.of("c" + i, ColumnType.INT32));
                values.add(i);
                lake.write(0, TestLake.schema(names.toArray()), i, values.toArray());
                values.set(i + 1, null);
            }
            lake.checkpoint();

            assertThat(lake.files()).hasSize(2);
            for (int i : new int[] {0, 1, columns - 1}) {
                assertThat(lake.values("c" + i)).hasSize(columns).element(i).isEqualTo(i);
            }
            assertThat(lake.values("_offset")).isSorted().hasSize(columns);
        }
    }

    @Test
    void rowsThatWaitForTheirLayoutAreMemoryToo() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, FIRST, 0, 1, 10);
            lake.write(0, ADDED, 1, 2, 20, "x".repeat(2 << 20));
            lake.bound(1 << 20);
            lake.write(0, FIRST, 2, 3, 30);
            lake.write(0, WIDER, 3, 4, 40L);
            lake.write(0, ADDED, 4, 5, 50, "x".repeat(5 << 20)); // more than may wait
            lake.checkpoint();

            assertThat(lake.files()).hasSize(4);
            assertThat(lake.values("a")).containsExactly(10L, 20L, 30L, 40L, 50L);
        }
    }

    /** A thousand tables have a thousand open files, in each of several writers. */
    @Test
    void anOpenFileTakesLittleMemory() throws Exception {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (TestLake lake = new TestLake(folder, 1)) {
            long taken = 0;
            for (int i = 0; i < 3; i++) { // the last time, all that is made once is there
                long before = thread.getCurrentThreadAllocatedBytes();
                lake.write(0, ADDED, i, i, 10, "x");
                taken = thread.getCurrentThreadAllocatedBytes() - before;
                lake.checkpoint();
            }
            assertThat(taken).isPositive().isLessThan(512 << 10);
        }
    }
}
