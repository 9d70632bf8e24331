package io.tributary.local;

import io.tributary.flow.ConfigException;
import io.tributary.lake.LakeSettings;
import io.tributary.lake.S3Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.plugin.DefaultPluginManager;
import org.apache.flink.core.plugin.DirectoryBasedPluginFinder;
import org.jspecify.annotations.Nullable;

/** Gives this process the file systems that a Flink cluster has as plugins. */
public final class ObjectStores {
    private static final String[] PARENT_FIRST = {
        "java.", "javax.annotation.", "org.apache.flink.", "org.slf4j", "org.apache.log4j", "org.apache.logging"
    };

    /** Of the plugin's own client: it warns, to the terminal, of what no user can change. */
    private static final Logger NOISY = Logger.getLogger("com.amazonaws");

    private ObjectStores() {}

    /** Opens the file system of the lake, if it is in an object store: what {@link S3Settings#ofProcess()} says. */
    public static void openFor(@Nullable LakeSettings lake) throws IOException {
        if (lake == null || lake.uri().startsWith("file:")) {
            return;
        }
        Path plugins = Path.of(System.getProperty("tributary.home", "."), "target", "plugins");
        if (!Files.isDirectory(plugins)) {
            throw new ConfigException("'sinks.lake.path' " + lake.path() + " needs " + plugins
                    + ", which is not there: ./tributary builds it");
        }
        System.setProperty("aws.java.v1.disableDeprecationAnnouncement", "true");
        NOISY.setLevel(Level.SEVERE);
        FileSystem.initialize(
                S3Settings.ofProcess().toFlink(),
                new DefaultPluginManager(new DirectoryBasedPluginFinder(plugins).findPlugins(), PARENT_FIRST));
    }
}
