package io.tributary.decode;

import java.util.List;

/**
 * MySQL and MariaDB: a transaction has a GTID, where the servers give any, and a row event its place in a binary log.
 *
 * @see <a href="https://debezium.io/documentation/reference/stable/connectors/mysql.html#mysql-create-events">its source</a>
 */
final class BinlogDialect implements SourceDialect {
    @Override
    public List<String> connectors() {
        return List.of("mysql", "mariadb");
    }

    @Override
    public List<String> fields() {
        return BinlogOrder.FIELDS;
    }

    /** A column may come first, or behind any other. */
    @Override
    public boolean appendsColumns() {
        return false;
    }

    @Override
    public SourceOrder order() {
        return new BinlogOrder();
    }
}
