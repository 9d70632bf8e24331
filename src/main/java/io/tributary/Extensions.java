package io.tributary;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.MutableURLClassLoader;

/**
 * Providers of others in Flink's {@code lib/}: they are found there, but their classes cannot see ours, which come with the job. Their
 * jars are read once more beside the job's, here and in each task. Every machine of the cluster needs them at the same path.
 */
final class Extensions {
    /** What providers implement: a file below {@code META-INF/services} has this name. */
    static final List<String> DOORS = List.of(
            "io.tributary.sink.SinkProvider",
            "io.tributary.decode.Encoding",
            "io.tributary.decode.SourceDialect",
            "io.tributary.metrics.Meter",
            "io.tributary.warehouse.Dialect");

    private Extensions() {}

    /**
     * Opens the jars of the cluster that have providers to the class loader of the job; none where that is the cluster's own.
     *
     * @return their places
     */
    static Set<String> open(ClassLoader ofJob) throws IOException {
        Set<String> jars = new TreeSet<>();
        if (ofJob instanceof MutableURLClassLoader loader && loader.getParent() != null) {
            for (String door : DOORS) {
                for (URL services : Collections.list(loader.getParent().getResources("META-INF/services/" + door))) {
                    if (services.openConnection() instanceof JarURLConnection jar
                            && jars.add(jar.getJarFileURL().toString())) {
                        loader.addURL(jar.getJarFileURL());
                    }
                }
            }
        }
        return jars;
    }

    /** Has each task of the job read the jars, too. */
    static void give(StreamExecutionEnvironment env, Set<String> jars) {
        if (jars.isEmpty()) {
            return;
        }
        Set<String> all = new LinkedHashSet<>(
                env.getConfiguration().getOptional(PipelineOptions.CLASSPATHS).orElse(List.of()));
        all.addAll(jars);
        env.configure(new Configuration().set(PipelineOptions.CLASSPATHS, List.copyOf(all)));
    }
}
