package io.tributary.warehouse;

import io.tributary.change.SchemaChanges;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.sink.Examination;
import io.tributary.sink.SinkRepairs;
import io.tributary.sink.SinkRows;
import io.tributary.sink.SinkView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A warehouse beside the job. */
record WarehouseView(WarehouseSettings settings) implements SinkView {
    @Override
    public String word() {
        return "mirror";
    }

    @Override
    public String exempt(TableName table) {
        return settings.hasMirror(table) ? "" : "the pipeline has no mirror of it";
    }

    @Override
    public boolean leavesOut(TableName table) {
        return settings.changes().of(table) == SchemaChanges.IGNORE;
    }

    @Override
    public Duration lag() {
        List<Duration> lags = new ArrayList<>(settings.freshness().values());
        lags.add(Duration.ofMillis(settings.execution().getBatchIntervalMs()));
        return Collections.max(lags);
    }

    @Override
    public SinkRows rows() {
        return new MirrorRows(settings, new MirrorReader(settings));
    }

    @Override
    public Map<String, Map<SourcePartition, Long>> shown() {
        Map<String, Map<SourcePartition, Long>> shown = new HashMap<>();
        try (MirrorReader mirrors = new MirrorReader(settings)) {
            settings.read("the ledger", mirrors::ends).forEach((table, ends) -> shown.put(table.toString(), ends));
        }
        return shown;
    }

    @Override
    public String offsets() {
        return "the second part of cdc_position in the mirror's history";
    }

    @Override
    public SinkRepairs repairs() {
        return new MirrorRepairs(settings, new WarehouseProbe(settings));
    }

    @Override
    public void examine(Examination to) {
        new WarehouseExamination(settings, to).look();
        to.count(new MirrorCounts(settings));
    }
}
