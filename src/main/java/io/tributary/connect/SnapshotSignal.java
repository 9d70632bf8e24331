package io.tributary.connect;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.flow.ConfigException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Asks a connector for a snapshot of some of its tables, by a row of its signal table.
 *
 * @see <a href="https://debezium.io/documentation/reference/stable/configuration/signalling.html">signals</a>
 */
public final class SnapshotSignal {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String table;
    private final String signals;
    private final String publication;
    private final String data;
    private final boolean isDocument;

    /** How it is taken. */
    public enum Type {
        /** Beside the stream: rows that the source no longer has are not told. */
        INCREMENTAL,
        /** The stream waits; what has no row in the snapshot is gone. */
        BLOCKING
    }

    /** @throws ConfigException if the connector has no signal table */
    public SnapshotSignal(ConnectorFile connector, List<String> tables, Type how) {
        String signals = connector.config().path("signal.data.collection").asText("");
        int dot = signals.indexOf('.');
        if (dot < 0) {
            throw new ConfigException(connector.name() + " must have signal.data.collection as schema.table, or "
                    + String.join(", ", tables) + " would get no snapshot; got '" + signals + "'");
        }
        String type = connector.config().path("connector.class").asText("");
        String mark = connector.isPostgres() ? "\"" : type.contains("MySql") || type.contains("MariaDb") ? "`" : "";
        this.table = Arrays.stream(signals.split("\\.", connector.isPostgres() ? 2 : -1))
                .map(name -> mark.isEmpty() ? name : mark + name.replace(mark, mark + mark) + mark)
                .collect(Collectors.joining("."));
        this.isDocument = type.contains("MongoDb");
        this.signals = signals;
        this.publication = connector.isPostgres()
                ? connector.config().path("publication.name").asText("dbz_publication")
                : "";
        ObjectNode json = JSON.createObjectNode().put("type", how == Type.BLOCKING ? "blocking" : "incremental");
        tables.forEach(json.putArray("data-collections")::add);
        this.data = json.toString();
    }

    /**
     * Puts it into the signal table.
     *
     * @throws ConfigException if the connector would not see it, since its publication lacks the table
     */
    public void insert(Connection connection) throws SQLException {
        refuseUnseen(connection);
        try (PreparedStatement statement = connection.prepareStatement(
                "insert into " + table + " (id, type, data) values (?, 'execute-snapshot', ?)")) {
            statement.setString(1, UUID.randomUUID().toString());
            statement.setString(2, data);
            statement.executeUpdate();
        }
    }

    private void refuseUnseen(Connection connection) throws SQLException {
        if (publication.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                select puballtables or exists (
                  select from pg_publication_tables t
                  where t.pubname = p.pubname and t.schemaname || '.' || t.tablename = ?)
                from pg_publication p where pubname = ?""")) {
            statement.setString(1, signals);
            statement.setString(2, publication);
            try (ResultSet row = statement.executeQuery()) {
                if (row.next() && !row.getBoolean(1)) {
                    throw new ConfigException(
                            "the publication %s lacks %s, so nobody would see the request: as its owner, alter publication %s add table %s"
                                    .formatted(publication, signals, DatabaseTable.quote(publication), table));
                }
            }
        }
    }

    /** The statement, for who has another database. */
    public String statement() {
        if (isDocument) {
            return "insert into the collection %s: {type: 'execute-snapshot', data: %s}".formatted(table, data);
        }
        return "insert into %s (id, type, data) values ('%s', 'execute-snapshot', '%s')"
                .formatted(table, UUID.randomUUID(), data.replace("'", "''"));
    }
}
