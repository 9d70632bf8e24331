package io.tributary.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tributary.account.BreakerLimits;
import io.tributary.decode.TableSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline file, as {@code pipeline.schema.json} describes it.
 *
 * @param tables by {@code schema.table}
 */
public record PipelineConfig(
        String name,
        Source source,
        Map<String, Table> tables,
        Sinks sinks,
        @Nullable Breaker breaker) {
    public PipelineConfig {
        tables = tables == null ? Map.of() : Map.copyOf(tables);
        sinks = sinks == null ? new Sinks(null, null, null) : sinks;
    }

    /**
     * Where records come from: Kafka, or a recorded file.
     *
     * @param topics a pattern of topic names
     * @param properties for the Kafka client, as they are
     * @param file a path or a pattern of paths of recorded events
     */
    public record Source(
            @Nullable String bootstrap,
            @Nullable String topics,
            @Nullable String group,
            @Nullable Map<String, String> properties,
            @Nullable String file) {

        @Override
        public Map<String, String> properties() {
            return properties == null ? Map.of() : properties;
        }
    }

    /** What is known of a table beforehand. */
    public record Table(
            @Nullable List<String> key,
            @Nullable Map<String, String> types,
            @Nullable Integer buckets) {}

    /** Where changes go. */
    public record Sinks(
            @Nullable Lake lake,
            @Nullable Console console,
            @JsonProperty("dead-letters") @Nullable DeadLetters deadLetters) {}

    /** @param path a folder or a URI */
    public record Lake(String path) {
        /** The path as a URI, without a slash at its end. */
        public String uri() {
            String uri = path.startsWith("file:")
                    ? path
                    : "file:" + Path.of(path).toAbsolutePath().normalize();
            return uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
        }
    }

    /** @param json whether each change is a line of JSON rather than of text */
    public record Console(boolean json) {}

    /**
     * The topic of the dead letters.
     *
     * @param bootstrap of its brokers; null where they are the source's
     * @param properties for the producer, over those of the source where the brokers are the source's
     */
    public record DeadLetters(
            String topic,
            @Nullable String bootstrap,
            @Nullable Map<String, String> properties) {}

    /** What the producer of {@code letters} is set to, {@code bootstrap.servers} included. */
    public Properties producerProperties(DeadLetters letters) {
        Properties all = new Properties();
        if (letters.bootstrap() == null) {
            all.putAll(source.properties());
            all.setProperty("bootstrap.servers", String.valueOf(source.bootstrap()));
        } else {
            all.setProperty("bootstrap.servers", letters.bootstrap());
        }
        all.putAll(letters.properties() == null ? Map.of() : letters.properties());
        return all;
    }

    /** From where on rejections end the job. */
    public record Breaker(
            @Nullable Double share,
            @Nullable String window,
            @Nullable Long least) {}

    /** The breaker's limits, with what the file leaves out. */
    public BreakerLimits breakerLimits() {
        BreakerLimits limits = BreakerLimits.DEFAULT;
        return breaker == null
                ? limits
                : new BreakerLimits(
                        breaker.share() == null ? limits.share() : breaker.share(),
                        breaker.window() == null ? limits.window() : Durations.parse(breaker.window()),
                        breaker.least() == null ? limits.least() : breaker.least());
    }

    /** The part of the tables that decode takes. */
    public Map<String, TableSettings> tableSettings() {
        Map<String, TableSettings> settings = new HashMap<>();
        tables.forEach((name, table) -> settings.put(
                name,
                new TableSettings(
                        table.key() == null ? List.of() : table.key(),
                        table.types() == null ? Map.of() : table.types(),
                        table.buckets() == null ? TableSettings.DEFAULT_BUCKETS : table.buckets())));
        return settings;
    }
}
