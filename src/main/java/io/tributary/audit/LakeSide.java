package io.tributary.audit;

import io.tributary.change.Column;
import io.tributary.change.TableName;
import io.tributary.lake.LakeReader;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;

/** The lake: the rows as they are now, or, of a table without those, its history folded. */
record LakeSide(LakeReader histories, LakeReader currents) implements Side {
    LakeSide(LakeReader lake) {
        this(lake, lake.current());
    }

    @Override
    public String name() {
        return "lake";
    }

    @Override
    public String exempt(SourceTable table) throws IOException {
        boolean isKnown = currents.has(table.name()) || !table.key().isEmpty() || !histories.has(table.name());
        return isKnown ? "" : "its history alone is there, which does not tell rows without a key apart";
    }

    @Override
    public boolean has(SourceTable table) throws IOException {
        return currents.has(table.name()) || histories.has(table.name());
    }

    @Override
    public Set<String> columns(SourceTable table) throws IOException {
        TableName name = table.name();
        return (currents.has(name) ? currents : histories)
                .columns(name).values().stream().map(Column::name).collect(Collectors.toSet());
    }

    @Override
    public RowDigests read(SourceTable table) throws IOException {
        return currents.has(table.name())
                ? LakeTable.current(currents, table)
                : LakeTable.read(histories, table).rows();
    }
}
