package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Pure
class ReplacedFilesTest {
    private static final long HOUR = 3_600_000;
    private static final long NOW = 1_750_000_000_000L;

    @TempDir
    Path folder;

    private Path file(String name) throws IOException {
        Path file = folder.resolve("t").resolve(name);
        Files.createDirectories(folder.resolve("t"));
        return Files.createFile(file);
    }

    @Test
    void aFileGoesAnHourAfterItWasReplaced() throws Exception {
        Path first = file("first");
        Path second = file("second");
        Path live = file("live");
        ReplacedFiles replaced = new ReplacedFiles("file:" + folder);
        replaced.add("t", List.of("first"), NOW);
        replaced.add("t", List.of("second"), NOW + 1000);

        replaced.delete("t", NOW + HOUR);
        assertThat(first).exists();
        replaced.delete("t", NOW + HOUR + 1);
        assertThat(first).doesNotExist();
        assertThat(second).exists();
        replaced.delete("t", NOW + HOUR + 1001);
        assertThat(second).doesNotExist();
        assertThat(live).exists();
    }

    @Test
    void whatAJobBeforeHasReplacedGoesToo() throws Exception {
        Path recent = file("recent");
        Path old = file("old");
        ReplacedFiles replaced = new ReplacedFiles("file:" + folder);
        assertThat(replaced.knows("t")).isFalse();
        replaced.add("t", Map.of("recent", NOW - HOUR - 1, "old", NOW - 3 * HOUR), NOW);
        assertThat(replaced.knows("t")).isTrue();

        replaced.delete("t", NOW);

        assertThat(recent).doesNotExist();
        assertThat(old).as("left to compact").exists();
    }

    @Test
    void aFileThatIsGoneAlreadyIsNoFailure() {
        ReplacedFiles replaced = new ReplacedFiles("file:" + folder);
        replaced.add("t", List.of("never"), NOW);

        replaced.delete("t", NOW + 2 * HOUR);

        assertThat(folder.resolve("t")).doesNotExist();
    }
}
