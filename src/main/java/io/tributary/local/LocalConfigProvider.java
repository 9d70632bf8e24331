package io.tributary.local;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigData;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.provider.ConfigProvider;

/**
 * Answers {@code ${env:NAME}} in a connector's configuration from the worker's {@code config.providers.env.param.NAME}. It stands where other
 * deployments have Kafka's EnvVarConfigProvider, so that one connector file serves them all.
 */
public final class LocalConfigProvider implements ConfigProvider {
    private Map<String, String> values = Map.of();

    @Override
    public void configure(Map<String, ?> parameters) {
        Map<String, String> given = new HashMap<>();
        parameters.forEach((name, value) -> given.put(name, String.valueOf(value)));
        values = Map.copyOf(given);
    }

    @Override
    public ConfigData get(String path) {
        return new ConfigData(values);
    }

    @Override
    public ConfigData get(String path, Set<String> names) {
        Map<String, String> found = new HashMap<>();
        for (String name : names) {
            String value = values.get(name);
            if (value == null) {
                throw new ConfigException("no value for ${env:" + name + "}");
            }
            found.put(name, value);
        }
        return new ConfigData(found);
    }

    @Override
    public void close() {}
}
