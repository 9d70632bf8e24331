package io.tributary.doctor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.connect.ConnectorFile;
import io.tributary.connect.DatabaseTable;
import io.tributary.flow.Shown;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** The source's database: what logical replication needs, and what may hold it up. */
final class PostgresCheck {
    private static final long MUCH_WAL = 1L << 30;

    private final Doctor.Connections connections;
    private final String place;
    private final List<ConnectorFile> connectors;

    PostgresCheck(Doctor.Connections connections, String place, List<ConnectorFile> connectors) {
        this.connections = connections;
        this.place = place;
        this.connectors = connectors;
    }

    void look(Findings to) {
        try (Connection connection = connections.open()) {
            server(connection, to);
            slots(connection, to);
            for (ConnectorFile connector : connectors) {
                if (connector.isPostgres()) {
                    connector(connection, connector, to);
                }
            }
        } catch (SQLException e) {
            to.wrong(
                    "cannot ask PostgreSQL at " + place + ": " + Shown.message(e),
                    "start it, or say where it is: --pg-host, --pg-port, --pg-database, --pg-user, and PG_PASSWORD");
        }
    }

    /** Looks at what a connector needs before it is applied: the server, and its tables that are there. */
    void lookAhead(ConnectorFile connector, Findings to) {
        try (Connection connection = connections.open()) {
            server(connection, to);
            ObjectNode config = connector.config();
            List<DatabaseTable> tables = included(connection, included(connector, to));
            if (config.path("publication.autocreate.mode").asText("").equals("disabled")) {
                publication(
                        connection,
                        config.path("publication.name").asText("dbz_publication"),
                        tables,
                        config.path("signal.data.collection").asText(""),
                        to);
            }
            for (DatabaseTable table : tables) {
                if (table.hasIdentity() || setsIdentity(connector, table, to)) {
                    readable(table, to);
                } else {
                    table(table, to);
                }
            }
        } catch (SQLException e) {
            to.warning(
                    "cannot ask PostgreSQL at " + place + ": " + Shown.message(e),
                    "say where it is: --pg-host, --pg-port, --pg-database, --pg-user, and PG_PASSWORD");
        }
    }

