package io.tributary;

import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.flow.ConfigException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that takes a pipeline file. */
public final class PipelineArguments {
    private static final String VARIABLE = "TRIBUTARY_CONFIG";

    @Option(
            names = "--config",
            paramLabel = "PIPELINE.yaml",
            description = "the pipeline file (default: " + VARIABLE + ")")
    private @Nullable Path config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "replaces a setting of the file, for example sinks.lake.path=/data/lake")
    private Map<String, String> settings = new LinkedHashMap<>();

    /** Whether the user names a pipeline file. */
    public boolean given() {
        return file() != null;
    }

    /** By the environment too: Flink 2's web UI has a field for arguments, and hands none over. */
    private @Nullable Path file() {
        String variable = System.getenv(VARIABLE);
        return config == null && variable != null ? Path.of(variable) : config;
    }

    /** @throws io.tributary.flow.ConfigException if the file is wrong */
    public PipelineConfig read() {
        return read(Map.of());
    }

    /**
     * Reads the file.
     *
     * @param otherwise variables that stand for what the environment does not have
     */
    public PipelineConfig read(Map<String, String> otherwise) {
        Path file = file();
        if (file == null) { // not picocli's "required": it would hide a misspelt option behind this one
            throw new ConfigException("'--config' or " + VARIABLE + " must name a pipeline file");
        }
        Map<String, String> variables = new HashMap<>(otherwise);
        variables.putAll(System.getenv());
        return PipelineFile.read(file, settings, variables);
    }
}
