package io.tributary;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.MutableURLClassLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Providers of others in Flink's {@code lib/}: they are found there, but their classes cannot see ours, which come with the job. Their
 * jars are read once more beside the job's, here and in each task. They need them at the path that they have here, where the job is submitted.
 */
final class Extensions {
    /** What providers implement: a file below {@code META-INF/services} has this name. */
    static final List<String> DOORS = List.of(
            "io.tributary.sink.SinkProvider",
            "io.tributary.decode.Encoding",
            "io.tributary.decode.SourceDialect",
            "io.tributary.metrics.Meter",
            "io.tributary.warehouse.Dialect");

    private static final Logger LOG = LoggerFactory.getLogger(Extensions.class);

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
                    open(services, loader, jars);
                }
            }
        }
        return jars;
    }

    private static void open(URL services, MutableURLClassLoader loader, Set<String> jars) throws IOException {
        if (!(services.openConnection() instanceof JarURLConnection jar)) {
            LOG.warn("{} is in no jar: its providers cannot be read", services);
        } else if (isOurs(jar.getJarFileURL())) {
            LOG.warn("{} is a job jar in the cluster's lib: it is left out", jar.getJarFileURL());
        } else if (jars.add(jar.getJarFileURL().toString())) {
            LOG.info("each task reads the providers of {}, at this path", jar.getJarFileURL());
            loader.addURL(jar.getJarFileURL());
        }
    }

    private static boolean isOurs(URL jar) throws IOException {
        try (URLClassLoader alone = new URLClassLoader(new URL[] {jar}, null)) {
            return alone.findResource("io/tributary/Main.class") != null;
        }
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
