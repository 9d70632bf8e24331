package io.tributary.doctor;

import io.tributary.warehouse.WarehouseProbe;
import io.tributary.warehouse.WarehouseSettings;
import java.sql.SQLException;

/** Whether the warehouse lets the job in, and lets it make and write tables. */
final class WarehouseCheck {
    private static final String REMEDY =
            "take what is in the way out of it: its rows are staged, and it goes on by itself; where the ledger says needs_repair, drop"
                    + " the mirror, delete its rows from cdc_mirrors, cdc_offsets and cdc_staged, and submit the job afresh, without state";

    private final WarehouseSettings warehouse;

    WarehouseCheck(WarehouseSettings warehouse) {
        this.warehouse = warehouse;
    }

    void look(Findings to) {
        String place = "the warehouse (" + warehouse.place() + ")";
        try (WarehouseProbe probe = new WarehouseProbe(warehouse)) {
            try {
                probe.connect();
            } catch (SQLException e) {
                refused(e, place, to);
                return;
            }
            try {
                probe.check();
                int mirrors = probe.fences().size();
                probe.asides()
                        .forEach((table, reason) ->
                                to.wrong("the mirror of " + table + " stands still: " + reason, REMEDY));
                to.ok(place + " can be written; " + mirrors + (mirrors == 1 ? " mirror" : " mirrors")
                        + " in the ledger " + warehouse.ledger());
            } catch (SQLException e) {
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

    private void refused(SQLException e, String place, Findings to) {
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
