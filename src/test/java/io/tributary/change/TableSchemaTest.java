package io.tributary.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

@Pure
final class TableSchemaTest {
    private static final TableSchema ORDERS = new TableSchema(
            "cdc.sales.orders",
            new TableName("sales", "orders"),
            List.of(
                    new Column("order_no", ColumnType.INT64),
                    new Column("Größe", ColumnType.decimal(12, 2)),
                    new Column("placed", ColumnType.TIMESTAMPTZ)),
            List.of(0));

    /** Savepoints and rows under way hold this id: another one loses them. */
    @Test
    void theIdOfADefinitionIsFrozen() {
        assertThat(Long.toHexString(ORDERS.id())).isEqualTo("5eca1d33c8b86cff");
    }

    @Test
    void theBytesOfADefinitionAreFrozen() {
        TableSchema schema = new TableSchema(
                "t", new TableName("s", "n"), List.of(new Column("c", ColumnType.decimal(5, 2))), List.of(0));
        assertThat(java.util.HexFormat.of().formatHex(schema.toBytes()))
                .isEqualTo("01" + "0000000174" + "0000000173" + "000000016e" + "00000001" + "0000000163" + "060502"
                        + "00000001" + "00000000");
    }

    @Property(tries = 300)
    void aDefinitionIsReadAsItWasWritten(@ForAll("schemas") TableSchema schema) {
        TableSchema copy = TableSchema.fromBytes(schema.toBytes());
        assertThat(copy.topic()).isEqualTo(schema.topic());
        assertThat(copy.table()).isEqualTo(schema.table());
        assertThat(copy.columns()).isEqualTo(schema.columns());
        assertThat(copy.key()).isEqualTo(schema.key());
        assertThat(copy.id()).isEqualTo(schema.id());
        assertThat(copy).isEqualTo(schema).hasSameHashCodeAs(schema);
    }

    @Test
    void everyPartOfADefinitionIsInItsId() {
        List<Column> columns = ORDERS.columns();
        assertThat(List.of(
                        ORDERS,
                        new TableSchema("x", ORDERS.table(), columns, List.of(0)),
                        new TableSchema(ORDERS.topic(), new TableName("sales", "x"), columns, List.of(0)),
                        new TableSchema(ORDERS.topic(), new TableName("x", "orders"), columns, List.of(0)),
                        new TableSchema(ORDERS.topic(), ORDERS.table(), columns.subList(0, 2), List.of(0)),
                        new TableSchema(ORDERS.topic(), ORDERS.table(), columns, List.of()),
                        new TableSchema(ORDERS.topic(), ORDERS.table(), columns, List.of(1)),
                        new TableSchema(ORDERS.topic(), ORDERS.table(), columns, List.of(0, 1))))
                .extracting(TableSchema::id)
                .doesNotHaveDuplicates();
    }

    @Test
    void aTablesNameAndItsSchemasDoNotRunIntoEachOther() {
        TableSchema one = new TableSchema("t", new TableName("a.b", "c"), List.of(), List.of());
        TableSchema other = new TableSchema("t", new TableName("a", "b.c"), List.of(), List.of());
        assertThat(one.id()).isNotEqualTo(other.id());
    }

    @Test
    void aKeyColumnThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> new TableSchema("t", ORDERS.table(), ORDERS.columns(), List.of(3)))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void whatASchemaTellsGoesThroughItsBytes() {
        for (TableSchema.Told told : List.of(
                TableSchema.Told.NOTHING,
                new TableSchema.Told("postgresql/cdc/shop", true, true, ""),
                new TableSchema.Told("", false, false, "wkAZ3bpuQ5mB4oGvVzXyAA"))) {
            TableSchema schema = new TableSchema("t", ORDERS.table(), told, ORDERS.columns(), ORDERS.key(), Map.of());
            TableSchema read = TableSchema.fromBytes(schema.toBytes());

            assertThat(read.told()).isEqualTo(told);
            assertThat(read.id()).isEqualTo(schema.id());
        }
    }

    @Test
    void bytesOfALaterVersionAreRefused() {
        byte[] bytes = ORDERS.toBytes();
        bytes[0] = 5;
        assertThatThrownBy(() -> TableSchema.fromBytes(bytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a table's schema of version 5, this build reads 1 to 4");
    }

    @Test
    void aColumnIsFoundByItsExactName() {
        assertThat(ORDERS.indexOf("Größe")).isEqualTo(1);
        assertThat(ORDERS.indexOf("größe")).isEqualTo(-1);
    }

    @Provide
    Arbitrary<TableSchema> schemas() {
        Arbitrary<String> names = Arbitraries.of("id", "a b", "Ü", "", "x.y", "\"", "\uD83D\uDE00", "c".repeat(70_000));
        Arbitrary<ColumnType> types = Arbitraries.of(
                ColumnType.BOOLEAN,
                ColumnType.INT16,
                ColumnType.FLOAT64,
                ColumnType.JSON,
                ColumnType.TIMESTAMPTZ,
                ColumnType.decimal(38, 38),
                ColumnType.decimal(1, 0));
        Arbitrary<List<Column>> columns =
                Combinators.combine(names, types).as(Column::new).list().ofMaxSize(12);
        return Combinators.combine(names, names, names, columns, Arbitraries.randoms())
                .as((topic, schema, table, list, random) -> {
                    List<Integer> key = new ArrayList<>();
                    for (int i = 0; i < list.size() && key.size() < 3; i++) {
                        key.add(random.nextInt(list.size()));
                    }
                    return new TableSchema(topic, new TableName(schema, table), list, key);
                });
    }
}
