package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.TableName;
import io.tributary.warehouse.StagedRows.Truncate;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Brings staged rows into a mirror and its history, in statements over sets of rows: within a transaction of the caller's.
 *
 * <p>Of a table with a key: the rows of all keys that changed go, and of each key its last staged row comes, unless it was
 * deleted. Of many rows, the keys and the numbers of their last rows are looked up once, into a temporary table. Of a table
 * without: what came and what went of equal rows is balanced, and the difference comes or goes. A truncate
 * takes the rows that stand before it, in the mirror and among the staged.
 */
final class Applier {
    private final Connection connection;
    private final Dialect dialect;
    private final TableName mirror;
    private final @Nullable TableName history;
    private final Deletes deletes;
    private final List<StagedRows> parts;
    private final String stage;
    private final String target;
    private final Map<String, String> types;
    private final long many;
    private final Truncations truncations;

    /**
     * Made for one transaction.
     *
     * @param parts what is staged, in the order in which it was
     * @param types of the mirror's columns
     * @param many so many rows are worth a temporary table
     */
    Applier(
            Connection connection,
            Dialect dialect,
            TableName stage,
            List<StagedRows> parts,
            Map<String, String> types,
            long many) {
        this.connection = connection;
        this.dialect = dialect;
        StagedRows newest = StagedParts.newest(parts);
        this.mirror = newest.mirror();
        this.history = newest.hasHistory() ? OwnColumns.history(dialect, mirror) : null;
        this.deletes = newest.deletes();
        this.parts = parts;
        this.stage = dialect.quoted(stage);
        this.target = dialect.quoted(mirror);
        this.types = types;
        this.many = many;
        this.truncations = new Truncations(dialect, parts);
    }

    private static long number(Connection connection, String query) throws SQLException {
        return Long.parseLong(Session.query(connection, query).get(0).get(0));
    }

    /**
     * Puts rows in the place of all that the mirror has. Where deleted rows are kept, those stay, and what is not among the new
     * is deleted now; of a table without a key, it goes.
     *
     * @param wholes the rows, in parts
     */
    void replace(List<StagedRows> wholes) throws SQLException {
        String from = "SELECT s.* FROM " + stage + " s WHERE " + StagedParts.within(dialect, wholes);
        List<String> key = keys(wholes);
        if (deletes == Deletes.HARD || key.isEmpty()) {
            run("DELETE FROM " + target + (deletes == Deletes.HARD ? "" : " WHERE NOT " + own("cdc_deleted")));
        } else {
            String keys = "SELECT DISTINCT " + String.join(", ", ofTable("s", key)) + " FROM " + stage + " s WHERE "
                    + StagedParts.within(dialect, wholes);
            deleteSame("(" + keys + ")", "", wholes, key, true);
            run("UPDATE " + target + " SET " + own("cdc_deleted") + " = TRUE, " + own("cdc_op") + " = 'd' WHERE NOT "
                    + own("cdc_deleted"));
        }
        insert(wholes, from, "TRUE", "FALSE", types.containsKey(dialect.own(OwnColumns.SEQ)));
    }

    /** Adds the parts' changes to the history, and nothing to the mirror. */
    void keep() throws SQLException {
        if (history != null && !parts.isEmpty()) {
            keep(dialect.quoted(history));
        }
    }

    private void keep(String kept) throws SQLException {
        List<String> columns = quoted(StagedParts.columns(parts));
        OwnColumns.OF_HISTORY.forEach(name -> columns.add(own(name)));
        String all = String.join(", ", columns);
        run("INSERT INTO " + kept + " (" + all + ") SELECT " + all + " FROM " + stage + " s WHERE "
                + StagedParts.within(dialect, parts));
    }

