package io.tributary.cli;

import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import io.tributary.local.CsvImport;
import io.tributary.local.CsvImport.NoTableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** CSV files to tables of PostgreSQL. */
@Command(
        name = "import-csv",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Brings CSV files into PostgreSQL: NAME.csv into the table NAME, which is made if it is not there; rows are inserted or"
                    + " updated by their key, and what has not changed is left alone.",
            "Lines that do not fit are left out and told by number; then the exit is 1."
        })
final class ImportCsvCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "with the files")
    private Path folder = Path.of("");

    @Option(names = "--schema", defaultValue = "public", description = "of the tables (default: ${DEFAULT-VALUE})")
    private String schema = "";

    @Option(
            names = "--key",
            defaultValue = "id",
            description = "the column that rows are known by (default: ${DEFAULT-VALUE})")
    private String key = "";

    @Mixin
    private PostgresOptions postgres = new PostgresOptions();

    @Override
    public Integer call() throws IOException {
        try (Connection connection = postgres.connect()) {
            return load(connection, folder, schema, key) ? 0 : Tributary.NO;
        } catch (SQLException e) {
            throw new UnreachableException("cannot write to PostgreSQL at " + postgres.place() + ": " + e.getMessage());
        }
    }

    /** Brings a folder's files in and tells of each; whether all lines fitted. */
    static boolean load(Connection connection, Path folder, String schema, String key)
            throws IOException, SQLException {
        List<Path> files = Files.isDirectory(folder) ? CsvImport.files(folder) : List.of();
        if (files.isEmpty()) {
            throw new ConfigException("'DIR' must be a folder with .csv files, got '" + folder + "'");
        }
        boolean all = true;
        for (Path file : files) {
            try {
                CsvImport.Outcome outcome = new CsvImport(connection, schema, key).load(file);
                String made = outcome.made().entrySet().stream()
                        .map(column -> column.getKey() + " " + column.getValue())
                        .collect(Collectors.joining(", "));
                System.out.printf(
                        "%s: %,d rows%s%n", outcome.table(), outcome.rows(), made.isEmpty() ? "" : "; made " + made);
                outcome.bad().forEach(System.err::println);
                all &= outcome.bad().isEmpty();
            } catch (NoTableException e) {
                System.err.println(e.getMessage());
                all = false;
            }
        }
        return all;
    }
}
