package io.tributary.lake;

import io.tributary.change.ByTable;
import io.tributary.change.PartRow;
import io.tributary.change.SchemaChanges;
import io.tributary.change.TableFormat;
import io.tributary.change.TableOptions;
import io.tributary.sink.ConfiguredSink;
import io.tributary.sink.Feed;
import io.tributary.sink.Outlet;
import io.tributary.sink.Reach;
import io.tributary.sink.SinkSteps;
import io.tributary.sink.SinkView;
import io.tributary.sink.WholeRows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.flink.api.connector.sink2.Sink;
import org.jspecify.annotations.Nullable;

/**
 * A lake, with what its pipeline says of tables and aggregates.
 *
 * @param replays the topic of dead letters that are offered again
 */
public record ConfiguredLake(
        LakeSettings settings,
        Map<String, LakeSettings.Table> tables,
        Map<String, LakeSettings.Aggregate> aggregates,
        String replays)
        implements ConfiguredSink {
    /** A lake of which nothing else is said, to be looked at. */
    public static ConfiguredLake at(String path) {
        return new ConfiguredLake(LakeSettings.at(path), Map.of(), Map.of(), "");
    }

    @Override
    public String place() {
        return "'sinks.lake.path' " + settings.path();
    }

    @Override
    public String description() {
        return "lake     history and rejected, Delta, at " + settings.uri();
    }

    @Override
    public String table() {
        return "the lake's table";
    }

    @Override
    public void check() {
        LakeProbe.check(settings);
    }

    @Override
    public Reach reach() {
        return LakeProbe.reach(settings);
    }

    @Override
    public SinkView view() {
        return new LakeView(this);
    }

    @Override
    public List<Outlet<?>> outlets(SinkSteps steps) {
        List<Outlet<?>> outlets = new ArrayList<>();
        outlets.add(LakeSink.history(settings.uri(), replays, historyOptions(), steps)
                .outlet(Feed.CHANGES));
        outlets.add(LakeSink.letters(settings.uri(), replays, steps).outlet(Feed.LETTERS));
        if (settings.currentEvery() != null) {
            outlets.add(LakeSink.rows(settings.uri(), LakeProbe.CURRENT, "lake-current", currentOptions(), steps)
                    .outlet(Feed.ROWS));
        }
        return outlets;
    }

    @Override
    public @Nullable WholeRows wholeRows() {
        Duration every = settings.currentEvery();
        return every == null ? null : new WholeRows(every, byName(tables, LakeSettings.Table::current));
    }

    @Override
    public Sink<PartRow> aggregates(SinkSteps steps) {
        return LakeSink.rows(settings.uri(), "", "aggregates", aggregateOptions(), steps);
    }

    TableOptions historyOptions() {
        return new TableOptions(schemaChanges(), formats(byName(tables, LakeSettings.Table::format)));
    }

    TableOptions currentOptions() {
        return new TableOptions(schemaChanges(), ByTable.all(TableFormat.DELTA));
    }

    TableOptions aggregateOptions() {
        return new TableOptions(
                ByTable.all(SchemaChanges.EVOLVE), formats(byName(aggregates, LakeSettings.Aggregate::format)));
    }

    /** What becomes of tables whose source gets other columns. */
    public ByTable<SchemaChanges> schemaChanges() {
        SchemaChanges others = settings.schemaChanges();
        return new ByTable<>(
                others == null ? SchemaChanges.EVOLVE : others, byName(tables, LakeSettings.Table::schemaChanges));
    }

    private ByTable<TableFormat> formats(HashMap<String, TableFormat> own) {
        TableFormat others = settings.format();
        return new ByTable<>(others == null ? TableFormat.DELTA : others, own);
    }

    private static <T, V> HashMap<String, V> byName(Map<String, T> settings, Function<T, @Nullable V> of) {
        HashMap<String, V> byName = new HashMap<>();
        settings.forEach((name, setting) -> {
            V value = of.apply(setting);
            if (value != null) {
                byName.put(name, value);
            }
        });
        return byName;
    }
}
