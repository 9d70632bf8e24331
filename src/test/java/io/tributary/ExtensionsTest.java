package io.tributary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.map.MapProvider;
import io.tributary.sink.SinkProvider;
import java.io.File;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.FlinkUserCodeClassLoaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A jar with a provider lies in the cluster's {@code lib/}; the job comes with a class loader of its own. */
@Harness
class ExtensionsTest {
    private static final String SERVICES = "META-INF/services/io.tributary.sink.SinkProvider";

    @TempDir
    private Path folder;

    /** What a cluster has on its class path: Flink, and the jar. */
    private static final class Cluster extends URLClassLoader {
        Cluster(Path jar) throws MalformedURLException {
            super(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            return name.startsWith("org.apache.flink.")
                    ? ExtensionsTest.class.getClassLoader().loadClass(name)
                    : super.findClass(name);
        }
    }

    private Path jar() throws Exception {
        Path jar = folder.resolve("map-sink.jar");
        Path classes = Path.of(MapProvider.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                var files = Files.list(classes.resolve("com/example/map"))) {
            for (Path file : files.toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, out);
            }
            out.putNextEntry(new JarEntry(SERVICES));
            try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("/doors/" + SERVICES))) {
                in.transferTo(out);
            }
        }
        return jar;
    }

    private static URLClassLoader ofJob(ClassLoader cluster) throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!part.endsWith("test-classes")) {
                urls.add(Path.of(part).toUri().toURL());
            }
        }
        return FlinkUserCodeClassLoaders.childFirst(
                urls.toArray(URL[]::new), cluster, new String[] {"java.", "org.apache.flink."}, failure -> {}, false);
    }

    /** The names of the providers that a class of the job finds. */
    private static List<Object> found(ClassLoader job) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(job);
        try {
            Class<?> provider = job.loadClass(SinkProvider.class.getName());
            List<Object> names = new ArrayList<>();
            for (Object each :
                    (List<?>) Objects.requireNonNull(provider.getMethod("all").invoke(null))) {
                names.add(provider.getMethod("name").invoke(each));
            }
            return names;
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void providersOfTheClusterAreFoundByTheJob() throws Exception {
        Path jar = jar();
        try (Cluster cluster = new Cluster(jar);
                URLClassLoader job = ofJob(cluster)) {
            assertThatThrownBy(() -> found(job)).hasRootCauseInstanceOf(ClassNotFoundException.class);

            Method open = job.loadClass(Extensions.class.getName()).getDeclaredMethod("open", ClassLoader.class);
            open.setAccessible(true);
            assertThat(open.invoke(null, job))
                    .isEqualTo(Set.of(jar.toUri().toURL().toString()));
            assertThat(found(job)).contains("lake", "warehouse", "map");
        }
    }

    @Test
    void tasksReadThemBesideWhatTheyAreToldTo() {
        Configuration settings = new Configuration().set(PipelineOptions.CLASSPATHS, List.of("file:/a.jar"));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(settings);
        Extensions.give(env, Set.of("file:/b.jar", "file:/a.jar"));

        assertThat(env.getConfiguration().get(PipelineOptions.CLASSPATHS))
                .containsExactlyInAnyOrder("file:/a.jar", "file:/b.jar");
    }

    @Test
    void aJobOnTheClustersOwnClassPathSeesThemAlready() throws Exception {
        assertThat(Extensions.open(ExtensionsTest.class.getClassLoader())).isEmpty();
    }
}
