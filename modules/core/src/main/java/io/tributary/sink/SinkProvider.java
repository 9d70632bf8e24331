package io.tributary.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tributary.flow.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;

/**
 * A kind of sink: what one name below {@code sinks} in the pipeline file stands for. A {@link ServiceLoader} finds it: its class is
 * named in {@code META-INF/services/io.tributary.sink.SinkProvider}.
 */
public interface SinkProvider {
    /** What the pipeline file calls it. */
    String name();

    /**
     * What it takes from the pipeline file: {@code {"sink": SCHEMA, "table": {SETTING: SCHEMA}, "aggregate": {SETTING: SCHEMA}}}, in
     * JSON Schema 2020-12; {@code table} and {@code aggregate} may be left out. {@code writeOnly} are secrets. By default it is the
     * resource {@code NAME.schema.json} beside the class.
     */
    default JsonNode schema() {
        String resource = name() + ".schema.json";
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream(resource), resource)) {
            return new JsonMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The sink that the file describes. Nothing outside is asked yet.
     *
     * @throws ConfigException if the file says what the schema lets pass and the sink does not
     */
    ConfiguredSink configure(SinkFile file);

    /** All that can be found, in the order in which they are found: ours first. */
    static List<SinkProvider> all() {
        List<SinkProvider> all = new ArrayList<>();
        ServiceLoader.load(SinkProvider.class).forEach(all::add);
        return all;
    }
}
