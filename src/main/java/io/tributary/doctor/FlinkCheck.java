package io.tributary.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.flow.Outage;
import io.tributary.flow.Shown;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The cluster, its slots, jobs, checkpoints and failures. */
final class FlinkCheck {
    private static final long SLOW_CHECKPOINT = 300_000;
    private static final long LONG_AGO = 600_000;
    /** Twice Flink's own interval; {@code flink-conf/} has a shorter one. */
    private static final long SILENT = 20_000;

    private static final long LONG_UNDER_WAY = 30_000;
    private static final String CAUSED_BY = "Caused by: ";
    private static final List<String> OF_CONNECTIONS =
            List.of("java.net.", "java.io.", "org.apache.http.", "software.amazon.awssdk.");

    private final FlinkRest flink;

    FlinkCheck(FlinkRest flink) {
        this.flink = flink;
    }

    void look(Findings to) {
        try {
            JsonNode overview = flink.get("/overview");
            to.ok("Flink %s at %s, TaskManagers: %d, slots: %d of %d free"
                    .formatted(
                            overview.path("flink-version").asText("?"),
                            flink.url(),
                            overview.path("taskmanagers").asInt(),
                            overview.path("slots-available").asInt(),
                            overview.path("slots-total").asInt()));
            if (overview.path("slots-total").asInt() == 0) {
                to.wrong(
                        "there is no slot: no TaskManager has joined",
                        "start one (bin/taskmanager.sh start), and see its log");
            }
            silent(to);
            List<JsonNode> jobs = flink.jobs();
            boolean runs =
                    jobs.stream().anyMatch(job -> job.path("state").asText().equals("RUNNING"));
            if (!runs && jobs.isEmpty()) {
                to.wrong("no job runs", "flink run -d target/tributary.jar --config pipelines/…");
            }
            // of those that ended, only the newest matters, and only if nothing runs
            List<JsonNode> active = jobs.stream().filter(FlinkCheck::isActive).toList();
            for (JsonNode job : active.isEmpty() ? jobs.subList(0, Math.min(1, jobs.size())) : active) {
                look(job, to);
            }
        } catch (IOException | IllegalArgumentException e) {
            to.wrong(
                    "Flink at " + flink.url() + " does not answer: " + Shown.message(e),
                    "start it, or say where it is: --flink or FLINK_URL");
        }
    }

    /** A process that stands still keeps its tasks until Flink gives it up. */
    private void silent(Findings to) throws IOException {
        for (JsonNode each : flink.get("/taskmanagers").path("taskmanagers")) {
            long newest = each.path("timeSinceLastHeartbeat").asLong(); // a time, whatever its name; 0 before the first
            long age = System.currentTimeMillis() - newest;
            if (newest > 0 && age > SILENT) {
                to.warning(
                        "TaskManager " + each.path("id").asText() + " was last heard of " + age / 1000
                                + " s ago: its process stands still, or its network is cut",
                        "see its process and its machine; after heartbeat.timeout Flink starts its tasks elsewhere");
            }
        }
    }

    private static boolean isActive(JsonNode job) {
        return !List.of("FINISHED", "CANCELED", "FAILED")
                .contains(job.path("state").asText());
    }

    private void look(JsonNode job, Findings to) throws IOException {
        String id = job.path("jid").asText();
        String name = "job " + job.path("name").asText() + " (" + id + ")";
        String state = job.path("state").asText();
        JsonNode failures = flink.get("/jobs/" + id + "/exceptions")
                .path("exceptionHistory")
                .path("entries");
        String cause = failures.isEmpty() ? "" : cause(failures.get(0));
        switch (state) {
            case "RUNNING" -> {
                long ago = failures.isEmpty()
                        ? 0
                        : System.currentTimeMillis()
                                - failures.get(0).path("timestamp").asLong();
                if (failures.isEmpty()) {
                    to.ok(name + " runs");
                } else if (ago > LONG_AGO) {
                    to.ok("%s runs; it was started again, last %d min ago".formatted(name, ago / 60_000));
                } else {
                    to.warning(
                            "%s runs, and was started again %d times, last %d s ago: %s"
                                    .formatted(name, failures.size(), ago / 1000, cause),
                            "if it goes on so, the exceptions page of the web UI has all of it");
                }
                checkpoints(id, name, to);
                waiting(id, to);
            }
            case "FINISHED", "CANCELED" ->
                to.wrong(
                        name + " is " + state,
                        "submit it again; with -s and its last savepoint or checkpoint it goes on there");
            default ->
                to.wrong(
                        name + " is " + state + (cause.isEmpty() ? "" : ": " + cause),
                        "mend what the cause names; a job that is restarting goes on by itself");
        }
    }

