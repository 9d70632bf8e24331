package io.tributary.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import io.tributary.change.RawRecord;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Pure
class RecordedFormatTest {
    @TempDir
    Path folder;

    private List<String> places(byte[] content, long skip) throws IOException {
        Path file = Files.write(folder.resolve("r.jsonl"), content);
        var path = org.apache.flink.core.fs.Path.fromLocalFile(file.toFile());
        RecordedFormat format = new RecordedFormat(List.of(path));
        FileSourceSplit split = new FileSourceSplit(
                "1",
                path,
                0,
                content.length,
                0,
                content.length,
                new String[0],
                skip == 0 ? null : new CheckpointedPosition(CheckpointedPosition.NO_OFFSET, skip));
        List<String> places = new ArrayList<>();
        try (BulkFormat.Reader<RawRecord> reader = skip == 0
                ? format.createReader(new Configuration(), split)
                : format.restoreReader(new Configuration(), split)) {
            for (var batch = reader.readBatch(); batch != null; batch = reader.readBatch()) {
                for (var record = batch.next(); record != null; record = batch.next()) {
                    places.add(record.getRecord().place());
                }
            }
        }
        return places;
    }

    private List<String> places(String... lines) throws IOException {
        return places(String.join("\n", lines).getBytes(StandardCharsets.UTF_8), 0);
    }

    @Test
    void placesAreTheLinesOwnOrTheFilesAndTheLines() throws IOException {
        assertThat(places(
                        "{\"topic\":\"a\",\"partition\":3,\"offset\":7}",
                        "{\"topic\":\"a\",\"partition\":3,\"offset\":9}",
                        "{\"topic\":\"a\",\"partition\":4,\"offset\":0}",
                        "{\"topic\":\"b\"}"))
                .containsExactly("[a-3@7]", "[a-3@9]", "[a-4@0]", "[b-0@3]");
    }

    @Test
    void anOffsetThatDoesNotGrowIsRefusedWithItsLine() {
        assertThatThrownBy(() -> places(
                        "{\"topic\":\"a\",\"partition\":3,\"offset\":7}",
                        "{\"topic\":\"a\",\"partition\":4,\"offset\":7}",
                        "{\"topic\":\"a\",\"partition\":3,\"offset\":7}"))
                .rootCause()
                .hasMessage(folder.resolve("r.jsonl") + ": line 3 is out of order: [a-3@7] comes after offset 7");
    }

    @Test
    void aBrokenLineIsNamedWithItsFile() {
        assertThatThrownBy(() -> places("{}", "{}", "x"))
                .rootCause()
                .hasMessageStartingWith(folder.resolve("r.jsonl") + ": line 3 is no recorded event: ");
    }

    @Test
    void bytesThatAreNoTextAreRefusedRatherThanReplaced() {
        byte[] line = "{\"topic\":\"a\",\"value\":\"x\"}".getBytes(StandardCharsets.UTF_8);
        line[line.length - 3] = (byte) 0xff;
        assertThatThrownBy(() -> places(line, 0)).rootCause().hasMessageContaining("line 1 is no recorded event: ");
    }

    @Test
    void aRestoredReaderGoesOnAfterTheLinesRead() throws IOException {
        assertThat(places("{}\n{}\n{\"topic\":\"c\"}\n".getBytes(StandardCharsets.UTF_8), 2))
                .containsExactly("[c-0@2]");
    }

    @Test
    void linesAreWholeHoweverTheyFallIntoTheBuffer() throws IOException {
        byte[] content = new byte[1_000_000];
        List<Integer> lengths = List.of(0, 65_535, 0, 1, 400_000, 65_536, 200_000);
        int at = 0;
        for (int length : lengths) {
            java.util.Arrays.fill(content, at, at + length, (byte) 0xfe);
            content[at + length] = '\n';
            at += length + 1;
        }
        content[at] = 'z';
        List<@Nullable Integer> found = new ArrayList<>();
        try (LineInput lines = new LineInput(new ByteArrayInputStream(content, 0, at + 1) {
            @Override
            public synchronized int read(byte[] to, int from, int length) {
                return super.read(to, from, Math.min(length, 10_007));
            }
        })) {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                found.add(line.length);
            }
        }
        List<Integer> expected = new ArrayList<>(lengths);
        expected.add(1);
        assertThat(found).isEqualTo(expected);
    }
}
