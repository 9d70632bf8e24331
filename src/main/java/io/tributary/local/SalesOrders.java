package io.tributary.local;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;

/**
 * {@code sales.orders}: a key of two columns, many types, and notes of which some are kept out of line; most updates leave the note alone, so
 * that its value is missing in their events (identity DEFAULT).
 */
final class SalesOrders implements DemoTable<SalesOrders.Key> {
    private static final String[] REGIONS = {"north", "south", "east", "west", "overseas"};

    /** The primary key. */
    record Key(String region, long orderNo) {}

    private final DemoKeys keys;
    private final DemoValues values;

    SalesOrders(DemoKeys keys, DemoValues values) {
        this.keys = keys;
        this.values = values;
    }

    @Override
    public String name() {
        return "sales.orders";
    }

    @Override
    public int share() {
        return 15;
    }

    @Override
    public String insert() {
        return """
                insert into sales.orders (region, order_no, customer, tags, quantities, weight, ordered_on, placed_at,
                  signature, note)
                values (?, ?, cast(? as jsonb), cast(? as text[]), cast(? as int[]), ?, cast(? as date), ?, ?, ?)""";
    }

    @Override
    public Key bindInsert(PreparedStatement insert) throws SQLException {
        Key key = new Key(values.oneOf(REGIONS), keys.number());
        Timestamp now = values.now();
        insert.setString(1, key.region());
        insert.setLong(2, key.orderNo());
        insert.setString(3, values.customer());
        insert.setString(4, values.seldomNull(values.tags()));
        insert.setString(5, values.quantities());
        insert.setBigDecimal(6, values.seldomNull(values.weight()));
        insert.setString(7, now.toInstant().toString().substring(0, "2024-02-29".length()));
        insert.setTimestamp(8, now);
        insert.setBytes(9, values.percent(40) ? null : values.bytes(32));
        insert.setString(10, values.note());
        return key;
    }

    @Override
    public List<String> updates() {
        return List.of(
                """
                update sales.orders set quantities = cast(? as int[]), weight = ?, tags = cast(? as text[])
                where region = ? and order_no = ?""",
                "update sales.orders set note = ?, customer = cast(? as jsonb), signature = ? where region = ? and order_no = ?");
    }

    @Override
    public int nextUpdate() {
        return values.percent(90) ? 0 : 1;
    }

    @Override
    public void bindUpdate(int which, PreparedStatement update, Key key) throws SQLException {
        if (which == 0) {
            update.setString(1, values.quantities());
            update.setBigDecimal(2, values.seldomNull(values.weight()));
            update.setString(3, values.seldomNull(values.tags()));
        } else {
            update.setString(1, values.note());
            update.setString(2, values.seldomNull(values.customer()));
            update.setBytes(3, values.bytes(32));
        }
        update.setString(4, key.region());
        update.setLong(5, key.orderNo());
    }

    @Override
    public String delete() {
        return "delete from sales.orders where region = ? and order_no = ?";
    }

    @Override
    public void bindDelete(PreparedStatement delete, Key key) throws SQLException {
        delete.setString(1, key.region());
        delete.setLong(2, key.orderNo());
    }

    @Override
    public String keys() {
        return "select region, order_no from sales.orders limit ?";
    }

    @Override
    public Key key(ResultSet row) throws SQLException {
        return new Key(row.getString(1), row.getLong(2));
    }
}