    /** What sinks wait for, in their own words. */
    private void waiting(String id, Findings to) throws IOException {
        Set<String> told = new HashSet<>();
        for (String text : flink.texts(id, Outage.Waiting.TEXT)) {
            List<String> lines = text.lines().toList();
            if (lines.size() < 4 || !told.add(lines.get(1) + lines.get(3))) {
                continue;
            }
            long seconds = (System.currentTimeMillis() - Long.parseLong(lines.get(2))) / 1000;
            to.wrong(
                    "%s: the %s has been waiting for %d s: %s"
                            .formatted(lines.get(1), lines.get(0), seconds, lines.get(3)),
                    lines.size() > 4 ? lines.get(4) : "mend what it names; it goes on by itself");
        }
    }

    private void checkpoints(String id, String name, Findings to) throws IOException {
        JsonNode checkpoints = flink.get("/jobs/" + id + "/checkpoints");
        long newest = FlinkRest.newestComplete(checkpoints);
        long age = System.currentTimeMillis() - newest;
        if (newest == 0) {
            to.warning(
                    name + " has no checkpoint yet",
                    "if it stays so: the checkpoints page says which task does not answer");
        } else if (age > SLOW_CHECKPOINT) {
            to.wrong(
                    "the newest checkpoint of " + name + " is " + age / 1000
                            + " s old: nothing becomes visible in the sinks",
                    "the checkpoints page says which task does not answer; a sink that waits says for what in its log");
        } else {
            to.ok("the newest checkpoint of " + name + " is " + age / 1000 + " s old");
        }
        for (JsonNode checkpoint : checkpoints.path("history")) { // the newest first
            long since = System.currentTimeMillis()
                    - checkpoint.path("trigger_timestamp").asLong();
            switch (checkpoint.path("status").asText()) {
                case "IN_PROGRESS" -> {
                    if (since > LONG_UNDER_WAY) {
                        to.warning(
                                "a checkpoint of %s is under way for %d s: %d of %d tasks have answered"
                                        .formatted(
                                                name,
                                                since / 1000,
                                                checkpoint
                                                        .path("num_acknowledged_subtasks")
                                                        .asInt(),
                                                checkpoint.path("num_subtasks").asInt()),
                                "the checkpoints page says which do not; a sink that waits is named here");
                    }
                }
                case "FAILED" -> {
                    to.warning(
                            "the newest checkpoint of %s failed: %s"
                                    .formatted(
                                            name,
                                            checkpoint.path("failure_message").asText("Flink does not say why")),
                            "the next is tried by itself. One that expired waited for a sink, or a task; else see whether"
                                    + " execution.checkpointing.dir has room and may be written");
                    return;
                }
                default -> {
                    return;
                }
            }
        }
    }

    /**
     * The cause of a failure, as Flink's REST has it. Of a job that failed while it was stopped with a savepoint Flink names the stop, and
     * what failed beside it.
     */
    static String cause(JsonNode failure) {
        String trace = failure.path("stacktrace").asText();
        JsonNode beside = failure.path("concurrentExceptions").path(0).path("stacktrace");
        boolean isOfFlink = !trace.contains("io.tributary.") && cause(trace).startsWith("org.apache.flink.");
        return cause(isOfFlink && !beside.isMissingNode() ? beside.asText() : trace);
    }

    /**
     * The last cause of a trace: what it was, rather than where it was noticed. Where it is only of a connection, the one that names what was to be
     * reached.
     */
    static String cause(String trace) {
        List<String> causes = trace.lines()
                .filter(line -> line.startsWith(CAUSED_BY))
                .map(line -> line.substring(CAUSED_BY.length()))
                .toList();
        String first = trace.lines().findFirst().orElse("");
        String last = causes.isEmpty() ? first : causes.get(causes.size() - 1);
        if (OF_CONNECTIONS.stream().noneMatch(last::startsWith)) {
            return last;
        }
        return Stream.concat(Stream.of(first), causes.stream())
                .filter(cause -> cause.contains("://") && !cause.contains("pekko"))
                .reduce((one, next) -> next)
                .orElse(last);
    }
}
