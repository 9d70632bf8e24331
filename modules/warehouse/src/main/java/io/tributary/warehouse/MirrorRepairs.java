package io.tributary.warehouse;

import io.tributary.sink.SinkRepairs;
import java.util.List;
import java.util.Map;

/** What the ledger says of repairs. */
record MirrorRepairs(WarehouseSettings settings, WarehouseProbe probe) implements SinkRepairs {
    @Override
    public Map<String, Long> filled() {
        return settings.read("the ledger", probe::repairs);
    }

    @Override
    public List<String> broken() {
        return settings.read("the ledger", probe::broken);
    }

    @Override
    public void close() {
        probe.close();
    }
}
