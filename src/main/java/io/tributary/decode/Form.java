package io.tributary.decode;

/** How a column's value arrives in JSON; together with its type this says how to read it. */
enum Form {
    BOOLEAN,
    /** A JSON integer that is the value itself. */
    INTEGER,
    /** A JSON number, or one of the texts NaN, Infinity, -Infinity. */
    FLOAT,
    /** A JSON string that is the value itself. */
    TEXT,
    /** Any JSON: a string's content, or the JSON text of anything else. */
    ANY,
    /** Decimal digits in a string or a number. */
    DECIMAL_TEXT,
    /** Base64 of the big-endian two's complement unscaled value. */
    DECIMAL_BASE64,
    BASE64,
    /** Times as integers; the value is held in microseconds. */
    MILLIS,
    MICROS,
    /** Nanoseconds that are whole microseconds. */
    NANOS,
    /** An ISO 8601 date and time. */
    TIME_TEXT
}
