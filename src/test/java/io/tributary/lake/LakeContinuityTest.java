package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tributary.Pure;
import io.tributary.change.ColumnType;
import io.tributary.change.TableFormat;
import io.tributary.change.TableSchema;
import io.tributary.sink.SinkSteps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.FileUtils;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A lake that has lost what it had gets nothing more, and says what it lacks. */
@Pure
class LakeContinuityTest {
    private static final TableSchema ROWS = TestLake.schema("id", ColumnType.INT32);

    @TempDir
    private Path folder;

    @TempDir
    private Path backups;

    private Path lake() {
        return folder.resolve("lake");
    }

    private void copy(Path from, Path to) throws IOException {
        FileUtils.deleteDirectory(to.toFile());
        FileUtils.copy(
                new org.apache.flink.core.fs.Path(from.toUri()), new org.apache.flink.core.fs.Path(to.toUri()), false);
    }

    private static void isGap(ThrowingCallable commit, String... words) {
        assertThatThrownBy(commit)
                .isInstanceOf(SuppressRestartsException.class)
                .cause()
                .hasMessageContainingAll(words)
                .message()
                .hasLineCount(1);
    }

    @ParameterizedTest
    @EnumSource(TableFormat.class)
    void aLakeThatWentBackWhileTheJobRuns(TableFormat format) throws Exception {
        try (TestLake lake = new TestLake(lake(), 1, format)) {
            lake.write(0, ROWS, 0, 1);
            lake.checkpoint();
            copy(lake(), backups.resolve("b"));
            lake.write(0, ROWS, 4, 2);
            lake.checkpoint();
            copy(backups.resolve("b"), lake());
            lake.write(0, ROWS, 9, 3);

            isGap(lake::checkpoint, "raw-kafka-data/s.t", "before offset 1 of cdc.s.t-0", "at offset 5");
            assertThat(new DeltaLog(lake.lake)
                            .read(LakePath.log(format, TestLake.PATH))
                            .version())
                    .isZero(); // nothing was added that would break the table's log
        }
    }

    @Test
    void aLakeThatIsGoneWhileTheJobRuns() throws Exception {
        try (TestLake lake = new TestLake(lake(), 1)) {
            lake.write(0, ROWS, 0, 1);
            lake.checkpoint();
            FileUtils.deleteDirectory(lake().toFile());
            lake.write(0, ROWS, 1, 2);

            isGap(lake::checkpoint, "before offset 0 of cdc.s.t-0", "at offset 1");
        }
    }

    /** Of a table that gets nothing more, nobody else would ever say. */
    @Test
    void aSavepointOverALakeThatLacksWhatItGave() throws Exception {
        try (TestLake lake = new TestLake(lake(), 1)) {
            lake.write(0, ROWS, 0, 1);
            lake.checkpoint();
            copy(lake(), backups.resolve("b"));
            lake.write(0, ROWS, 4, 2);
            lake.checkpoint();

            lake.restore();
            lake.checkpoint(); // all is there

            copy(backups.resolve("b"), lake());
            lake.restore();
            isGap(lake::checkpoint, "before offset 1 of cdc.s.t-0", "at offset 5");
            FileUtils.deleteDirectory(lake().toFile());
            lake.restore();
            isGap(lake::checkpoint, "before offset 0 of cdc.s.t-0", "at offset 5");
        }
    }

    @Test
    void aJobWithoutStateGoesOnWhereTheLakeEnds() throws Exception {
        try (TestLake lake = new TestLake(lake(), 1)) {
            lake.write(0, ROWS, 0, 1);
            lake.checkpoint();
        }
        try (TestLake fresh = new TestLake(lake(), 1)) {
            fresh.write(0, ROWS, 0, 1);
            fresh.write(0, ROWS, 4, 2);
            fresh.checkpoint();

            assertThat(fresh.values("id")).containsExactly(1, 2);
        }
    }

    /** What it reads again it gives to nobody; all the same the table must have it then. */
    @Test
    void aJobWithoutStateKnowsWhatTheLakeHad() throws Exception {
        try (TestLake lake = new TestLake(lake(), 1)) {
            lake.write(0, ROWS, 0, 1);
            lake.write(0, ROWS, 4, 2);
            lake.checkpoint();
        }
        try (TestLake fresh = new TestLake(lake(), 1)) {
            fresh.write(0, ROWS, 0, 1);
            fresh.checkpoint();
            fresh.write(0, ROWS, 4, 2);
            fresh.checkpoint();
            FileUtils.deleteDirectory(lake().toFile());
            fresh.restore();
            fresh.write(0, ROWS, 9, 3);

            isGap(fresh::checkpoint, "before offset 0 of cdc.s.t-0", "at offset 5");
        }
    }

    @ParameterizedTest
    @EnumSource(TableFormat.class)
    void aTopicThatWasMadeAnew(TableFormat format) throws Exception {
        try (TestLake lake = new TestLake(lake(), 1, format)) {
            lake.write(0, ROWS, 0, 0);
            lake.checkpoint();
            lake.write(0, TestLake.ofTopic("first", ROWS), 1, 1);
            lake.checkpoint();
            lake.write(0, TestLake.ofTopic("first", ROWS), 2, 2);
            lake.checkpoint();
            lake.write(0, TestLake.ofTopic("second", ROWS), 3, 3);

            isGap(lake::checkpoint, "an earlier topic cdc.s.t, with the id first", "with the id second");
            TableLog.State state = new DeltaLog(lake.lake).read(LakePath.log(format, TestLake.PATH));
            assertThat(state.fences()).containsValue(3L);
            assertThat(state.topicIds()).isEqualTo(Map.of("cdc.s.t", "first"));
        }
    }

