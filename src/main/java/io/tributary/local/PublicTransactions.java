package io.tributary.local;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** {@code public.transactions}: payments, with identity DEFAULT. */
final class PublicTransactions implements DemoTable<String> {
    private final DemoKeys keys;
    private final DemoValues values;

    PublicTransactions(DemoKeys keys, DemoValues values) {
        this.keys = keys;
        this.values = values;
    }

    @Override
    public String name() {
        return "public.transactions";
    }

    @Override
    public int share() {
        return 60;
    }

    @Override
    public String insert() {
        return """
                insert into public.transactions (transaction_id, user_id, "timestamp", amount, currency, city, country,
                  merchant_name, payment_method, ip_address, voucher_code, "affiliateId")
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";
    }

    @Override
    public String bindInsert(PreparedStatement insert) throws SQLException {
        String key = keys.uuid().toString();
        DemoValues.Place place = values.place();
        insert.setString(1, key);
        insert.setString(2, Integer.toString(values.user()));
        insert.setTimestamp(3, values.now());
        insert.setBigDecimal(4, values.amount());
        insert.setString(5, place.currency());
        insert.setString(6, place.city());
        insert.setString(7, place.country());
        insert.setString(8, values.merchant());
        insert.setString(9, values.paymentMethod());
        insert.setString(10, values.seldomNull(values.address()));
        insert.setString(11, values.percent(85) ? null : values.code("V"));
        insert.setString(12, values.percent(60) ? null : values.code("A-"));
        return key;
    }

    @Override
    public List<String> updates() {
        return List.of(
                "update public.transactions set amount = ?, payment_method = ? where transaction_id = ?",
                "update public.transactions set voucher_code = ?, \"timestamp\" = ? where transaction_id = ?");
    }

    @Override
    public int nextUpdate() {
        return values.percent(70) ? 0 : 1;
    }

    @Override
    public void bindUpdate(int which, PreparedStatement update, String key) throws SQLException {
        if (which == 0) {
            update.setBigDecimal(1, values.amount());
            update.setString(2, values.paymentMethod());
        } else {
            update.setString(1, values.seldomNull(values.code("V")));
            update.setTimestamp(2, values.now());
        }
        update.setString(3, key);
    }

    @Override
    public String delete() {
        return "delete from public.transactions where transaction_id = ?";
    }

    @Override
    public void bindDelete(PreparedStatement delete, String key) throws SQLException {
        delete.setString(1, key);
    }

    @Override
    public String keys() {
        return "select transaction_id from public.transactions limit ?";
    }

    @Override
    public String key(ResultSet row) throws SQLException {
        return row.getString(1);
    }
}
