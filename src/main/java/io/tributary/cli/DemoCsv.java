package io.tributary.cli;

import io.tributary.flow.ConfigException;
import io.tributary.local.CsvImport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The demo's source as CSV files: those of a folder at once, those of its folder {@code later} while the job runs. */
final class DemoCsv {
    private static final Duration LATER = Duration.ofSeconds(8);
    private static final String SCHEMA = "public";

    private final Path folder;
    private final Path later;
    private long laterAt = Long.MAX_VALUE;

    DemoCsv(Path folder) {
        this.folder = folder;
        this.later = folder.resolve("later");
        if (!Files.isDirectory(folder)) {
            throw new ConfigException("'--csv' must be a folder with .csv files, got '" + folder + "'");
        }
    }

    /** Brings in what is there from the beginning. */
    void start(Connection connection) throws IOException, SQLException {
        ImportCsvCommand.load(connection, folder, SCHEMA, "id");
        laterAt = Files.isDirectory(later) ? System.nanoTime() + LATER.toNanos() : Long.MAX_VALUE;
    }

    /** Whether it is time for what comes later. */
    boolean isDue() {
        return System.nanoTime() >= laterAt;
    }

    void comeLater(Connection connection) throws IOException, SQLException {
        laterAt = Long.MAX_VALUE;
        ImportCsvCommand.load(connection, later, SCHEMA, "id");
    }

    /** The tables, those of later included. */
    List<String> tables() throws IOException {
        List<Path> files = new ArrayList<>(CsvImport.files(folder));
        if (Files.isDirectory(later)) {
            files.addAll(CsvImport.files(later));
        }
        return files.stream().map(file -> SCHEMA + "." + CsvImport.table(file)).toList();
    }
}
