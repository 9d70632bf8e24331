package io.tributary.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.Pure;
import org.junit.jupiter.api.Test;

@Pure
class ConnectorStatusTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static ConnectorStatus status(String connector, String task, String trace) {
        ObjectNode status = JSON.createObjectNode();
        status.putObject("connector").put("state", connector);
        status.putArray("tasks").addObject().put("state", task).put("trace", trace);
        return ConnectorStatus.of(status);
    }

    @Test
    void aFailureIsItsFirstLineAndItsLastCause() {
        ConnectorStatus failed = status(
                "RUNNING",
                "FAILED",
                "a.B: cannot start\n\tat a.B.c(B.java:1)\nCaused by: a.C: no\nCaused by: a.D: slot is active\n\t...");
        assertThat(failed.failed()).isTrue();
        assertThat(failed.reason()).isEqualTo("a.B: cannot start (a.D: slot is active)");
    }

    @Test
    void whatSomebodyHasStoppedIsPaused() {
        assertThat(status("PAUSED", "PAUSED", "").paused()).isTrue();
        assertThat(status("STOPPED", "UNASSIGNED", "").paused()).isTrue();
        assertThat(status("RUNNING", "RUNNING", "")).satisfies(running -> {
            assertThat(running.paused()).isFalse();
            assertThat(running.running()).isTrue();
        });
    }

    @Test
    void nothingIsUnknown() {
        assertThat(ConnectorStatus.of(JSON.createObjectNode())).isEqualTo(ConnectorStatus.UNKNOWN);
    }
}