    private void server(Connection connection, Findings to) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select current_setting('server_version'), current_setting('wal_level'),
                               current_setting('max_slot_wal_keep_size'), current_user,
                               (select rolsuper or rolreplication from pg_roles where rolname = current_user),
                               has_database_privilege(current_database(), 'create'), format('%I', current_database())""")) {
            row.next();
            to.ok("PostgreSQL " + row.getString(1) + " at " + place);
            if (row.getString(2).equals("logical")) {
                to.ok("wal_level is logical");
            } else {
                to.wrong(
                        "wal_level is " + row.getString(2) + ": there is nothing to stream",
                        "alter system set wal_level = logical; then restart PostgreSQL");
            }
            if (row.getString(3).equals("-1")) {
                to.warning(
                        "max_slot_wal_keep_size is unlimited: a connector that is gone fills the disk",
                        "alter system set max_slot_wal_keep_size = '20GB'; select pg_reload_conf()");
            }
            String user = row.getString(4);
            if (!row.getBoolean(5)) {
                to.wrong(
                        "user " + user + " may not replicate",
                        "alter role " + DatabaseTable.quote(user) + " replication");
            }
            boolean makesPublication = connectors.stream()
                    .anyMatch(connector -> connector.isPostgres()
                            && !connector
                                    .config()
                                    .path("publication.autocreate.mode")
                                    .asText("")
                                    .equals("disabled"));
            if (!row.getBoolean(6) && makesPublication) {
                to.warning(
                        "user " + user + " may not make a publication",
                        "grant create on database " + row.getString(7) + " to " + DatabaseTable.quote(user)
                                + ", or make the publication yourself");
            }
        }
    }

    private static void slots(Connection connection, Findings to) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet slot = statement.executeQuery("""
                        select slot_name, active, active_pid, coalesce(wal_status, ''),
                               coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint,
                               coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::bigint
                        from pg_replication_slots where slot_type = 'logical' and database = current_database() order by 1""")) {
            while (slot.next()) {
                String name = slot.getString(1);
                String held = Shown.bytes(slot.getLong(5));
                String drop = "select pg_drop_replication_slot('" + name.replace("'", "''") + "')";
                if (slot.getString(4).equals("lost")) {
                    to.wrong(
                            "slot " + name + " is lost: the WAL it needs is gone",
                            "./tributary connectors reset NAME, of its connector: it takes a snapshot of all its tables, and goes on behind"
                                    + " it; or, if it is of none any more: " + drop);
                } else if (!slot.getBoolean(2)) {
                    to.wrong(
                            "slot " + name + " is read by nobody, and holds " + held + " of WAL",
                            "start its connector (check --component debezium); or, if it is of none any more: " + drop);
                } else if (slot.getLong(6) > MUCH_WAL) {
                    to.warning(
                            "slot " + name + " lags by " + Shown.bytes(slot.getLong(6)) + " and holds " + held
                                    + " of WAL",
                            "see whether its connector keeps up; heartbeats move a slot on whose tables are idle");
                } else {
                    to.ok("slot " + name + " is read (pid " + slot.getInt(3) + "), lags by "
                            + Shown.bytes(slot.getLong(6)));
                }
            }
        }
    }

    private static void slot(Connection connection, ConnectorFile connector, Findings to) throws SQLException {
        String name = ConnectorFile.slot(connector.config());
        try (PreparedStatement statement =
                connection.prepareStatement("select 1 from pg_replication_slots where slot_name = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    to.wrong(
                            "the slot " + name + " of " + connector.name()
                                    + " is not there: what changes is kept for nobody",
                            "a connector that has not run yet makes it when it starts; else ./tributary connectors reset "
                                    + connector.name() + " takes a snapshot of all its tables, and goes on behind it");
                }
            }
        }
    }

    private void connector(Connection connection, ConnectorFile connector, Findings to) throws SQLException {
        ObjectNode config = connector.config();
        List<Pattern> include = included(connector, to);
        List<DatabaseTable> tables = included(connection, include);
        for (Pattern expression : include) {
            if (tables.stream().noneMatch(table -> table.isOf(expression))) {
                to.wrong(
                        connector.name() + ": no table matches " + expression.pattern(),
                        "create the table, or mend table.include.list");
            }
        }
        for (DatabaseTable table : tables) {
            table(table, to);
        }
        slot(connection, connector, to);
        String signals = config.path("signal.data.collection").asText("");
        publication(connection, config.path("publication.name").asText("dbz_publication"), tables, signals, to);
        signals(connection, signals, to);
    }

    /** What its list names. */
    private static List<Pattern> included(ConnectorFile connector, Findings to) {
        List<Pattern> include = new ArrayList<>();
        for (String expression : ConnectorFile.tables(connector.config())) {
            Pattern pattern = pattern(connector, "table.include.list", expression, to);
            if (pattern != null) {
                include.add(pattern);
            }
        }
        return include;
    }

    /** Null, and told, if it is none. */
    private static @Nullable Pattern pattern(ConnectorFile connector, String setting, String text, Findings to) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            to.wrong(
                    connector.name() + ": " + setting + " has '" + text + "': " + Shown.message(e),
                    "mend the expression");
            return null;
        }
    }

    /** The tables that are there of those that a list names; all without a list. */
    private static List<DatabaseTable> included(Connection connection, List<Pattern> include) throws SQLException {
        return DatabaseTable.all(connection).stream()
                .filter(table -> include.isEmpty() || include.stream().anyMatch(table::isOf))
                .toList();
    }

    /** Whether the connector gives a table an identity when it starts, by {@code TABLE:FULL} and the like. */
    private static boolean setsIdentity(ConnectorFile connector, DatabaseTable table, Findings to) {
        String setting = "replica.identity.autoset.values";
        for (String value : connector.config().path(setting).asText("").split(",", -1)) {
            int colon = value.lastIndexOf(':');
            Pattern tables = colon < 0
                    ? null
                    : pattern(connector, setting, value.substring(0, colon).strip(), to);
            if (tables != null && table.isOf(tables)) {
                String identity = value.substring(colon + 1).strip().toUpperCase(Locale.ROOT);
                return identity.equals("FULL")
                        || identity.startsWith("INDEX")
                        || identity.equals("DEFAULT") && table.hasKey();
            }
        }
        return false;
    }

    private static void readable(DatabaseTable table, Findings to) {
        if (!table.isReadable()) {
            to.wrong(
                    "table " + table.text() + " may not be read: its snapshot fails",
                    "grant select on " + table.quoted() + " to the connector's user");
        }
    }

    private void table(DatabaseTable table, Findings to) {
        readable(table, to);
        if (!table.hasIdentity()) {
            String alter = table.setIdentity();
            to.wrong(
                    "table " + table.text()
                            + " has no replica identity: PostgreSQL refuses its updates and deletes, or sends them without a row",
                    alter,
                    () -> execute(alter));
        } else if (table.isReadable()) {
            to.ok("table " + table.text() + (table.hasKey() ? "" : " (no key: counted as a bag of rows)")
                    + ", replica identity "
                    + (table.identity() == 'f' ? "full" : table.identity() == 'i' ? "index" : "default"));
        }
    }

    private void publication(
            Connection connection, String name, List<DatabaseTable> tables, String signals, Findings to)
            throws SQLException {
        Set<String> published = new HashSet<>();
        boolean all = false;
        try (PreparedStatement statement =
                connection.prepareStatement("select puballtables from pg_publication where pubname = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    to.warning(
                            "there is no publication " + name + " yet",
                            "the connector makes it when it starts (check --component debezium)");
                    return;
                }
                all = row.getBoolean(1);
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                        select schemaname || '.' || tablename from pg_publication_tables where pubname = ?
                        union select n.nspname || '.' || c.relname
                        from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
                        join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace
                        where p.pubname = ?""")) {
            statement.setString(1, name);
            statement.setString(2, name);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    published.add(row.getString(1));
                }
            }
        }
        boolean complete = true;
        for (DatabaseTable table : tables) {
            if (!all && !published.contains(table.text())) {
                complete = false;
                String add = "alter publication " + DatabaseTable.quote(name) + " add table " + table.quoted();
                to.wrong(
                        "publication " + name + " lacks " + table.text() + ": its changes are not sent",
                        add,
                        () -> execute(add),
                        "what changed meanwhile was never sent: ./tributary connectors snapshot " + table.text());
            }
        }
        if (!signals.isEmpty() && !all && !published.contains(signals)) {
            String add = "alter publication " + DatabaseTable.quote(name) + " add table " + signals;
            to.wrong(
                    "publication " + name + " lacks " + signals + ": no snapshot can be asked for",
                    add,
                    () -> execute(add));
        }
        if (complete) {
            to.ok("publication " + name + " has " + (all ? "all tables" : "each of the " + tables.size() + " tables"));
        }
    }

    private static void signals(Connection connection, String table, Findings to) throws SQLException {
        if (table.isEmpty()) {
            to.warning("no signal table: a table added later gets no snapshot", "set signal.data.collection");
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement("select to_regclass(?) is not null")) {
            statement.setString(1, table);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                if (!row.getBoolean(1)) {
                    to.wrong(
                            "the signal table " + table + " does not exist",
                            "create table " + table
                                    + " (id varchar(42) primary key, type varchar(32) not null, data varchar(2048))");
                }
            }
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = connections.open();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
