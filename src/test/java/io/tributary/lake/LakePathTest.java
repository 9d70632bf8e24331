package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.TableName;
import io.tributary.flow.DeadLetters;
import org.junit.jupiter.api.Test;

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
}
