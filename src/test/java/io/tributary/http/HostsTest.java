package io.tributary.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Pure
class HostsTest {
    @ParameterizedTest
    @CsvSource(nullValues = "none", textBlock = """
            127.0.0.1, 127.0.0.1:8080, true
            127.0.0.1, 127.0.0.1, true
            127.0.0.1, localhost:8080, true
            127.0.0.1, [::1]:8080, true
            127.0.0.1, none, false
            127.0.0.1, '', false
            127.0.0.1, evil.example, false
            127.0.0.1, localhost.evil.example:8080, false
            127.0.0.1, 127.0.0.1.evil.example, false
            127.0.0.1, evil.example#localhost, false
            127.0.0.1, 127.0.0.1:8080@evil.example, false
            127.0.0.1, 10.0.0.7:8080, false
            0.0.0.0, 127.0.0.1:8080, true
            0.0.0.0, 10.0.0.7:8080, true
            0.0.0.0, [fe80::1]:8080, true
            0.0.0.0, evil.example:8080, false
            """)
    void answersOnlyToTheNamesOfItsAddress(String address, String host, boolean answered) {
        assertThat(Hosts.isAnswered(host, new InetSocketAddress(address, 8080))).isEqualTo(answered);
    }
}