    /** Applies all; the number of changes. */
    long apply() throws SQLException, WarehouseConflictException {
        long expected = parts.stream().mapToLong(StagedRows::rows).sum();
        List<List<StagedRows>> groups = StagedParts.byKey(parts);
        String temporary = expected >= many
                        && groups.size() == 1
                        && !StagedParts.newest(parts).key().isEmpty()
                ? dialect.temporary(connection, "cdc_last_of_keys")
                : null;
        if (temporary != null) {
            run(dialect.temporary(temporary, last(parts)));
        }
        List<Long> counts = counts(groups, temporary);
        long there = counts.get(0);
        if (there != expected) {
            throw new WarehouseConflictException(
                    "%s has %d of the %d rows that were staged for %s: nobody but the job may change it; submit the job afresh, without state, and it goes on where the mirror ends"
                            .formatted(stage, there, expected, mirror));
        }
        for (StagedRows part : parts) {
            for (Truncate truncate : part.truncates()) {
                truncate(truncate);
            }
        }
        for (int i = 0; i < groups.size(); i++) {
            List<StagedRows> group = groups.get(i);
            boolean hasNulls = counts.get(i + 1) > 0;
            if (StagedParts.newest(group).key().isEmpty()) {
                run(dialect.comparing(true));
                balance(group);
                run(dialect.comparing(false));
            } else if (temporary != null) {
                replaceByLast(group, temporary, hasNulls);
            } else {
                replace(group, hasNulls);
            }
        }
        keep();
        return expected;
    }

    /** How many rows are staged, and of each group how many of those that take or bring a row have a null in their key. */
    private List<Long> counts(List<List<StagedRows>> groups, @Nullable String temporary) throws SQLException {
        List<String> sums = new ArrayList<>();
        sums.add(temporary == null ? "COUNT(*)" : "COALESCE(SUM(l.cdc_rows), 0)");
        for (List<StagedRows> group : groups) {
            boolean hasKey = !StagedParts.newest(group).key().isEmpty();
            String isTaken = temporary == null
                    ? StagedParts.within(dialect, group) + " AND s." + own("cdc_effect") + " <> 0"
                    : "l.cdc_last IS NOT NULL";
            List<String> keys = temporary == null ? ofTable("s", keys(group)) : ofTable("l", numbered(group));
            sums.add(hasKey ? "COUNT(CASE WHEN " + isTaken + " AND " + isNull(keys) + " THEN 1 END)" : "0");
        }
        String from = temporary == null ? stage + " s WHERE " + StagedParts.within(dialect, parts) : temporary + " l";
        return Session.query(connection, "SELECT " + String.join(", ", sums) + " FROM " + from).get(0).stream()
                .map(Long::parseLong)
                .toList();
    }

    private static String isNull(List<String> columns) {
        return "("
                + String.join(
                        " OR ", columns.stream().map(name -> name + " IS NULL").toList()) + ")";
    }

    private String own(String name) {
        return dialect.quoted(dialect.own(name));
    }

    private List<String> quoted(Iterable<String> names) {
        List<String> quoted = new ArrayList<>();
        names.forEach(name -> quoted.add(dialect.quoted(name)));
        return quoted;
    }

    // ---- truncates

    private void truncate(Truncate truncate) throws SQLException {
        String where = " WHERE " + truncations.isBefore(truncate, own("cdc_position"), true);
        if (deletes == Deletes.HARD) {
            run("DELETE FROM " + target + where);
        } else {
            run("UPDATE " + target + " SET " + own("cdc_deleted") + " = TRUE, " + own("cdc_op") + " = 't'" + where
                    + " AND NOT " + own("cdc_deleted"));
        }
    }

    // ---- with a key

    private void replace(List<StagedRows> group, boolean hasNulls) throws SQLException {
        String effect = "s." + own("cdc_effect");
        String from = stage + " s WHERE " + StagedParts.within(dialect, group) + " AND " + effect + " <> 0";
        String keys = String.join(", ", ofTable("s", keys(group)));
        deleteSame("(SELECT DISTINCT " + keys + " FROM " + from + ")", "", group, keys(group), hasNulls);
        insertLast(
                group,
                "SELECT s.*, " + isGone() + " AS cdc_is_gone, ROW_NUMBER() OVER (PARTITION BY " + keys + " ORDER BY s."
                        + own(OwnColumns.SEQ) + " DESC) AS cdc_rank FROM " + from,
                "s.cdc_rank = 1",
                "");
    }

    /** @param keys what the key's columns are called in a relation, whose rows meet a condition */
    private void deleteSame(
            String relation, String condition, List<StagedRows> group, List<String> keys, boolean hasNulls)
            throws SQLException {
        String from = "DELETE FROM " + target + " m USING " + relation + " l WHERE " + condition;
        run(from + isSame(group, keys, List.of()));
        for (List<String> pattern : hasNulls ? nulls(relation, condition, keys) : List.<List<String>>of()) {
            // each by itself: else nothing but a look at every row finds them
            run(from + isSame(group, keys, pattern));
        }
    }

