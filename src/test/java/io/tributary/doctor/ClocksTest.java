package io.tributary.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process tells its clock with each answer. */
@Pure
class ClocksTest {
    @ParameterizedTest
    @CsvSource({"PT0S, ''", "PT5S, ''", "PT2H, ahead of", "PT-20M, behind", "PT-240H, behind"})
    void aClockThatIsOffIsNamed(Duration off, String how) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> answer(server, off));
            Findings findings = new Findings("metrics");
            new JobMetricsCheck("http://127.0.0.1:" + server.getLocalPort() + "/metrics").look(findings);
            answered.join();
            List<String> clocks = findings.all().stream()
                    .map(Finding::what)
                    .filter(what -> what.contains("the clock of"))
                    .toList();
            assertThat(clocks).hasSize(how.isEmpty() ? 0 : 1).allMatch(what -> what.contains(how));
        }
    }

    private static void answer(ServerSocket server, Duration off) {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Instant.now().plus(off).atOffset(ZoneOffset.UTC));
        try (Socket socket = server.accept()) {
            byte[] request = new byte[4096];
            assertThat(socket.getInputStream().read(request)).isPositive();
            socket.getOutputStream()
                    .write(("HTTP/1.1 200 OK\r\nDate: " + date + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