    @Test
    void aTableOfPartsThatAnotherToolRewrote() throws Exception {
        try (TestLake lake = new TestLake(lake(), 1)) {
            lake.write(0, ROWS, 0, 1);
            lake.checkpoint();
            Part part = new Part("a", 2);
            TableCommit commit = new TableCommit(
                    TestLake.PATH, TableFormat.DELTA, part, lake.state().columns(), List.of(), Map.of());
            LakeCommittable cut = new LakeCommittable(
                    9,
                    List.of(commit.within(Map.of(
                            new io.tributary.change.SourcePartition("cdc.s.t", 0),
                            new io.tributary.change.OffsetRange(0, 8)))));

            isGap(() -> lake.commit(cut), "another tool has added the file");
        }
    }

    /** What writers have finished and no commit has made visible yet. */
    private List<Path> pending() throws IOException {
        try (Stream<Path> files = Files.walk(lake())) {
            return files.filter(file -> file.getFileName().toString().contains(".inprogress."))
                    .toList();
        }
    }

    @Test
    void aFileThatTheStoreLostBeforeItsCommit() throws Exception {
        LakeCommittable cut;
        try (TestLake lake = new TestLake(lake(), 1)) {
            lake.write(0, ROWS, 0, 1);
            lake.checkpoint();
            lake.write(0, ROWS, 4, 2);
            cut = lake.cut();
            assertThat(pending()).hasSize(1);
            Files.delete(pending().get(0));

            isGap(() -> lake.commit(cut), "raw-kafka-data/s.t", "part-", "the store has lost the file");
        }
        try (TestLake lake = new TestLake(lake(), 1)) { // the same checkpoint, restored
            isGap(() -> lake.commit(cut), "raw-kafka-data/s.t", "part-", "the store has lost the file");
        }
        try (TestLake lake = new TestLake(lake(), 1)) { // a job without state: nothing of it is in the log
            lake.write(0, ROWS, 0, 1);
            lake.write(0, ROWS, 4, 2);
            lake.checkpoint();
            assertThat(lake.values("id")).containsExactly(1, 2);
        }
    }

    private List<Path> plain() throws IOException {
        try (Stream<Path> files = Files.walk(lake().resolve("raw-kafka-data"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    /** Of plain files a reader may have taken the newest away. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "DELTA")
    void aPlainFileThatIsTakenAwayHoldsUpNothing(TableFormat format) throws Exception {
        try (TestLake lake = new TestLake(lake(), 1, format)) {
            lake.write(0, ROWS, 0, 1);
            lake.checkpoint();
            assertThat(plain()).hasSize(1);
            Files.delete(plain().get(0));
        }
        try (TestLake lake = new TestLake(lake(), 1, format)) {
            lake.write(0, ROWS, 0, 1);
            lake.write(0, ROWS, 4, 2);
            lake.checkpoint();
            assertThat(plain()).hasSize(1);
            assertThat(pending()).isEmpty();
        }
    }

    /** What an object store says of an upload that is not there is believed after a while. */
    @Test
    void anUploadThatIsGoneIsWaitedForBeforeItIsLost() throws Exception {
        AtomicLong now = new AtomicLong();
        PendingFiles files = new PendingFiles("s3://lake", Duration.ofSeconds(30), now::get);
        DataFile file = new DataFile("part-1", DataFile.NO_DAY, 1, "", 1, new byte[0]);
        IOException gone =
                new IOException("commit failed", new IOException("x (Status Code: 404; Error Code: NoSuchUpload)"));
        IOException invalid = new IOException("Error Code: InvalidPart; Request ID: 1");

        files.look("t", file, gone);
        now.set(Duration.ofSeconds(29).toNanos());
        files.look("t", file, invalid);
        files.look("t", file, new IOException("503")); // it was only coming up
        now.set(Duration.ofSeconds(40).toNanos());
        files.look("t", file, gone);
        now.set(Duration.ofSeconds(69).toNanos());
        files.look("t", file, gone);
        now.set(Duration.ofSeconds(70).toNanos());
        assertThatThrownBy(() -> files.look("t", file, invalid))
                .isInstanceOf(LakeConflictException.class)
                .hasMessageContainingAll("lake's table t", "'part-1'", "InvalidPart");
    }

    @Test
    void aFileThatIsVisibleAlreadyIsNotLost() throws Exception {
        try (TestLake lake = new TestLake(lake(), 1)) {
            lake.write(0, ROWS, 0, 1);
            LakeCommittable cut = lake.cut();
            lake.restartCommitter((table, step) -> {
                if (step == LakeStep.FILES_VISIBLE) {
                    throw new IllegalStateException("killed");
                }
            });
            Thread commit = new Thread(() -> assertThatThrownBy(() -> lake.commit(cut)));
            commit.start();
            await().until(() -> pending().isEmpty());
            commit.interrupt();
            commit.join();
            lake.restartCommitter(SinkSteps.NONE);
            lake.commit(cut);
            assertThat(lake.values("id")).containsExactly(1);
        }
    }
}
