package io.tributary.connect;

import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A table of PostgreSQL that logical replication can send.
 *
 * @param identity {@code pg_class.relreplident}: d, n, f or i
 * @param key the columns of its primary key, in their order
 * @param isReadable by the role that looks
 * @param isOwned by that role, or by one that it is a member of
 * @param root what it is a partition of, in the end, as {@code schema.name}; empty if it is none
 * @param rows as PostgreSQL's statistics have them; -1 if it has none yet
 */
public record DatabaseTable(
        String schema,
        String name,
        char identity,
        List<String> key,
        boolean isReadable,
        boolean isOwned,
        boolean isPartitioned,
        String root,
        long rows) {

    /** All of a database but the system's, by name. */
    public static List<DatabaseTable> all(Connection connection) throws SQLException {
        List<DatabaseTable> tables = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select n.nspname, c.relname, c.relreplident,
                               array(select a.attname::text from pg_index i
                                     cross join unnest(i.indkey) with ordinality k(number, place)
                                     join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
                                     where i.indrelid = c.oid and i.indisprimary and k.place <= i.indnkeyatts order by k.place),
                               has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'),
                               pg_has_role(c.relowner, 'usage'),
                               c.relkind = 'p', coalesce(rn.nspname || '.' || r.relname, ''), c.reltuples::bigint
                        from pg_class c join pg_namespace n on n.oid = c.relnamespace
                        left join pg_class r on c.relispartition and r.oid = pg_partition_root(c.oid)
                        left join pg_namespace rn on rn.oid = r.relnamespace
                        where c.relkind in ('r', 'p') and c.relpersistence = 'p'
                          and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'
                        order by 1, 2""")) {
            while (row.next()) {
                Array key = row.getArray(4);
                tables.add(new DatabaseTable(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3).charAt(0),
                        List.of((String[]) key.getArray()),
                        row.getBoolean(5),
                        row.getBoolean(6),
                        row.getBoolean(7),
                        row.getString(8),
                        row.getLong(9)));
            }
        }
        return tables;
    }

    /** {@code schema.name}, as Debezium has it. */
    public String text() {
        return schema + "." + name;
    }

    public String quoted() {
        return quote(schema) + "." + quote(name);
    }

    public boolean isOf(Pattern names) {
        return names.matcher(text()).matches();
    }

    public boolean hasKey() {
        return !key.isEmpty();
    }

    /** Whether PostgreSQL can tell which row was changed. */
    public boolean hasIdentity() {
        return identity != 'n' && (identity != 'd' || hasKey());
    }

    /** What gives it one. */
    public String setIdentity() {
        return "alter table " + quoted() + " replica identity " + (hasKey() ? "default" : "full");
    }

    /** A name in double quotes. */
    public static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
