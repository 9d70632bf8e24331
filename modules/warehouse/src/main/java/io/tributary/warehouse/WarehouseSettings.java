package io.tributary.warehouse;

import io.tributary.change.ByTable;
import io.tributary.change.SchemaChanges;
import io.tributary.change.Secret;
import io.tributary.change.TableName;
import io.tributary.flow.UnreachableException;
import java.io.Serializable;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.JdbcExecutionOptions;

/**
 * What the pipeline file says of the warehouse.
 *
 * @param ledger the schema of the ledger and of the staging tables
 * @param execution how many rows are sent at once, and how often mirrors are brought up to date
 * @param freshness how old the mirrors of some tables may be, by {@code schema.table}
 * @param histories whether some tables have a history, by {@code schema.table}
 * @param allHistories whether all others have one
 * @param without the tables that have no mirror, by {@code schema.table}
 * @param alter whether tables that the user made may be altered
 */
public record WarehouseSettings(
        JdbcConnectionOptions connection,
        JdbcExecutionOptions execution,
        String ledger,
        Names names,
        ByTable<Deletes> deletes,
        ByTable<SchemaChanges> changes,
        HashMap<String, Duration> freshness,
        HashMap<String, Boolean> histories,
        boolean allHistories,
        HashSet<String> without,
        boolean alter)
        implements Serializable {

    /** What is asked of the warehouse. */
    @FunctionalInterface
    interface Question<T> {
        T ask() throws SQLException;
    }

    /**
     * Asks it.
     *
     * @param what it is about, for messages
     * @throws UnreachableException if there is no answer
     */
    <T> T read(String what, Question<T> question) {
        try {
            return question.ask();
        } catch (SQLException e) {
            throw unreadable(what, e);
        }
    }

    UnreachableException unreadable(String what, SQLException e) {
        return new UnreachableException(
                "cannot read " + what + " at 'sinks.warehouse.url' " + place() + ": " + e.getMessage());
    }

    /** How long a table's rows may lie staged before its mirror gets them. */
    Duration freshness(TableName source) {
        Duration own = freshness.get(source.toString());
        return own == null ? Duration.ofMillis(execution.getBatchIntervalMs()) : own;
    }

    public boolean hasMirror(TableName source) {
        return !without.contains(source.toString());
    }

    boolean hasHistory(TableName source) {
        return histories.getOrDefault(source.toString(), allHistories);
    }

    /** Where the warehouse is, {@code jdbc:postgresql://db:5432/warehouse}: without anything that could be secret. */
    public String place() {
        return Secret.place(connection.getDbURL());
    }

    // the options hold the password
    @Override
    public String toString() {
        return "WarehouseSettings[" + place() + "]";
    }
}
