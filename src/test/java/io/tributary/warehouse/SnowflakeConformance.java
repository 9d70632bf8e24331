package io.tributary.warehouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Server;
import io.tributary.change.ColumnType;
import io.tributary.change.TableSchema;
import java.math.BigDecimal;
import java.sql.Connection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Snowflake's own driver over what speaks Snowflake's protocol: {@code .ci/check snowflake} starts it and runs this with {@code
 * -Dtributary.snowflake=host:port}.
 */
@Server
class SnowflakeConformance extends WarehouseConformance {
    private static int databases;
    private final String database = "WAREHOUSE" + databases++;

    @Override
    TestWarehouse open(int writers) {
        String url = "jdbc:snowflake://" + Objects.requireNonNull(System.getProperty("tributary.snowflake"))
                + "/?ssl=off&account=fakesnow&schema=PUBLIC&maxHttpRetries=1&loginTimeout=3&db=" + database;
        return new TestWarehouse(url, "fake", "snow", writers, options);
    }

    @Override
    boolean keepsCase() {
        return false; // it folds names that are quoted too, which Snowflake does not
    }

    /** The table and the views; roles, users and warehouses the stand-in has not. */
    @Test
    void theShippedSetupHasWhatTheMirrorNeeds() throws Exception {
        options.deletes = Deletes.SOFT;
        options.history = false;
        options.names =
                new Names("SHIPPED", "", null, null, new HashMap<>(Map.of("s.t", "TRANSACTIONS")), Letters.UPPER);
        try (TestWarehouse warehouse = open(1)) {
            warehouse.execute("create schema shipped");
            for (String each : statements("setup_snowflake.sql")) {
                if (each.startsWith("create table") || each.startsWith("create or replace view")) {
                    warehouse.execute(each.replaceAll(
                            "(exists|view|from) (transactions|active_|transaction_|user_)", "$1 shipped.$2"));
                }
            }
            try (Connection reader = warehouse.connect()) {
                fillTransactions(warehouse, reader, "shipped");
            }
        }
    }

    @Test
    void everyTypeKeepsItsValues() throws Exception {
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(
                    EVERY_TYPE,
                    Long.MIN_VALUE,
                    true,
                    -32768,
                    1.5e-7f,
                    -0.1,
                    new BigDecimal("-1234567890.12"),
                    new BigDecimal("-1234567890123456789012345678.0123456789"),
                    "tab\t line\n back\\slash 'quote' \"ż\" \u0001 ${x} ?",
                    "{\"b\": [1, \"\\\"two\\\"\"]}",
                    new byte[] {0, (byte) 255, '\\'},
                    -719_162,
                    86_399_999_999L,
                    -1L,
                    1_709_212_455_500_001L);
            warehouse.create(
                    EVERY_TYPE,
                    Long.MAX_VALUE,
                    null,
                    null,
                    Float.POSITIVE_INFINITY,
                    Double.NaN,
                    null,
                    null,
                    "",
                    "{\"a\": 1, ",
                    new byte[0],
                    null,
                    null,
                    null,
                    null);
            warehouse.create(
                    EVERY_TYPE,
                    0L,
                    false,
                    0,
                    0f,
                    Double.NEGATIVE_INFINITY,
                    null,
                    null,
                    "a\0b",
                    "null",
                    null,
                    Integer.MAX_VALUE,
                    86_400_000_000L,
                    Long.MIN_VALUE,
                    Long.MAX_VALUE);
            warehouse.checkpoint();

            String texts = EVERY_TYPE.columns().stream()
                    .map(column -> warehouse.dialect.text(column.name(), column.type()))
                    .collect(Collectors.joining(", "));
            assertThat(warehouse.query("select " + texts + " from s.t order by id"))
                    .containsExactly(
                            "-9223372036854775808|true|-32768|1.5e-07|-0.1|-1234567890.12|-1234567890123456789012345678.0123456789|tab\t line\n back\\slash 'quote' \"ż\" \u0001 ${x} ?|{\"b\":[1,\"\\\"two\\\"\"]}|00ff5c|-719162|23:59:59.999999|-1|1709212455500001",
                            "0|false|0|0.0|-inf|null|null|a\uFFFDb|null|null|null|null|null|null",
                            "9223372036854775807|null|null|inf|nan|null|null||\"{\\\"a\\\": 1, \"||null|null|null|null");
        }
    }

    /** Steps: it was renamed, the wide one is there, it is filled in part. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aWideningThatWasCutOffIsBroughtToItsEnd(int steps) throws Exception {
        TableSchema wider = TestWarehouse.schema(
                1, "id", ColumnType.INT32, "name", ColumnType.TEXT, "age", ColumnType.decimal(12, 2));
        List<String> statements = List.of(
                "alter table s.t rename column age to \"age_NARROW__\"",
                "alter table s.t add column age number(12,2)",
                "update s.t set age = \"age_NARROW__\" where id = 1");
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.create(PEOPLE, 2, "Bob", 40);
            warehouse.create(PEOPLE, 3, "Cy", null);
            warehouse.checkpoint();
            warehouse.execute(statements.subList(0, steps).toArray(String[]::new));
            warehouse.restartWriters(3);
            warehouse.create(wider, 4, "Di", new BigDecimal("1.50"));
            warehouse.checkpoint();

            assertThat(warehouse.query("select id, name, age from s.t order by id"))
                    .containsExactly("1|Ada|36.00", "2|Bob|40.00", "3|Cy|null", "4|Di|1.50");
            try (Connection connection = warehouse.connect()) {
                assertThat(warehouse.dialect.columns(connection, TestWarehouse.TABLE))
                        .doesNotContainKey("age_NARROW__");
            }
        }
    }
}
