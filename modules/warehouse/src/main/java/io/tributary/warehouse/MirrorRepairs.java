package io.tributary.warehouse;

import io.tributary.sink.SinkRepairs;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** What the ledger says of repairs. */
record MirrorRepairs(WarehouseSettings settings, WarehouseProbe probe) implements SinkRepairs {
    @Override
    public Map<String, Long> filled() {
        try {
            return probe.repairs();
        } catch (SQLException e) {
            throw settings.unreadable("the ledger", e);
        }
    }

    @Override
    public List<String> broken() {
        try {
            return probe.broken();
        } catch (SQLException e) {
            throw settings.unreadable("the ledger", e);
        }
    }

    @Override
    public void close() {
        probe.close();
    }
}
