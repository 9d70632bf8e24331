package io.tributary.warehouse;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to the warehouse, made when it is asked for, and again after an error. Of one thread. */
final class Session implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    /** How long a writer or a committer waits for an answer, in milliseconds. */
    static final int PATIENCE_MILLIS = 60_000;

    private static final int TRIES = 5;

    private final Dialect dialect;
    private final int patienceMillis;
    private final SimpleJdbcConnectionProvider provider;
    private boolean isReady;
    private long number;

    /** @param patienceMillis how long one answer may take, in milliseconds; then the connection is given up. 0 for ever */
    Session(WarehouseSettings settings, Dialect dialect, int patienceMillis) {
        this.dialect = dialect;
        this.patienceMillis = patienceMillis;
        this.provider = new SimpleJdbcConnectionProvider(settings.connection());
    }

    Connection connection() throws SQLException {
        try {
            Connection connection = provider.getConnection();
            if (connection == null || !isReady) {
                Drivers.letGo();
                try {
                    connection = provider.getOrEstablishConnection(); // it looks first whether the one there is alive
                } finally {
                    Drivers.unlist(); // which the driver has entered as its class was loaded
                }
                if (dialect.isBounded()) {
                    connection.setNetworkTimeout(Runnable::run, patienceMillis);
                }
                for (String statement : dialect.session()) {
                    execute(connection, statement);
                }
                isReady = true;
                number++;
            }
            return connection;
        } catch (ClassNotFoundException e) {
            throw new SQLException(
                    "no driver " + dialect.driver()
                            + " on the class path: put its jar into the lib/ of Flink, or into lib/ beside ./tributary",
                    e);
        }
    }

    /** How many connections there were. */
    long number() {
        return number;
    }

    /** Gives up the connection and the transaction that is open on it. */
    void drop() {
        isReady = false;
        Connection connection = provider.getConnection();
        if (connection != null) {
            try {
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                }
            } catch (SQLException e) {
                LOG.debug("cannot roll back on a connection that is given up", e);
            }
        }
        provider.closeConnection();
    }

    /** How long one answer may take from now on, on the present connection. */
    void patience(long millis) throws SQLException {
        if (dialect.isBounded()) {
            connection().setNetworkTimeout(Runnable::run, (int) Math.min(millis, Integer.MAX_VALUE));
        }
    }

    /**
     * Begins a transaction with what it needs set for it alone: a pool may have given the session to somebody else by the next.
     *
     * @param loads whether it is for loading rows
     */
    static void begin(Connection connection, Dialect dialect, boolean loads) throws SQLException {
        connection.setAutoCommit(false);
        for (String statement : dialect.transaction(loads)) {
            execute(connection, statement);
        }
    }

    /** What can be done again after a failure. */
    interface Definition {
        void run() throws SQLException;
    }

    /** Runs what finds, when it runs again, that another has made the same at once. In a transaction that is open, it runs once. */
    static void defining(Connection connection, Dialect dialect, Definition definition) throws SQLException {
        int tries = connection.getAutoCommit() ? TRIES : 1;
        while (true) {
            try {
                definition.run();
                return;
            } catch (SQLException e) {
                if (--tries == 0 || !dialect.isMadeByAnother(e)) {
                    throw e;
                }
            }
        }
    }

    /** Makes, alters or drops something. */
    static void define(Connection connection, Dialect dialect, String statement) throws SQLException {
        defining(connection, dialect, () -> {
            if (!connection.getAutoCommit() || dialect.transaction(false).isEmpty()) {
                execute(connection, statement);
            } else {
                defineAlone(connection, dialect, statement);
            }
        });
    }

    private static void defineAlone(Connection connection, Dialect dialect, String statement) throws SQLException {
        int patience = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, 0); // a table may be large
        begin(connection, dialect, false);
        try {
            execute(connection, statement);
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
            connection.setNetworkTimeout(Runnable::run, patience);
        }
    }

    static void execute(Connection connection, String statement) throws SQLException {
        try (Statement plain = connection.createStatement()) {
            plain.execute(statement);
        }
    }

    /** The number of rows that a statement changed. */
    static long update(Connection connection, String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            return statement.executeUpdate();
        }
    }

    /** The rows that a query finds, as texts. */
    static List<List<String>> query(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            try (ResultSet rows = statement.executeQuery()) {
                List<List<String>> all = new ArrayList<>();
                int columns = rows.getMetaData().getColumnCount();
                while (rows.next()) {
                    List<String> row = new ArrayList<>(columns);
                    for (int i = 1; i <= columns; i++) {
                        row.add(rows.getString(i));
                    }
                    all.add(row);
                }
                return all;
            }
        }
    }

    private static void bind(PreparedStatement statement, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            if (values[i] instanceof Long number) {
                statement.setLong(i + 1, number);
            } else if (values[i] instanceof Integer number) {
                statement.setInt(i + 1, number);
            } else {
                statement.setString(i + 1, (@Nullable String) values[i]);
            }
        }
    }

    /** Closes the connection under another thread that may use it: a rollback would wait for its statement to end. */
    void abort() {
        Connection connection = provider.getConnection();
        if (connection != null) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("cannot abort a connection", e);
            }
        }
    }

    @Override
    public void close() {
        drop();
    }
}
