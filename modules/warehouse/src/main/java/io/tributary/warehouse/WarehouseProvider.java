package io.tributary.warehouse;

import io.tributary.sink.SinkFile;
import io.tributary.sink.SinkProvider;

/** Mirrors in a database that JDBC reaches. */
public final class WarehouseProvider implements SinkProvider {
    @Override
    public String name() {
        return "warehouse";
    }

    @Override
    public ConfiguredWarehouse configure(SinkFile file) {
        return new ConfiguredWarehouse(
                file.settings(WarehouseFile.class).settings(file.tables(WarehouseFile.Table.class)),
                file.source().replays());
    }
}
