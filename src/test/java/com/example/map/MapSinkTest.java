package com.example.map;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Server;
import io.tributary.sink.FencedSinkConformance;
import io.tributary.sink.SinkProvider;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A sink that nothing of ours knows of is wired by its provider alone. */
@Server
class MapSinkTest extends FencedSinkConformance {
    private static ClassLoader before;
    private Map<String, MapProvider.Table> kept = Map.of();

    @BeforeAll
    static void open() {
        before = Thread.currentThread().getContextClassLoader();
        URL doors = Objects.requireNonNull(MapSinkTest.class.getResource("/doors/"));
        Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[] {doors}, before));
    }

    @AfterAll
    static void close() {
        Thread.currentThread().setContextClassLoader(before);
    }

    @Override
    protected int ports() {
        return 30_192;
    }

    @Override
    protected String sinks() {
        return "map: {name: " + name + "}";
    }

    @Override
    protected List<String> rows(String table) {
        return MapProvider.store(name)
                .getOrDefault("public." + table, MapProvider.Table.EMPTY)
                .rows();
    }

    @Override
    protected Stream<? extends Enum<?>> steps() {
        return Stream.of(MapSink.Step.values());
    }

    @Override
    protected void keep() {
        kept = new HashMap<>(MapProvider.store(name));
    }

    @Override
    protected void goBack() {
        MapProvider.store(name).clear();
        MapProvider.store(name).putAll(kept);
    }

    @Override
    protected boolean isSeen() {
        return false;
    }

    @Test
    void itIsAmongTheSinksThatAreFound() {
        assertThat(SinkProvider.all()).extracting(SinkProvider::name).contains("lake", "warehouse", "map");
    }
}
