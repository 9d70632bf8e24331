package io.tributary.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.Pure;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a failure's trace comes down to. */
@Pure
class FlinkCheckTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a.B: late;Caused by: a.C: why | a.C: why
            a.B: alone | a.B: alone
            a.B: late;Caused by: java.io.IOException: s3://lake/t: no answer;Caused by: java.net.SocketException: end of file | java.io.IOException: s3://lake/t: no answer
            java.io.IOException: s3://lake/t: no answer;Caused by: java.net.SocketException: end of file | java.io.IOException: s3://lake/t: no answer
            a.B: s3://lake/t: slow;Caused by: software.amazon.awssdk.services.s3.model.S3Exception: Reduce your request rate. | a.B: s3://lake/t: slow
            a.B: pekko://flink;Caused by: java.net.ConnectException: refused | java.net.ConnectException: refused
            a.B: s3://lake/t;Caused by: io.tributary.GapException: lost | io.tributary.GapException: lost
            """)
    void itIsTheLastCauseThatNamesSomething(String trace, String cause) {
        assertThat(FlinkCheck.cause(trace.replace(';', '\n'))).isEqualTo(cause);
    }

    /** As Flink 2.2 told of a job that failed while it was stopped with a savepoint. */
    @Test
    void ofAStoppedJobItIsWhatFailedBesideTheStop() throws IOException {
        String stop = "org.apache.flink.runtime.JobException: The failure is not recoverable\\n\\tat a.B.c(B.java:1)\\n"
                + "Caused by: org.apache.flink.util.FlinkException: Inconsistent execution state after stopping with savepoint.";
        String commit = "org.apache.flink.runtime.execution.SuppressRestartsException: Unrecoverable failure.\\n"
                + "\\tat io.tributary.flow.TableCommits.all(TableCommits.java:51)\\n"
                + "Caused by: io.tributary.lake.LakeConflictException: the store has lost the file";
        String failure = "{\"stacktrace\":\"%s\",\"concurrentExceptions\":[{\"stacktrace\":\"%s\"}]}";

        assertThat(FlinkCheck.cause(new ObjectMapper().readTree(failure.formatted(stop, commit))))
                .isEqualTo("io.tributary.lake.LakeConflictException: the store has lost the file");
        assertThat(FlinkCheck.cause(new ObjectMapper().readTree(failure.formatted(commit, stop))))
                .isEqualTo("io.tributary.lake.LakeConflictException: the store has lost the file");
        assertThat(FlinkCheck.cause(new ObjectMapper().readTree("{\"stacktrace\":\"" + stop + "\"}")))
                .startsWith("org.apache.flink.util.FlinkException: Inconsistent");
    }
}
