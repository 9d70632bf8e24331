package io.tributary.local;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What Kafka Connect says of a connector and its one task: {@code UNASSIGNED}, {@code RUNNING}, {@code PAUSED}, {@code FAILED},
 * {@code RESTARTING} or {@code STOPPED}, and {@code UNKNOWN} where it says nothing.
 *
 * @param reason the first line of the trace of a failure, else empty
 */
public record ConnectorStatus(String connector, String task, String reason) {
    /** No connector, or one without a state yet. */
    static final ConnectorStatus UNKNOWN = new ConnectorStatus("UNKNOWN", "UNKNOWN", "");

    static ConnectorStatus of(JsonNode status) {
        JsonNode connector = status.path("connector");
        JsonNode task = status.path("tasks").path(0);
        String trace = connector.path("trace").asText(task.path("trace").asText(""));
        return new ConnectorStatus(
                connector.path("state").asText("UNKNOWN"),
                task.path("state").asText("UNKNOWN"),
                trace.lines().findFirst().orElse(""));
    }

    /** Whether both run. */
    public boolean running() {
        return connector.equals("RUNNING") && task.equals("RUNNING");
    }

    /** Whether one of them has failed, and will not run again by itself. */
    public boolean failed() {
        return connector.equals("FAILED") || task.equals("FAILED");
    }
}
