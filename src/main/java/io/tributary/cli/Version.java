package io.tributary.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of the build, and the commit where it was one of a repository. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        Properties build = new Properties();
        try (InputStream in = Objects.requireNonNull(Version.class.getResourceAsStream("version.properties"))) {
            build.load(in);
        }
        String commit = build.getProperty("commit", "");
        return new String[] {
            "tributary " + build.getProperty("version") + (commit.matches("[0-9a-f]+") ? " (" + commit + ")" : "")
        };
    }
}
