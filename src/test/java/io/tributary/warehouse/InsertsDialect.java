package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverPropertyInfo;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A warehouse that nothing of ours knows of, under URLs and a driver of its own: it takes rows by INSERT alone, has no temporary tables,
 * no locks that end by themselves, and no primary key that is ever altered. Behind it is a PostgreSQL.
 */
public final class InsertsDialect implements Dialect {
    private static final String URLS = "jdbc:inserts:";
    private final PostgresDialect types = new PostgresDialect();

    @Override
    public String urls() {
        return URLS;
    }

    @Override
    public String driver() {
        return InsertsDriver.class.getName();
    }

    @Override
    public int longestName() {
        return 40;
    }

    @Override
    public String own(String name) {
        return name;
    }

    @Override
    public String type(ColumnType type) {
        return types.type(type);
    }

    @Override
    public @Nullable ColumnType held(String type) {
        return types.held(type);
    }

    @Override
    public Map<String, String> columns(Connection connection, TableName table) throws SQLException {
        return types.columns(connection, table);
    }

    @Override
    public void rekey(Connection connection, TableName table, List<String> key) {
        // rows are found without
    }

    @Override
    public int largestPrimaryKey() {
        return 0;
    }

    @Override
    public List<String> widen(String table, String name, String from, String type) {
        return types.widen(table, name, from, type);
    }

    @Override
    public List<String> session() {
        return List.of("SET timezone = 'UTC'");
    }

    @Override
    public String digest(List<String> values) {
        return types.digest(values);
    }

    @Override
    public String text(String column, ColumnType type) {
        return types.text(column, type);
    }

    @Override
    public String positionPart(String position, int part) {
        return types.positionPart(position, part);
    }

    @Override
    public RowText rows() {
        return new JsonRows();
    }

    @Override
    public void load(Connection connection, TableName table, Map<String, String> columns, RowText rows)
            throws SQLException {
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        columns.forEach((name, type) -> {
            String text = "(r ->> " + names.size() + ")";
            names.add(quoted(name));
            values.add(type.equals("bytea") ? "decode(" + text + ", 'hex')" : text + "::" + type);
        });
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO " + quoted(table) + " ("
                + String.join(", ", names) + ") SELECT " + String.join(", ", values)
                + " FROM json_array_elements(?::json) r")) {
            statement.setString(1, ((JsonRows) rows).json());
            statement.executeUpdate();
        }
    }

    @Override
    public void sync(Connection connection, String write) {
        // each statement was durable when it ended
    }

    @Override
    public void tidy(Connection connection, String table) {
        // it tidies up by itself
    }

    /** The driver of such URLs. */
    public static final class InsertsDriver implements Driver {
        private final Driver behind = new org.postgresql.Driver();

        @Override
        public boolean acceptsURL(String url) {
            return url.startsWith(URLS);
        }

        @Override
        public @Nullable Connection connect(String url, Properties properties) throws SQLException {
            return acceptsURL(url) ? behind.connect(url.replace(URLS, "jdbc:postgresql:"), properties) : null;
        }

        @Override
        public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties) {
            return new DriverPropertyInfo[0];
        }

        @Override
        public int getMajorVersion() {
            return 1;
        }

        @Override
        public int getMinorVersion() {
            return 0;
        }

        @Override
        public boolean jdbcCompliant() {
            return false;
        }

        @Override
        public Logger getParentLogger() {
            return Logger.getGlobal();
        }
    }
}
