package io.tributary.warehouse;

import io.tributary.flow.UnreachableException;
import io.tributary.sink.ConfiguredSink;
import io.tributary.sink.Feed;
import io.tributary.sink.Outlet;
import io.tributary.sink.Reach;
import io.tributary.sink.SinkSteps;
import io.tributary.sink.SinkView;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/**
 * A warehouse, with what its pipeline says of tables.
 *
 * @param replays the topic of dead letters that are offered again
 */
public record ConfiguredWarehouse(WarehouseSettings settings, String replays) implements ConfiguredSink {
    @Override
    public String place() {
        return "'sinks.warehouse.url' " + settings.place();
    }

    @Override
    public String description() {
        return "mirror   " + settings.deletes().others().name().toLowerCase(Locale.ROOT) + " deletes, at "
                + settings.place();
    }

    @Override
    public String table() {
        return "the mirror of";
    }

    @Override
    public void check() {
        try (WarehouseProbe probe = new WarehouseProbe(settings)) {
            probe.check();
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    @Override
    public Reach reach() {
        try (WarehouseProbe probe = new WarehouseProbe(settings)) {
            probe.prepare();
            return Reach.of(probe.reached());
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    private UnreachableException unreachable(SQLException e) {
        return new UnreachableException("cannot write the warehouse at " + place() + ": " + e.getMessage());
    }

    @Override
    public SinkView view() {
        return new WarehouseView(settings);
    }

    @Override
    public List<Outlet<?>> outlets(SinkSteps steps) {
        return List.of(new WarehouseSink(settings, replays, steps).outlet(Feed.FACTS));
    }
}
