package io.tributary.change;

import com.fasterxml.jackson.annotation.JsonProperty;

/** In what files a table of the lake is. */
public enum TableFormat {
    /** A Delta table: Parquet files and a log, which alone says what is in the table. */
    DELTA,
    /** Parquet files, which are the table. */
    PARQUET,
    /** Lines of JSON. */
    JSON,
    /** Comma-separated values with a line of names; null is nothing, an empty text is {@code ""}. */
    CSV,
    /** The same for spreadsheets: a text that one would take for a formula has {@code '} in front of it. */
    @JsonProperty("csv-guarded")
    CSV_GUARDED
}
