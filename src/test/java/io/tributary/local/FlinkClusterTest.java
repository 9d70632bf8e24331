package io.tributary.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.Harness;
import io.tributary.Sockets;
import io.tributary.http.Spoken;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flink as {@code demo}, {@code bench} and {@code run} have it, seen by a stranger. */
@Harness
class FlinkClusterTest {
    private static final String JOB = "/jobs/00000000000000000000000000000000";

    @TempDir
    private static Path dir;

    private static int rest;
    private static int metrics;
    private static Set<InetSocketAddress> before;
    private static FlinkCluster flink;

    @BeforeAll
    static void start() throws Exception {
        before = Sockets.listening();
        rest = Ports.free(27_081);
        metrics = Ports.free(rest + 1);
        flink = FlinkCluster.start(dir, rest, metrics, new FlinkCluster.Settings(1, Duration.ofSeconds(60)));
        await("its REST interface knows who leads")
                .until(() -> Spoken.to(rest, "GET", "/overview", "127.0.0.1").startsWith("HTTP/1.1 200"));
    }

    @AfterAll
    static void stop() throws Exception {
        flink.close();
    }

    @Test
    void listensOnThisMachineAlone() throws Exception {
        Set<InetSocketAddress> opened = Sockets.listening();
        opened.removeAll(before);

        assertThat(opened).extracting(InetSocketAddress::getPort).contains(rest, metrics);
        assertThat(opened).allMatch(each -> each.getAddress().isLoopbackAddress());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /overview, 127.0.0.1, 200",
        "GET, /, localhost, 200",
        "GET, /overview, evil.example, 403",
        "POST, /jars/upload, 127.0.0.1, 403",
        "POST, /jars/a.jar/run, 127.0.0.1, 403",
        "PATCH, " + JOB + "?mode=cancel, 127.0.0.1, 403",
        "PATCH, " + JOB + ", 127.0.0.1, 403",
        "GET, " + JOB + "/yarn-cancel, 127.0.0.1, 403",
        "GET, /v1" + JOB + "/yarn-stop, 127.0.0.1, 403",
        "GET, " + JOB + "/yarn%2Dcancel, 127.0.0.1, 403",
        "POST, " + JOB + "/savepoints, 127.0.0.1, 403",
        "POST, " + JOB + "/stop, 127.0.0.1, 403",
        "POST, /savepoint-disposal, 127.0.0.1, 403",
        "PUT, " + JOB + "/resource-requirements, 127.0.0.1, 403",
        "DELETE, /cluster, 127.0.0.1, 403",
        "DELETE, /jars/a.jar, 127.0.0.1, 403",
    })
    void itsRestInterfaceIsForLooking(String method, String path, String host, int status) throws Exception {
        String answer = Spoken.to(rest, method, path, host, "Origin: http://evil.example\r\n", "Content-Length: 0\r\n");

        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(answer.lines()
                        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("access-control-allow-origin")))
                .allMatch(line -> line.endsWith(": http://127.0.0.1:" + rest));
    }

    @Test
    void itsMetricsAreForThisMachine() throws Exception {
        assertThat(Spoken.to(metrics, "GET", "/metrics", "127.0.0.1")).contains("\nflink_jobmanager_");
        assertThat(Spoken.to(metrics, "GET", "/metrics", "evil.example")).startsWith("HTTP/1.1 403 ");
    }
}
