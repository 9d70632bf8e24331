package io.tributary;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A file has at most 400 lines, or its Javadoc says why it is one class. */
@Pure
class SizesTest {
    private static final int MOST = 400;
    private static final String WHY = "One class, since ";

    @Test
    void largeClassesSayWhyTheyAreOne() throws IOException {
        List<String> silent = new ArrayList<>();
        List<Path> files = Sources.main();
        for (Path file : files) {
            List<String> lines = Files.readAllLines(file);
            if (lines.size() > MOST && lines.stream().noneMatch(line -> line.contains(WHY))) {
                silent.add(file.getFileName() + " has " + lines.size() + " lines");
            }
        }
        assertThat(files).hasSizeGreaterThan(400);
        assertThat(silent).isEmpty();
    }
}
