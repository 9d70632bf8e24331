package io.tributary.connect;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What Kafka Connect says of a connector and its one task: {@code UNASSIGNED}, {@code RUNNING}, {@code PAUSED}, {@code FAILED},
 * {@code RESTARTING} or {@code STOPPED}, and {@code UNKNOWN} where it says nothing.
 *
 * @param reason the first line of the trace of a failure and what caused it, else empty
 */
public record ConnectorStatus(String connector, String task, String reason) {
    private static final String CAUSE = "Caused by: ";

    /** No connector, or one without a state yet. */
    public static final ConnectorStatus UNKNOWN = new ConnectorStatus("UNKNOWN", "UNKNOWN", "");

    public static ConnectorStatus of(JsonNode status) {
        JsonNode connector = status.path("connector");
        JsonNode task = status.path("tasks").path(0);
        String trace = connector.path("trace").asText(task.path("trace").asText(""));
        return new ConnectorStatus(
                connector.path("state").asText("UNKNOWN"), task.path("state").asText("UNKNOWN"), reason(trace));
    }

    /** The first line says where it was noticed, the last cause what it was. */
    private static String reason(String trace) {
        String first = trace.lines().findFirst().orElse("");
        return trace.lines()
                .filter(line -> line.startsWith(CAUSE))
                .reduce((one, next) -> next)
                .map(cause -> first + " (" + cause.substring(CAUSE.length()) + ")")
                .orElse(first);
    }

    /** Whether somebody has paused or stopped it. */
    public boolean paused() {
        return connector.equals("PAUSED") || connector.equals("STOPPED");
    }

    /** Whether somebody has stopped it, and its task has ended. */
    public boolean stopped() {
        return connector.equals("STOPPED") && task.equals("UNKNOWN");
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
