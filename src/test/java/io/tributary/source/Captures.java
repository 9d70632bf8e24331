package io.tributary.source;

import io.tributary.change.RawRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Recorded Debezium traffic among the test resources. */
public final class Captures {
    private Captures() {}

    /** The records of a capture in their order, on partition 0; a record's offset is the number of its line. */
    public static List<RawRecord> records(String name) {
        return read("/captures/" + name + ".jsonl.gz");
    }

    /** The names of the cases, in their order. */
    public static List<String> cases() {
        Path folder = Path.of(Objects.requireNonNull(System.getProperty("tributary.home")), "src/test/resources/cases");
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(each -> each.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The records of a resource, with the partitions and offsets that it may give them. */
    public static List<RawRecord> read(String resource) {
        try (InputStream in = Objects.requireNonNull(Captures.class.getResourceAsStream(resource), resource);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8))) {
            List<RawRecord> records = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                records.add(RecordedLine.parse(line.getBytes(StandardCharsets.UTF_8), 0, records.size()));
            }
            return records;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
