package io.tributary.local;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import java.util.UUID;

/** {@code sales.transactions}: payments that move from state to state, with identity FULL. */
final class SalesTransactions implements DemoTable<UUID> {
    private static final String[] STATES = {"pending", "completed", "completed", "completed", "failed", "cancelled"};

    private final DemoKeys keys;
    private final DemoValues values;

    SalesTransactions(DemoKeys keys, DemoValues values) {
        this.keys = keys;
        this.values = values;
    }

    @Override
    public String name() {
        return "sales.transactions";
    }

    @Override
    public int share() {
        return 25;
    }

    @Override
    public String insert() {
        return """
                insert into sales.transactions (transaction_id, user_id, amount, currency, status, created_at, updated_at)
                values (?, ?, ?, ?, ?, ?, ?)""";
    }

    @Override
    public UUID bindInsert(PreparedStatement insert) throws SQLException {
        UUID key = keys.uuid();
        Timestamp now = values.now();
        insert.setObject(1, key);
        insert.setLong(2, values.user());
        insert.setBigDecimal(3, values.amount());
        insert.setString(4, values.place().currency());
        insert.setString(5, "pending");
        insert.setTimestamp(6, now);
        insert.setTimestamp(7, now);
        return key;
    }

    @Override
    public List<String> updates() {
        return List.of(
                "update sales.transactions set status = ?, updated_at = ? where transaction_id = ?",
                "update sales.transactions set amount = ?, updated_at = ? where transaction_id = ?");
    }

    @Override
    public int nextUpdate() {
        return values.percent(80) ? 0 : 1;
    }

    @Override
    public void bindUpdate(int which, PreparedStatement update, UUID key) throws SQLException {
        if (which == 0) {
            update.setString(1, values.oneOf(STATES));
        } else {
            update.setBigDecimal(1, values.amount());
        }
        update.setTimestamp(2, values.now());
        update.setObject(3, key);
    }

    @Override
    public String delete() {
        return "delete from sales.transactions where transaction_id = ?";
    }

    @Override
    public void bindDelete(PreparedStatement delete, UUID key) throws SQLException {
        delete.setObject(1, key);
    }

    @Override
    public String keys() {
        return "select transaction_id from sales.transactions limit ?";
    }

    @Override
    public UUID key(ResultSet row) throws SQLException {
        return row.getObject(1, UUID.class);
    }
}
