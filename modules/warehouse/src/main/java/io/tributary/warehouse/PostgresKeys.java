package io.tributary.warehouse;

import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** The keys of mirrors in PostgreSQL: a primary key first, an index once the key is another or its values are too long. */
final class PostgresKeys {
    /** Types whose values may be longer than a B-tree takes, a third of a page. */
    private static final Set<String> UNBOUNDED = Set.of("text", "bytea");

    static final int MOST_KEY_COLUMNS = 32;
    private static final String INDEX_ROW_TOO_LARGE = "54000";
    private static final Set<String> BEYOND_LIMITS = Set.of(INDEX_ROW_TOO_LARGE, "54011");
    private static final String IS_NULL = "23502";

    private final Dialect dialect;

    PostgresKeys(Dialect dialect) {
        this.dialect = dialect;
    }

    /** Gives a mirror another key: an index, since rows of before may lack it. */
    void rekey(Connection connection, TableName table, List<String> key) throws SQLException {
        List<List<String>> primary = primaryKey(connection, table);
        if (primary.stream().map(row -> row.get(1)).collect(Collectors.toSet()).equals(Set.copyOf(key))) {
            return;
        }
        dropKey(connection, table, primary);
        if (!key.isEmpty() && !isIndexed(connection, table, key)) {
            // not unique: rows from before may lack it
            try {
                index(connection, table, key);
            } catch (SQLException e) {
                if (!BEYOND_LIMITS.contains(String.valueOf(e.getSQLState()))) {
                    throw e;
                }
                indexByHash(connection, table, key);
            }
        }
    }

    /** The constraint's name and a column, for each column. */
    private static List<List<String>> primaryKey(Connection connection, TableName table) throws SQLException {
        return Session.query(connection, """
                select p.conname, a.attname
                from pg_constraint p
                join pg_class c on c.oid = p.conrelid
                join pg_namespace n on n.oid = c.relnamespace
                join pg_attribute a on a.attrelid = c.oid and a.attnum = any(p.conkey)
                where p.contype = 'p' and n.nspname = ? and c.relname = ?
                """, table.schema(), table.table());
    }

    /** Takes a primary key away, and that its columns are never null: in one statement, as nothing would tell the second half to come. */
    private void dropKey(Connection connection, TableName table, List<List<String>> primary) throws SQLException {
        if (primary.isEmpty()) {
            return;
        }
        List<String> actions = new ArrayList<>();
        actions.add("DROP CONSTRAINT IF EXISTS " + dialect.quoted(primary.get(0).get(0)));
        primary.forEach(row -> actions.add("ALTER COLUMN " + dialect.quoted(row.get(1)) + " DROP NOT NULL"));
        Session.define(connection, dialect, "ALTER TABLE " + dialect.quoted(table) + " " + String.join(", ", actions));
    }

    /** What an index of ours is called, of a key; where there are several, they begin with it. */
    private String index(TableName table, List<String> key) {
        return index(table) + Names.hash(list(key));
    }

    /** How those of a table begin. */
    private String index(TableName table) {
        return Names.within(table.table(), dialect.longestName() / 2) + "_key_";
    }

    private String list(List<String> columns) {
        return String.join(", ", columns.stream().map(dialect::quoted).toList());
    }

    private boolean isIndexed(Connection connection, TableName table, List<String> key) throws SQLException {
        return !Session.query(
                        connection,
                        "select 1 from pg_indexes where schemaname = ? and tablename = ? and starts_with(indexname, ?)",
                        table.schema(),
                        table.table(),
                        index(table, key))
                .isEmpty();
    }

    private void index(Connection connection, TableName table, List<String> key) throws SQLException {
        Session.define(
                connection,
                dialect,
                "CREATE INDEX IF NOT EXISTS " + dialect.quoted(index(table, key)) + " ON " + dialect.quoted(table)
                        + " (" + list(key) + ")");
    }

    /** A B-tree takes what has a length of its own, and a hash of each of the others, however long it is. */
    private void indexByHash(Connection connection, TableName table, List<String> key) throws SQLException {
        Map<String, String> types = dialect.columns(connection, table);
        List<String> fixed = new ArrayList<>();
        int indexes = 0;
        for (String column : key) {
            if (!UNBOUNDED.contains(String.valueOf(types.get(column)))) {
                fixed.add(column);
            } else if (indexes < MOST_KEY_COLUMNS) {
                Session.define(
                        connection,
                        dialect,
                        "CREATE INDEX IF NOT EXISTS " + dialect.quoted(index(table, key) + "_" + ++indexes) + " ON "
                                + dialect.quoted(table) + " USING hash (" + dialect.quoted(column) + ")");
            }
        }
        if (!fixed.isEmpty()) {
            Session.define(
                    connection,
                    dialect,
                    "CREATE INDEX IF NOT EXISTS " + dialect.quoted(index(table, key) + "_0") + " ON "
                            + dialect.quoted(table) + " ("
                            + list(fixed.subList(0, Math.min(fixed.size(), MOST_KEY_COLUMNS))) + ")");
        }
    }

    /** Takes a key away that does not take what came; false if that was not the cause. */
    boolean loosen(Connection connection, TableName table, List<String> key, SQLException failure) throws SQLException {
        ServerErrorMessage message = failure instanceof PSQLException e ? e.getServerErrorMessage() : null;
        if (message == null) {
            return false;
        }
        List<List<String>> primary = primaryKey(connection, table);
        List<String> trees = trees(connection, table);
        boolean isTooLarge = INDEX_ROW_TOO_LARGE.equals(failure.getSQLState())
                && (message.getConstraint() == null
                        || trees.contains(message.getConstraint())
                        || primary.stream().anyMatch(row -> row.get(0).equals(message.getConstraint())));
        boolean isNull = IS_NULL.equals(failure.getSQLState()) && key.contains(message.getColumn());
        if (!isTooLarge && !isNull || primary.isEmpty() && trees.isEmpty()) {
            return false;
        }
        dropKey(connection, table, primary);
        for (String tree : trees) {
            Session.define(
                    connection, dialect, "DROP INDEX IF EXISTS " + dialect.quoted(new TableName(table.schema(), tree)));
        }
        indexByHash(connection, table, key);
        return true;
    }

    /** The B-trees of ours that take whole keys. */
    private List<String> trees(Connection connection, TableName table) throws SQLException {
        return Session.query(
                        connection,
                        "select indexname from pg_indexes where schemaname = ? and tablename = ? and starts_with(indexname, ?)",
                        table.schema(),
                        table.table(),
                        index(table))
                .stream()
                .map(row -> row.get(0))
                .filter(name ->
                        name.length() == index(table).length() + Names.hash("").length())
                .toList();
    }
}
