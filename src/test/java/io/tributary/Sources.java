package io.tributary;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The files of this project that are compiled into it, without tests. */
public final class Sources {
    private Sources() {}

    /** Those of all modules. */
    public static List<Path> main() throws IOException {
        Path home = Path.of(Objects.requireNonNull(System.getProperty("tributary.home")));
        try (Stream<Path> src = Files.walk(home.resolve("src/main/java"));
                Stream<Path> modules = Files.walk(home.resolve("modules"))) {
            return Stream.concat(src, modules.filter(file -> file.toString().contains("/src/main/java/")))
                    .filter(file -> file.toString().endsWith(".java"))
                    .toList();
        }
    }
}
