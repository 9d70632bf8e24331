package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import io.tributary.change.TableName;
import io.tributary.flow.DeadLetters;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Pure
class LakePathTest {
    @Test
    void ordinaryNamesAreKept() {
        assertThat(LakePath.of(new TableName("public", "transactions")))
                .isEqualTo("raw-kafka-data/public.transactions");
        assertThat(LakePath.of(new TableName("Hr_Dept", "Zażółć 1"))).isEqualTo("raw-kafka-data/Hr_Dept.Zażółć 1");
    }

    @Test
    void noNameLeavesTheLake() {
        assertThat(LakePath.of(new TableName("public", "../../x"))).isEqualTo("raw-kafka-data/public...~2F..~2Fx");
        assertThat(LakePath.folder("..")).isEqualTo("~..");
        assertThat(LakePath.folder("")).isEqualTo("~");
        assertThat(LakePath.folder("_delta_log")).isEqualTo("~_delta_log");
    }

    @Test
    void differentNamesNeverShareAFolder() {
        assertThat(LakePath.folder("a~2Fb")).isNotEqualTo(LakePath.folder("a/b"));
        assertThat(LakePath.folder("~.x")).isNotEqualTo(LakePath.folder(".x"));
    }

    @Test
    void longNamesAreCutAndStillTheirOwn() {
        String one = LakePath.folder("\u2603".repeat(100) + "a");
        String other = LakePath.folder("\u2603".repeat(100) + "b");
        assertThat(one).hasSizeLessThan(201).isNotEqualTo(other);
    }

    @Test
    void deadLettersHaveTheirOwnPlace() {
        assertThat(LakePath.of(DeadLetters.TABLE)).isEqualTo("rejected");
        assertThat(LakePath.of(new TableName("x", "rejected"))).isEqualTo("raw-kafka-data/x.rejected");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"part-1.parquet", "dt=2025-01-01/part-1.parquet", "dt%3D2025/a%20b.parquet", "..part/x", "a..b"})
    void aFileOfTheLogIsWithinItsFolder(String encoded) throws Exception {
        assertThat(LakePath.within("t", encoded)).isEqualTo(URI.create(encoded).getPath());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../victim", "../../victim", "dt=1/../../victim", "%2E%2E/victim", "..%2Fvictim", "a/%2e%2e/%2e%2e/b",
                        "/etc/passwd",
                "file:/etc/passwd", "file:///etc/passwd", "s3://other/x", "//host/x", "", "a b", "x:y"
            })
    void aFileThatLeadsOutOfItIsRefusedByName(String encoded) {
        assertThatThrownBy(() -> LakePath.within("current/s.t", encoded))
                .isInstanceOf(LakeConflictException.class)
                .hasMessageContaining("the log of current/s.t has a file out of its folder, '" + encoded + "'");
    }
}
