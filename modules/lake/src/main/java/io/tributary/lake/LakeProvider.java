package io.tributary.lake;

import io.tributary.flow.ConfigException;
import io.tributary.sink.SinkFile;
import io.tributary.sink.SinkProvider;

/** A lake in a folder or an object store. */
public final class LakeProvider implements SinkProvider {
    @Override
    public String name() {
        return "lake";
    }

    @Override
    public ConfiguredLake configure(SinkFile file) {
        LakeSettings lake = file.settings(LakeSettings.class);
        try {
            var unused = lake.currentEvery();
        } catch (IllegalArgumentException e) {
            throw new ConfigException("'sinks.lake.current.every' must be a duration or never: " + e.getMessage());
        }
        if (lake.path().matches("(?s)[^/]*://[^/]*@.*")) {
            throw new ConfigException("'sinks.lake.path' must not have keys in it: they come from the environment"
                    + " (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) or the cluster's s3.access-key and s3.secret-key");
        }
        boolean isScheme = lake.path().matches("(?s)[A-Za-z][A-Za-z0-9+.-]+:.*")
                && !lake.path().startsWith("file:")
                && !lake.path().contains("://"); // s3:/BUCKET would be a folder of that name
        if (isScheme || !lake.uri().matches("file:.*|s3a?://[^/]+(/.*)?")) {
            throw new ConfigException(
                    "'sinks.lake.path' must be a folder, a file: URI or s3://BUCKET/PATH, got '" + lake.path() + "'");
        }
        return new ConfiguredLake(
                lake,
                file.tables(LakeSettings.Table.class),
                file.aggregates(LakeSettings.Aggregate.class),
                file.source().replays());
    }
}