    /** Which of the key's columns are null together, in rows of a relation that meet a condition: "1" for those that are. */
    private List<List<String>> nulls(String relation, String condition, List<String> keys) throws SQLException {
        List<String> columns = ofTable("l", keys);
        List<String> each = columns.stream()
                .map(name -> "CASE WHEN " + name + " IS NULL THEN 1 ELSE 0 END")
                .toList();
        return Session.query(
                connection,
                "SELECT DISTINCT " + String.join(", ", each) + " FROM " + relation + " l WHERE " + condition
                        + isNull(columns));
    }

    /** Of each key of staged rows, the number of its last row and how many it has. */
    private String last(List<StagedRows> group) {
        List<String> keys = ofTable("s", keys(group));
        List<String> numbered = numbered(group);
        List<String> named = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            named.add(keys.get(i) + " AS " + numbered.get(i));
        }
        String seq = "CASE WHEN s." + own("cdc_effect") + " <> 0 THEN s." + own(OwnColumns.SEQ) + " END";
        return "SELECT " + String.join(", ", named) + ", MAX(" + seq + ") AS cdc_last, COUNT(*) AS cdc_rows FROM "
                + stage + " s WHERE " + StagedParts.within(dialect, group) + " GROUP BY " + String.join(", ", keys);
    }

    /** What the key's columns are called in the temporary table. */
    private static List<String> numbered(List<StagedRows> group) {
        return IntStream.range(0, StagedParts.newest(group).key().size())
                .mapToObj(i -> "cdc_key_" + i)
                .toList();
    }

    private void replaceByLast(List<StagedRows> group, String temporary, boolean hasNulls) throws SQLException {
        deleteSame(temporary, "l.cdc_last IS NOT NULL AND ", group, numbered(group), hasNulls);
        insertLast(
                group,
                "SELECT s.*, " + isGone() + " AS cdc_is_gone FROM " + stage + " s JOIN " + temporary
                        + " l ON l.cdc_last = s." + own(OwnColumns.SEQ) + " WHERE "
                        + StagedParts.within(dialect, group),
                "TRUE",
                " ORDER BY " + String.join(", ", ofTable("s", keys(group)))); // the key's index takes them faster
    }

    private void insertLast(List<StagedRows> group, String from, String where, String order) throws SQLException {
        insert(
                group,
                from,
                where + (deletes == Deletes.HARD ? " AND NOT s.cdc_is_gone" : "") + order,
                "s.cdc_is_gone",
                types.containsKey(dialect.own(OwnColumns.SEQ)));
    }

    /** Whether a staged row is gone, as TRUE or FALSE. */
    private String isGone() {
        String truncated = truncations.isGone();
        return "CASE WHEN s." + own("cdc_effect") + " < 0" + (truncated == null ? "" : " OR " + truncated)
                + " THEN TRUE ELSE FALSE END";
    }

    private List<String> keys(List<StagedRows> group) {
        return quoted(StagedParts.newest(group).key());
    }

    private static List<String> ofTable(String table, List<String> columns) {
        return columns.stream().map(name -> table + "." + name).toList();
    }

    /**
     * Whether a row of m has the key of one of l.
     *
     * @param keys what the key's columns are called in l
     * @param nulls "1" for those that are null; none for no null at all
     */
    private String isSame(List<StagedRows> group, List<String> keys, List<String> nulls) {
        List<String> names = StagedParts.newest(group).key();
        List<String> same = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String column = "m." + dialect.quoted(names.get(i));
            String staged = "l." + keys.get(i);
            if (!nulls.isEmpty() && nulls.get(i).equals("1")) {
                same.add(column + " IS NULL AND " + staged + " IS NULL");
                continue;
            }
            String type = types.get(names.get(i));
            String value = fitting(staged, names.get(i));
            boolean isText = type != null && ColumnType.TEXT.equals(dialect.held(type));
            // it takes numbers, and does not compare with them
            same.add(column + " = " + (isText ? "CAST(" + value + " AS " + type + ")" : value));
        }
        return String.join(" AND ", same);
    }

    /** A staged value as the mirror's column takes it, whose type may be one of the user's. */
    private String fitting(String value, String column) {
        String type = types.get(column); // null where someone has taken the column out: the statement says so
        return type != null && dialect.held(type) == null ? "CAST(" + value + " AS " + dialect.cast(type) + ")" : value;
    }

    private void insert(List<StagedRows> group, String from, String where, String isDeleted, boolean withSeq)
            throws SQLException {
        List<String> into = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (String name : StagedParts.columns(group)) {
            into.add(dialect.quoted(name));
            values.add(fitting("s." + dialect.quoted(name), name));
        }
        for (String name : List.of("cdc_timestamp", "cdc_op", "cdc_position")) {
            into.add(own(name));
            values.add("s." + own(name));
        }
        if (withSeq) {
            into.add(own(OwnColumns.SEQ));
            values.add("s." + own(OwnColumns.SEQ));
        }
        into.add(own("cdc_deleted"));
        values.add(isDeleted);
        run("INSERT INTO " + target + " (" + String.join(", ", into) + ") SELECT " + String.join(", ", values)
                + " FROM (" + from + ") s WHERE " + where);
    }

    // ---- without a key

    private void balance(List<StagedRows> group) throws SQLException {
        String truncated = truncations.isGone();
        String digest = dialect.digest(quoted(StagedParts.newest(group).columns()));
        String rows = "SELECT s.*, " + digest + " AS cdc_digest FROM " + stage + " s WHERE "
                + StagedParts.within(dialect, group)
                + " AND s."
                + own("cdc_effect") + " <> 0" + (truncated == null ? "" : " AND NOT " + truncated);
        String net = "SELECT cdc_digest, SUM(" + own("cdc_effect") + ") AS cdc_net FROM (" + rows
                + ") r GROUP BY cdc_digest";
        String fewer = net + " HAVING SUM(" + own("cdc_effect") + ") < 0";
        if (number(connection, "SELECT COUNT(*) FROM (" + fewer + ") f") > 0) {
            number();
            takeOut(digest, fewer);
        }
        String more = "SELECT r.*, ROW_NUMBER() OVER (PARTITION BY r.cdc_digest ORDER BY r." + own(OwnColumns.SEQ)
                + " DESC) AS cdc_rank, n.cdc_net FROM (" + rows + ") r JOIN (" + net
                + ") n ON n.cdc_digest = r.cdc_digest WHERE r." + own("cdc_effect") + " > 0 AND n.cdc_net > 0";
        insert(group, more, "s.cdc_rank <= s.cdc_net", "FALSE", true);
    }

    /** Rows from when the mirror had a key have no number yet; they differ in what was the key. */
    private void number() throws SQLException {
        String seq = own(OwnColumns.SEQ);
        String digest = dialect.digest(quoted(types.keySet()));
        run("UPDATE " + target + " SET " + seq
                + " = n.cdc_number FROM (SELECT r.cdc_digest, (SELECT COALESCE(LEAST(0, MIN("
                + seq + ")), 0) FROM " + target + ") - ROW_NUMBER() OVER (ORDER BY r.cdc_digest) AS cdc_number FROM"
                + " (SELECT " + digest + " AS cdc_digest FROM " + target + " WHERE " + seq + " IS NULL) r) n WHERE "
                + seq + " IS NULL AND " + digest + " = n.cdc_digest");
    }

    private void takeOut(String digest, String fewer) throws SQLException {
        String present = "SELECT " + own(OwnColumns.SEQ) + ", " + digest + " AS cdc_digest FROM " + target
                + " WHERE NOT " + own("cdc_deleted");
        String chosen = "SELECT p." + own(OwnColumns.SEQ) + ", ROW_NUMBER() OVER (PARTITION BY p.cdc_digest ORDER BY p."
                + own(OwnColumns.SEQ) + ") AS cdc_rank, f.cdc_net FROM (" + present + ") p JOIN (" + fewer
                + ") f ON f.cdc_digest = p.cdc_digest";
        String which = "(SELECT c." + own(OwnColumns.SEQ) + " FROM (" + chosen + ") c WHERE c.cdc_rank <= -c.cdc_net)";
        if (deletes == Deletes.HARD) {
            run("DELETE FROM " + target + " WHERE " + own(OwnColumns.SEQ) + " IN " + which);
        } else {
            run("UPDATE " + target + " SET " + own("cdc_deleted") + " = TRUE, " + own("cdc_op") + " = 'd' WHERE "
                    + own(OwnColumns.SEQ) + " IN " + which);
        }
    }

    private void run(String statement) throws SQLException {
        Session.execute(connection, statement);
    }

    private void run(List<String> statements) throws SQLException {
        for (String statement : statements) {
            run(statement);
        }
    }
}
