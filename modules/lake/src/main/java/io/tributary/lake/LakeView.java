package io.tributary.lake;

import io.tributary.change.SchemaChanges;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.sink.Examination;
import io.tributary.sink.SinkRows;
import io.tributary.sink.SinkView;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A lake beside the job. */
record LakeView(ConfiguredLake lake) implements SinkView {
    @Override
    public String word() {
        return "lake";
    }

    @Override
    public boolean leavesOut(TableName table) {
        return lake.schemaChanges().of(table) == SchemaChanges.IGNORE;
    }

    @Override
    public Duration lag() {
        Duration every = lake.settings().currentEvery();
        return every == null ? Duration.ZERO : every;
    }

    @Override
    public SinkRows rows() {
        LakeProbe.checkThere(lake.settings());
        return new LakeTables(new LakeReader(lake.settings().uri()).current());
    }

    @Override
    public SinkRows histories() {
        LakeProbe.checkThere(lake.settings());
        return new LakeTables(new LakeReader(lake.settings().uri()));
    }

    @Override
    public Map<String, Map<SourcePartition, Long>> shown() {
        LakeProbe.checkThere(lake.settings());
        Map<String, Map<SourcePartition, Long>> shown = new HashMap<>();
        LakeProbe.reached(lake.settings()).forEach((folder, reached) -> shown.put(folder, reached.next()));
        return shown;
    }

    @Override
    public String nameOf(String table) {
        return LakePath.folder(table);
    }

    @Override
    public String offsets() {
        return "_offset in the lake's history";
    }

    @Override
    public void examine(Examination to) {
        new LakeExamination(lake.settings(), to).look();
    }
}
