package io.tributary.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.tributary.changelog.StateMode;
import io.tributary.decode.Privacy;
import io.tributary.decode.TypeHint;
import io.tributary.flow.ConfigException;
import io.tributary.flow.Durations;
import io.tributary.sink.ConfiguredSink;
import io.tributary.sink.SinkFile;
import io.tributary.sink.SinkProvider;
import io.tributary.sink.SinkSteps;
import io.tributary.source.SourceSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Reads a pipeline file: YAML, then the environment's values, then {@code --set}, then the checks. */
public final class PipelineFile {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS) // a rate is what is written
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION) // the second would take the first's place in silence
            .build();
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .build();
    /** Settings that may be the word null, which YAML takes for nothing. */
    private static final List<String> NULL_IS_A_WORD = List.of("out-of-range", "unsent");

    /** Tallies reach the breaker several times a second. */
    private static final Duration SHORTEST_WINDOW = Duration.ofSeconds(1);

    /** They are made by their providers. */
    private static final String SINKS = "sinks";

    private static final String DUPLICATE = "Duplicate field ";

    private PipelineFile() {}

    /**
     * Reads a file.
     *
     * @param settings dotted settings that replace the file's
     * @throws ConfigException if the file is not there, or anything in it is wrong
     */
    public static PipelineConfig read(Path file, Map<String, String> settings, Map<String, String> environment) {
        try {
            return parse(Files.readString(file), settings, environment);
        } catch (NoSuchFileException e) {
            throw new ConfigException("'--config' " + file + " is not there");
        } catch (IOException e) {
            throw new ConfigException("'--config' " + file + " cannot be read: " + e.getMessage());
        } catch (ConfigException e) {
            throw new ConfigException(file + ": " + e.getMessage());
        }
    }

    /** Reads a file's text. */
    public static PipelineConfig parse(String yaml, Map<String, String> settings, Map<String, String> environment) {
        ObjectNode root = tree(yaml);
        settings.forEach((path, value) -> Settings.set(root, path, value));
        Settings.resolve(root, environment);
        nullWords(root);
        SchemaCheck.check(root);
        PipelineConfig config = bind(root);
        checkSource(config.source());
        PipelineConfig whole = config.with(sinks(config, root));
        check(whole);
        checkCurrent(whole, root.path("tables"));
        return whole;
    }

    private static Map<String, ConfiguredSink> sinks(PipelineConfig config, ObjectNode root) {
        SourceSettings source = config.source();
        Map<String, String> kafka = new HashMap<>();
        if (source.file() == null) {
            kafka.putAll(config.kafka().properties());
            kafka.put("bootstrap.servers", config.kafka().bootstrap());
        }
        SinkFile.Source from = new SinkFile.Source(source.topics(), kafka, config.replays());
        Map<String, ConfiguredSink> sinks = new LinkedHashMap<>();
        for (SinkProvider provider : SinkProvider.all()) {
            JsonNode own = root.path(SINKS).path(provider.name());
            if (own.isObject()) {
                SinkFile file = new SinkFile(own, members(root.path("tables")), members(root.path("aggregates")), from);
                sinks.put(provider.name(), provider.configure(file));
            }
        }
        return sinks;
    }

    private static Map<String, JsonNode> members(JsonNode object) {
        Map<String, JsonNode> members = new LinkedHashMap<>();
        object.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
        return members;
    }

    private static ObjectNode tree(String yaml) {
        try {
            JsonNode root = YAML.readTree(yaml);
            if (root instanceof ObjectNode object) {
                return object;
            }
            throw new ConfigException("a pipeline file is a mapping that starts with 'name:' and 'source:'");
        } catch (JsonProcessingException e) {
            if (e.getCause() instanceof MarkedYAMLException cause && cause.getProblemMark() != null) {
                // the exception's own place and first line are of what was read before
                int problemLine = cause.getProblemMark().getLine() + 1;
                throw new ConfigException("line " + problemLine + " is no YAML: " + cause.getProblem());
            }
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            String reason = e.getOriginalMessage().lines().findFirst().orElse("not YAML");
            if (reason.startsWith(DUPLICATE)) {
                throw new ConfigException("line " + line + ": " + reason.substring(DUPLICATE.length())
                        + " is there twice in its mapping");
            }
            throw new ConfigException("line " + line + " is no YAML: " + reason);
        }
    }

    private static void nullWords(ObjectNode root) {
        for (JsonNode table : root.path("tables")) {
            for (String setting : NULL_IS_A_WORD) {
                if (table instanceof ObjectNode object
                        && object.has(setting)
                        && object.get(setting).isNull()) {
                    object.put(setting, "null");
                }
            }
        }
    }

    private static PipelineConfig bind(ObjectNode root) {
        try {
            return JSON.treeToValue(root.deepCopy().without(SINKS), PipelineConfig.class);
        } catch (JsonProcessingException e) {
            throw new ConfigException(e.getOriginalMessage());
        }
    }

    private static void checkSource(SourceSettings source) {
        if (source.file() == null && (source.bootstrap() == null || source.topics() == null)) {
            throw new ConfigException("'source' must have 'bootstrap' and 'topics', or 'file'");
        }
        if (source.file() != null && (source.bootstrap() != null || source.topics() != null)) {
            throw new ConfigException("'source.file' cannot stand beside 'source.bootstrap' and 'source.topics'");
        }
        if (source.topics() != null) {
            try {
                Pattern.compile(source.topics());
            } catch (PatternSyntaxException e) {
                throw new ConfigException("'source.topics' must be a regular expression, got '" + source.topics()
                        + "': " + e.getDescription());
            }
        }
    }

    /** What a schema cannot say. */
    private static void check(PipelineConfig config) {
        config.tables().forEach((table, settings) -> {
            Map<String, String> types = settings.types() == null ? Map.of() : settings.types();
            types.forEach((column, type) -> checkType("tables." + table + ".types." + column, type));
            checkPrivacy(config, table, settings);
        });
        config.changelogSettings(); // reads the rules
        MetricSettingsCheck.check(config);
        Collection<ConfiguredSink> sinks = config.sinks().values();
        if (!config.aggregateSettings().isEmpty()
                && sinks.stream().allMatch(sink -> sink.aggregates(SinkSteps.NONE) == null)) {
            throw new ConfigException("'aggregates' needs 'sinks.lake': they are tables of the lake");
        }
        if (sinks.stream().noneMatch(ConfiguredSink::takesTables)
                && config.metrics().isEmpty()) {
            throw new ConfigException(
                    "'sinks' must have at least one of 'lake', 'warehouse' and 'console', or the file must have 'metrics'");
        }
        if (sinks.stream().filter(sink -> sink.wholeRows() != null).count() > 1) {
            throw new ConfigException("'sinks' must have at most one sink that takes rows as a whole, got "
                    + String.join(", ", config.sinks().keySet()));
        }
        PipelineConfig.Breaker breaker = config.breaker();
        if (breaker != null && breaker.window() != null) {
            checkWindow(breaker.window());
        }
    }

    private static void checkPrivacy(PipelineConfig config, String table, TableFile settings) {
        settings.hidden().forEach((column, privacy) -> {
            String setting = "'tables." + table + ".columns." + column + "'";
            if (privacy == Privacy.HASH && config.privacy() == null) {
                throw new ConfigException(setting + " is hash, which needs 'privacy.secret'");
            }
            if (privacy == Privacy.DROP
                    && settings.key() != null
                    && settings.key().contains(column)) {
                throw new ConfigException(setting + " is drop, and the column is of 'tables." + table + ".key'");
            }
        });
    }

    /** Whatever sink would take the rows. */
    private static void checkCurrent(PipelineConfig config, JsonNode tables) {
        config.tables().forEach((name, table) -> {
            if (table.state() == StateMode.KEYS && table.where() != null) {
                throw new ConfigException(
                        "'tables." + name
                                + ".where' cannot stand beside 'state: keys': whether the row before a change was there would not be known");
            }
            if (table.state() == StateMode.KEYS
                    && tables.path(name).path("current").asBoolean()) {
                throw new ConfigException("'tables." + name + ".current' must be false with 'state: keys', got true");
            }
        });
    }

    private static void checkWindow(String window) {
        try {
            if (Durations.parse(window).compareTo(SHORTEST_WINDOW) < 0) {
                throw new ConfigException("'breaker.window' must be at least 1s, got '" + window + "'");
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException("'breaker.window' must be a duration: " + e.getMessage());
        }
    }

    private static void checkType(String setting, String type) {
        try {
            TypeHint.check(type);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("'" + setting + "' must be a column type: " + e.getMessage());
        }
    }
}
