package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import io.tributary.change.ColumnType;
import io.tributary.change.TableFormat;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.apache.flink.core.fs.RecoverableFsDataOutputStream;
import org.apache.flink.core.fs.RecoverableWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Pure
class LakeFileTest {
    /** To a store that has gone away: whatever is asked of it fails. */
    private static final class Away extends RecoverableFsDataOutputStream {
        private static IOException away() {
            return new IOException("the store is away");
        }

        @Override
        public Committer closeForCommit() throws IOException {
            throw away();
        }

        @Override
        public RecoverableWriter.ResumeRecoverable persist() throws IOException {
            throw away();
        }

        @Override
        public long getPos() {
            return 0;
        }

        @Override
        public void write(int b) {}

        @Override
        public void write(byte[] bytes, int from, int length) {}

        @Override
        public void flush() throws IOException {
            throw away();
        }

        @Override
        public void sync() throws IOException {
            throw away();
        }

        @Override
        public void close() throws IOException {
            throw away();
        }
    }

    private static LakeFile file(TableFormat format) throws IOException {
        RecoverableWriter files = (RecoverableWriter) Proxy.newProxyInstance(
                LakeFileTest.class.getClassLoader(),
                new Class<?>[] {RecoverableWriter.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("open")) {
                        return new Away();
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
        TableLayout layout = TableLayout.of(List.of(TestLake.schema("id", ColumnType.INT32)), List.of());
        return LakeFile.part(format, files, "s3://lake/t", 0, layout);
    }

    /** Flink ends the TaskManager of a task whose end fails. */
    @ParameterizedTest
    @EnumSource(TableFormat.class)
    void aFileIsGivenUpThoughTheStoreIsAway(TableFormat format) throws IOException {
        LakeFile file = file(format);
        assertThatThrownBy(file::finish).hasMessageContaining("the store is away");
        assertThatCode(file::abandon).doesNotThrowAnyException();
    }
}
