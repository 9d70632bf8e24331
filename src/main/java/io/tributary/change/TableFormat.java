package io.tributary.change;

/** In what files a table of the lake is. */
public enum TableFormat {
    /** A Delta table: Parquet files and a log, which alone says what is in the table. */
    DELTA,
    /** Parquet files, which are the table. */
    PARQUET,
    /** Lines of JSON. */
    JSON,
    /** Comma-separated values with a line of names; null is nothing, an empty text is {@code ""}. */
    CSV
}
