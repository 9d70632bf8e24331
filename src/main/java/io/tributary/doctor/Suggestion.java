package io.tributary.doctor;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A pipeline file for what topics hold, to start from. */
public final class Suggestion {
    private Suggestion() {}

    /**
     * Looks at the topics' newest records.
     *
     * @param kafka for the Kafka client, {@code bootstrap.servers} included
     * @param topics a pattern
     * @return YAML; what could not be known is in its comments
     */
    public static String of(Map<String, String> kafka, String topics) {
        List<TopicSample> samples = Sampler.sample(kafka, Pattern.compile(topics)).stream()
                .filter(TopicSample::isOfChanges)
                .toList();
        StringBuilder yaml = new StringBuilder(
                "# Suggested by: ./tributary check --suggest. Of each topic, what its newest records are like.\n");
        yaml.append("name: suggested\nsource:\n  bootstrap: ${KAFKA_BOOTSTRAP:")
                .append(kafka.getOrDefault("bootstrap.servers", "localhost:9092"))
                .append("}\n  topics: '")
                .append(topics.replace("'", "''"))
                .append("'\n");
        if (!samples.isEmpty()) {
            yaml.append("tables:\n");
        }
        for (TopicSample sample : samples) {
            yaml.append("  # ")
                    .append(sample.topic())
                    .append(": ")
                    .append(sample.words())
                    .append('\n');
            yaml.append("  ").append(quoted(sample.table())).append(":\n    buckets: 1\n");
            if (!sample.hasKey()) {
                yaml.append("    # key: [")
                        .append(String.join(", ", sample.columns()))
                        .append("]   the ones that tell rows apart\n");
            }
            if (!sample.hasSchema()) {
                yaml.append("    # types: {column: 'decimal(12,2)'}   of ")
                        .append(String.join(", ", sample.columns()))
                        .append('\n');
            }
        }
        return yaml.append("sinks:\n  console: {}\n  # lake: {path: /data/lake}\n")
                .toString();
    }

    private static String quoted(String name) {
        return name.matches("[A-Za-z_][A-Za-z0-9_.]*") ? name : "'" + name.replace("'", "''") + "'";
    }
}
