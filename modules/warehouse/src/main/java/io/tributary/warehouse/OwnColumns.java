package io.tributary.warehouse;

import io.tributary.change.TableName;
import java.util.List;

/** The columns that mirrors, histories and staging tables have beside the source's; in each the names are as {@link Dialect#own} has them. */
final class OwnColumns {
    /** Beside the columns, in the mirror: when, what and where the last change was, and whether the row is gone. */
    static final List<String> OF_MIRROR = List.of("cdc_timestamp", "cdc_op", "cdc_position", "cdc_deleted");

    /** Of a mirror without a key: what tells equal rows apart. */
    static final String SEQ = "cdc_seq";

    /** Beside the columns, in a history: with the order of the changes and the topic. */
    static final List<String> OF_HISTORY = List.of("cdc_timestamp", "cdc_op", "cdc_position", SEQ, "cdc_topic");

    /** Beside the columns, in a staging table. */
    static final List<String> OF_STAGE = List.of(
            SEQ, "cdc_topic", "cdc_partition", "cdc_offset", "cdc_effect", "cdc_op", "cdc_timestamp", "cdc_position");

    /** A writer may take so many bits of rows. */
    static final int ROW_BITS = 41;

    private OwnColumns() {}

    /** Where the history of a mirror is. */
    static TableName history(Dialect dialect, TableName mirror) {
        return new TableName(
                mirror.schema(), Names.within(mirror.table() + dialect.own("_history"), dialect.longestName()));
    }
}
