package io.tributary.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.tributary.Pure;
import io.tributary.flow.ConfigException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The schema of a pipeline file is that of each room and of each kind of sink. */
@Pure
final class PipelineSchemaTest {
    private static final String WRITE = "schema.write";
    private static final Path FILE = Path.of(System.getProperty("tributary.home", "."), "docs", "pipeline.schema.json");
    private static final Path REFERENCE =
            Path.of(System.getProperty("tributary.home", "."), "docs", "reference", "pipeline-file.md");
    private static final String SOURCE = "name: n\nsource: {file: f}\n";

    /** What editors are given. */
    @Test
    void theOneInTheDocsIsTheWhole() throws Exception {
        JsonNode whole = PipelineSchema.forEditors();
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(FILE, whole.toPrettyString() + "\n");
        }
        assertThat(new JsonMapper().readTree(FILE.toFile()))
                .as("written by: mvn test -Dtest=PipelineSchemaTest -D%s=true", WRITE)
                .isEqualTo(whole);
    }

    /** A setting without a word in the reference is none that anybody finds. */
    @Test
    void eachSettingSaysWhatItIs() {
        List<String> without = new ArrayList<>();
        PipelineReference.settings(PipelineSchema.load().getSchemaNode()).forEach(setting -> {
            if (setting.description().isEmpty()) {
                without.add(setting.path());
            }
        });
        assertThat(without).isEmpty();
    }

    @Test
    void theReferenceHasThemAll() throws Exception {
        String text = PipelineReference.markdown(PipelineSchema.load().getSchemaNode());
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(REFERENCE, text);
        }
        assertThat(REFERENCE)
                .as("written by: mvn test -Dtest=PipelineSchemaTest -D%s=true", WRITE)
                .hasContent(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "limits: {tables: '${TABLES:7}'}                  | true",
                "limits: {tables: '7'}                            | false",
                "tables: {a.b: {unsent: '${UNSENT}'}}             | true",
                "tables: {a.b: {unsent: never}}                   | false",
                "tables: {a.b: {sweep: '${SWEEP:true}'}}          | true",
                "privacy: {secret: '${S}'}                        | true",
                "privacy: {secret: short}                         | false",
                "source: {file: f, replays: 'x${N}'}              | true",
            })
    void anEditorTakesWhatTheEnvironmentFills(String setting, boolean isTaken) throws Exception {
        String yaml = "name: n\n" + (setting.contains("source") ? "" : "source: {file: f}\n") + setting + "\n";
        JsonNode file = new YAMLMapper().readTree(yaml);

        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(PipelineSchema.forEditors())
                        .validate(file)
                        .isEmpty())
                .isEqualTo(isTaken);
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
