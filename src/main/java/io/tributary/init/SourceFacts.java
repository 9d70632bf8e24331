package io.tributary.init;

import io.tributary.connect.DatabaseTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a database of PostgreSQL and the role that looks say of logical replication.
 *
 * @param freeSlots how many replication slots may still be made; so {@code freeSenders}, which read them
 * @param mayReplicate whether the role may read a slot
 * @param mayCreate whether it may make a schema and a publication
 * @param hasSignals whether the signal table is there
 * @param published what the publication of the plan's name has, as {@code schema.name}; null if there is none
 * @param ownsPublication whether the role may alter it
 * @param unpublishable what is no such table, each with why: unlogged and foreign tables
 */
public record SourceFacts(
        String version,
        String walLevel,
        int freeSlots,
        int freeSenders,
        String user,
        boolean isSuperuser,
        boolean mayReplicate,
        boolean mayCreate,
        boolean hasSignals,
        @Nullable Set<String> published,
        boolean ownsPublication,
        List<DatabaseTable> tables,
        List<String> unpublishable) {
    /** Where a connector looks for signals. */
    public static final String SIGNALS = "tributary.debezium_signal";

    private static final String OF_SERVER = """
            select current_setting('server_version'), current_setting('wal_level'),
                   current_setting('max_replication_slots')::int - (select count(*) from pg_replication_slots),
                   current_setting('max_wal_senders')::int - (select count(*) from pg_stat_replication),
                   current_user,
                   coalesce((select rolsuper from pg_roles where rolname = current_user), false),
                   coalesce((select rolsuper or rolreplication from pg_roles where rolname = current_user), false),
                   has_database_privilege(current_database(), 'create'),
                   exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                           where n.nspname || '.' || c.relname = ?)""";

    private static final String UNPUBLISHABLE = """
            select n.nspname || '.' || c.relname, case c.relkind when 'f' then 'foreign' else 'unlogged' end
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where (c.relkind = 'f' or c.relkind in ('r', 'p') and c.relpersistence = 'u')
              and n.nspname not in ('pg_catalog', 'information_schema') order by 1""";

    /**
     * Asks.
     *
     * @param slot the slot that the connector would read: if it is there, none has to be made
     */
    static SourceFacts read(Connection connection, String publication, String slot) throws SQLException {
        boolean hasSlot = exists(connection, "select 1 from pg_replication_slots where slot_name = ?", slot);
        try (PreparedStatement statement = connection.prepareStatement(OF_SERVER)) {
            statement.setString(1, SIGNALS);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new SourceFacts(
                        row.getString(1),
                        row.getString(2),
                        hasSlot ? 1 : row.getInt(3),
                        hasSlot ? 1 : row.getInt(4),
                        row.getString(5),
                        row.getBoolean(6),
                        row.getBoolean(7),
                        row.getBoolean(8),
                        row.getBoolean(9),
                        published(connection, publication),
                        exists(
                                connection,
                                "select 1 from pg_publication where pubname = ? and pg_has_role(pubowner, 'usage')",
                                publication),
                        DatabaseTable.all(connection),
                        unpublishable(connection));
            }
        }
    }

    private static boolean exists(Connection connection, String query, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    private static @Nullable Set<String> published(Connection connection, String publication) throws SQLException {
        if (!exists(connection, "select 1 from pg_publication where pubname = ?", publication)) {
            return null;
        }
        Set<String> published = new TreeSet<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "select schemaname || '.' || tablename from pg_publication_tables where pubname = ?")) {
            statement.setString(1, publication);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    published.add(row.getString(1));
                }
            }
        }
        return published;
    }

    private static List<String> unpublishable(Connection connection) throws SQLException {
        List<String> all = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(UNPUBLISHABLE)) {
            while (row.next()) {
                all.add(row.getString(1) + " (" + row.getString(2) + ")");
            }
        }
        return all;
    }
}
