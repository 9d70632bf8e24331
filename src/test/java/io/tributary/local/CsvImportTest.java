package io.tributary.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Server;
import io.tributary.local.CsvImport.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files into a real PostgreSQL. */
@Server
class CsvImportTest {
    @TempDir
    private static Path data;

    private static PostgresServer server;
    private static Connection connection;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        server = PostgresServer.start(SharedPrograms.in(data.resolve("postgres")), Ports.free(26_432));
        server.createDatabase("csv");
        connection = server.connect("csv");
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        server.close();
    }

    @BeforeEach
    void clean() throws Exception {
        execute("drop table if exists public.klienci");
    }

    private static void execute(String sql) throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Outcome load(String text) throws Exception {
        Path file = folder.resolve("klienci.csv");
        Files.writeString(file, text);
        return new CsvImport(connection, "public", "id").load(file);
    }

    private static List<String> rows(String columns) throws Exception {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet all = statement.executeQuery(
                        "select concat_ws('|', " + columns + ") from public.klienci order by id")) {
            while (all.next()) {
                rows.add(all.getString(1));
            }
        }
        return rows;
    }

    @Test
    void aTableIsMadeInTheNarrowestTypesOfTheValues() throws Exception {
        Outcome outcome = load("""
                id,n,sum,since,at,yes,phone,note,none
                1,7,1.50,2025-01-02,2025-01-02 03:04:05Z,true,0481,"a, ""b""\nc",
                2,,2,2024-02-29,2025-01-02T03:04+01:00,FALSE,+48 5,,
                """);

        assertThat(outcome.bad()).isEmpty();
        assertThat(outcome.rows()).isEqualTo(2);
        assertThat(outcome.made())
                .isEqualTo(Map.of(
                        "id", "bigint",
                        "n", "bigint",
                        "sum", "numeric(20,2)",
                        "since", "date",
                        "at", "timestamptz",
                        "yes", "boolean",
                        "phone", "text",
                        "note", "text",
                        "none", "text"));
        assertThat(rows("id, n, sum, phone, note, none is null"))
                .containsExactly("1|7|1.50|0481|a, \"b\"\nc|t", "2|2.00|+48 5|t");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1.5 -2.25               | numeric(20,2)",
                "1.125 7                 | numeric(22,4)",
                "1.00000 7               | numeric(20,2)",
                "-0.00001                | numeric(24,6)",
                "1234567890123456789.5   | numeric(21,2)",
                "1234567890123456789     | numeric(21,2)",
                "1234567890123456789012345678901.123456789 | numeric",
                "7 8                     | bigint",
                "7 x                     | text",
            })
    void aNumberWithAPointHasAScaleThatAllOfItsValuesFit(String values, String type) throws Exception {
        String[] all = values.split(" ", -1);
        StringBuilder file = new StringBuilder("id,v\n");
        for (int i = 0; i < all.length; i++) {
            file.append(i).append(',').append(all[i]).append('\n');
        }

        Outcome outcome = load(file.toString());

        assertThat(outcome.made()).containsEntry("v", type);
        assertThat(outcome.bad()).isEmpty();
        List<String> exact = rows("v = '" + all[0] + "'");
        assertThat(exact.get(0)).isEqualTo("t");
    }

    @Test
    void nothingIsRounded() throws Exception {
        execute("create table public.klienci (id int primary key, n numeric(10,2), at timestamptz(3))");

        Outcome outcome = load("""
                id,n,at
                1,1.250,2025-01-02 03:04:05.123000Z
                2,1.255,2025-01-02 03:04:05Z
                3,7,2025-01-02 03:04:05.1234Z
                """);

        assertThat(rows("id, n")).containsExactly("1|1.25");
        assertThat(outcome.bad().stream()
                        .map(line -> line.substring(line.indexOf("klienci.csv")))
                        .toList())
                .containsExactly(
                        "klienci.csv:3: n '1.255' would be rounded to 2 digits after the point",
                        "klienci.csv:4: at '2025-01-02 03:04:05.1234Z' would be rounded to 3 digits after the point");
    }

    @Test
    void rowsAreUpdatedByTheirKeyAndThoseAsTheyWereAreLeftAlone() throws Exception {
        load("id,v\n1,a\n2,b\n");
        List<String> before = rows("id, xmin");

        Outcome outcome = load("id,v,w\n1,a,\n2,c,7\n3,d,8\n3,e,9\n");

        assertThat(outcome.made()).isEqualTo(Map.of("w", "bigint"));
        assertThat(rows("id, v, w")).containsExactly("1|a", "2|c|7", "3|e|9");
        assertThat(rows("id, xmin").get(0)).as("nobody has written the first").isEqualTo(before.get(0));
        assertThat(rows("id, xmin").get(1)).isNotEqualTo(before.get(1));
    }

    @Test
    void aLineThatDoesNotFitIsLeftOutAndTold() throws Exception {
        execute("create table public.klienci (id int primary key, v varchar(3), n int)");

        Outcome outcome = load("id,v,n\n1,abc,1\n2,abcd,2\n3,x\n,y,4\n4,z,many\n5,w,5\n");

        assertThat(rows("id, v, n")).containsExactly("1|abc|1", "5|w|5");
        assertThat(outcome.rows()).isEqualTo(2);
        assertThat(outcome.bad().stream()
                        .map(line -> line.substring(line.indexOf("klienci.csv")))
                        .toList())
                .containsExactlyInAnyOrder(
                        "klienci.csv:3: value too long for type character varying(3)",
                        "klienci.csv:4: 2 fields, the header has 3",
                        "klienci.csv:5: no id",
                        "klienci.csv:6: invalid input syntax for type integer: \"many\"");
    }

    @Test
    void whatIsNoCsvIsToldAndWhatCameBeforeIsKept() throws Exception {
        Outcome outcome = load("id,v\n1,a\n2,\"b\n");

        assertThat(rows("id")).containsExactly("1");
        assertThat(outcome.bad()).hasSize(1).first().asString().contains("klienci.csv:", "no CSV from here on");
    }

    @Test
    void aFileWithoutTheKeyIsNoTable() throws IOException {
        Files.writeString(folder.resolve("klienci.csv"), "a,b\n1,2\n");

        assertThatThrownBy(() -> new CsvImport(connection, "public", "id").load(folder.resolve("klienci.csv")))
                .isInstanceOf(CsvImport.NoTableException.class)
                .hasMessageContaining("its header [a, b] has no column 'id'");
    }
}
