package io.tributary;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A file has at most 400 lines, or its Javadoc says why it is one class. */
@Pure
class SizesTest {
    private static final int MOST = 400;
    private static final String WHY = "One class, since ";

    @Test
    void largeClassesSayWhyTheyAreOne() throws IOException {
        Path main = Path.of(Objects.requireNonNull(System.getProperty("tributary.home")), "src/main/java");
        List<String> silent = new ArrayList<>();
        try (Stream<Path> files = Files.walk(main)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                List<String> lines = Files.readAllLines(file);
                if (lines.size() > MOST && lines.stream().noneMatch(line -> line.contains(WHY))) {
                    silent.add(main.relativize(file) + " has " + lines.size() + " lines");
                }
            }
        }
        assertThat(silent).isEmpty();
    }
}
