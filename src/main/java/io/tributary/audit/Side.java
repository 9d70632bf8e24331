package io.tributary.audit;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;

/** A place that has tables of the source. */
interface Side {
    /** As a message names it. */
    String name();

    /** Why the table cannot be compared although all is as the pipeline says; empty if it can. */
    String exempt(SourceTable table) throws IOException, SQLException;

    boolean has(SourceTable table) throws IOException, SQLException;

    /** The names of the table's columns that are there. */
    Set<String> columns(SourceTable table) throws IOException, SQLException;

    /** The rows as the source should have them. */
    RowDigests read(SourceTable table) throws IOException, SQLException;
}
