package io.tributary.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Harness;
import io.tributary.http.ReadOnlyServer.Answer;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Harness
class ReadOnlyServerTest {
    private ReadOnlyServer server;

    @BeforeEach
    void listen() throws Exception {
        server = ReadOnlyServer.listen(0, "test", path -> Answer.of("text/plain", "this is " + path));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, 127.0.0.1, 200, this is /a",
        "HEAD, 127.0.0.1, 200, ''",
        "GET, evil.example, 403, only for this machine",
        "POST, 127.0.0.1, 405, only GET",
        "DELETE, localhost, 405, only GET",
        "OPTIONS, localhost, 405, only GET",
    })
    void isForReadingUnderThisMachinesName(String method, String host, int status, String body) throws Exception {
        String answer = Spoken.to(server.port(), method, "/a", host);

        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").endsWith("\r\n\r\n" + body);
        assertThat(answer.toLowerCase(java.util.Locale.ROOT)).doesNotContain("access-control");
    }

    @Test
    void whoSendsHalfARequestHoldsUpNobodyAndIsCutOff() throws Exception {
        List<Socket> halves = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            halves.add(Spoken.halfOpen(server.port()));
        }
        assertThat(Spoken.to(server.port(), "GET", "/b", "localhost")).endsWith("this is /b");
        for (Socket half : halves) {
            assertThat(isEnded(half)).isTrue();
            half.close();
        }
    }

    /** By a last word or by none. */
    private static boolean isEnded(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }
}
