package io.tributary.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

@Pure
class PortsTest {
    @Test
    void theNextFreePortStandsInForATakenOne() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(Ports.free(taken.getLocalPort())).isGreaterThan(taken.getLocalPort());
        }
    }

    @Test
    void aFreePortIsGivenAsPreferred() {
        int free = Ports.free(24_000);

        assertThat(Ports.free(free)).isEqualTo(free);
        assertThat(Ports.exactly(free, "--kafka-port")).isEqualTo(free);
    }

    @Test
    void aTakenPortTheUserAskedForIsRefusedByItsOption() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();

            assertThatThrownBy(() -> Ports.exactly(port, "--kafka-port"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("'--kafka-port' " + port + " is taken");
        }
    }

    @Test
    void aPortThatCannotBeIsRefused() {
        assertThatThrownBy(() -> Ports.exactly(70_000, "--kafka-port"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'--kafka-port' must be a port from 1 to 65535, got 70000");
    }
}
