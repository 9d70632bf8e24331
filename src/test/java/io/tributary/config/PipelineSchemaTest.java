package io.tributary.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tributary.Pure;
import io.tributary.flow.ConfigException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The schema of a pipeline file is that of each room and of each kind of sink. */
@Pure
final class PipelineSchemaTest {
    private static final String WRITE = "schema.write";
    private static final Path FILE = Path.of(System.getProperty("tributary.home", "."), "docs", "pipeline.schema.json");
    private static final String SOURCE = "name: n\nsource: {file: f}\n";

    /** What editors are given. */
    @Test
    void theOneInTheDocsIsTheWhole() throws Exception {
        JsonNode whole = PipelineSchema.load().getSchemaNode();
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(FILE, whole.toPrettyString() + "\n");
        }
        assertThat(new JsonMapper().readTree(FILE.toFile()))
                .as("written by: mvn test -Dtest=PipelineSchemaTest -D%s=true", WRITE)
                .isEqualTo(whole);
    }

    @Test
    void aSinkThatIsFoundIsASettingLikeOurs() {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        String map = SOURCE + "sinks: {map: {name: m}}\n";
        assertThatThrownBy(() -> PipelineFile.parse(map, Map.of(), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("'sinks.map' is no setting");
        URL doors = Objects.requireNonNull(getClass().getResource("/doors/"));
        Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[] {doors}, before));
        try {
            assertThat(PipelineFile.parse(map, Map.of(), Map.of()).sinks()).containsOnlyKeys("map");
            assertThatThrownBy(() -> PipelineFile.parse(SOURCE + "sinks: {map: {name: 1}}\n", Map.of(), Map.of()))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage("'sinks.map.name' must be text, got 1");
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }
}
