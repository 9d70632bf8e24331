package io.tributary.local;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * The traffic of one demo table as SQL, and how the values of one change are bound to it.
 *
 * @param <K> its primary key
 */
interface DemoTable<K> {
    /** Schema and name, as in SQL. */
    String name();

    /** How many of 100 changes are to this table. */
    int share();

    String insert();

    /** Binds a new row; returns its key, which no row ever had. */
    K bindInsert(PreparedStatement insert) throws SQLException;

    /** The ways to change a row, the usual one first. */
    List<String> updates();

    /** Which of {@link #updates()} comes next. */
    int nextUpdate();

    void bindUpdate(int which, PreparedStatement update, K key) throws SQLException;

    String delete();

    void bindDelete(PreparedStatement delete, K key) throws SQLException;

    /** A query of keys that takes the greatest number of them as its parameter. */
    String keys();

    K key(ResultSet row) throws SQLException;
}
