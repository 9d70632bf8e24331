package io.tributary.warehouse;

import io.tributary.change.Reached;
import io.tributary.flow.Shown;
import io.tributary.sink.Examination;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;

/** Whether the warehouse lets the job in, and lets it make and write tables. */
final class WarehouseExamination {
    private static final String ASIDE =
            "take what is in the way out of it: its rows are staged, and it goes on by itself; ./tributary repair --table %s fills it"
                    + " anew, with the job's rows";
    private static final String BROKEN =
            "./tributary repair --table %s fills it with the job's rows, without a new snapshot; a job that"
                    + " is submitted afresh, without state, gives it what the topics still have, its history too";

    private final WarehouseSettings warehouse;
    private final Examination to;

    WarehouseExamination(WarehouseSettings warehouse, Examination to) {
        this.warehouse = warehouse;
        this.to = to;
    }

    void look() {
        String place = "the warehouse (" + warehouse.place() + ")";
        try (WarehouseProbe probe = new WarehouseProbe(warehouse)) {
            try {
                probe.connect();
            } catch (SQLException e) {
                refused(e, place);
                return;
            }
            try {
                probe.check();
                Map<String, Reached> reached = probe.reached();
                int mirrors = reached.size();
                Set<String> broken = Set.copyOf(probe.broken());
                probe.asides().forEach((table, reason) -> {
                    boolean isBroken = broken.contains(table);
                    to.wrong(
                            "the mirror of %s %s: %s"
                                    .formatted(table, isBroken ? "needs repair" : "stands still", reason),
                            (isBroken ? BROKEN : ASIDE).formatted(table));
                });
                to.ok(place + " can be written; " + mirrors + (mirrors == 1 ? " mirror" : " mirrors")
                        + " in the ledger " + warehouse.ledger());
                probe.blocked()
                        .forEach(line -> to.wrong(
                                line,
                                "let that session end its transaction, or end it: select pg_terminate_backend(…)"));
                to.reached("the mirror of", reached);
            } catch (SQLException e) {
                String advice = probe.advice(e);
                if (!advice.isEmpty() && !"42501".equals(e.getSQLState())) {
                    to.wrong(place + " cannot be written: " + Shown.message(e), advice);
                    return;
                }
                to.wrong(
                        place + " does not let " + user() + " make and write tables in " + warehouse.ledger() + ": "
                                + Shown.message(e),
                        "grant create on the database to it; or make the schema and grant usage, create on it, and on those of the mirrors");
            }
        }
    }

    private String user() {
        return warehouse.connection().getUsername().orElse("the user");
    }

    private void refused(SQLException e, String place) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (state.startsWith("28")) {
            to.wrong(
                    place + " refuses " + user() + ": " + Shown.message(e),
                    "mend sinks.warehouse.user and password, or the user in the warehouse");
        } else if (state.startsWith("3D")) {
            to.wrong(place + " has no such database: " + Shown.message(e), "create it, or mend sinks.warehouse.url");
        } else {
            to.wrong(
                    place + " does not answer: " + Shown.message(e),
                    "start it, or say where it is: sinks.warehouse.url of --config");
        }
    }
}
