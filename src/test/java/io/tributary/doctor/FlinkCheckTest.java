package io.tributary.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
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
}
