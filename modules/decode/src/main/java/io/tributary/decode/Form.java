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
    /** {@code {"scale": 2, "value": "base64 of the unscaled value"}}. */
    DECIMAL_STRUCT,
    /** Digits or base64, whichever the topic's decimals turn out to be. */
    DECIMAL_EITHER,
    /** Bytes as base64, of either alphabet. */
    BASE64,
    /** Bytes as hexadecimal digits. */
    HEX,
    /** Base64 of text in a form of the source's own. */
    BASE64_TEXT,
    /** Base64 of bits, the lowest first, zero bytes at the end left out. */
    BITS,
    /** Days as a JSON integer, or an ISO 8601 date. */
    DAYS,
    /** Times as integers; the value is held in microseconds. */
    MILLIS,
    MICROS,
    /** Nanoseconds that are whole microseconds. */
    NANOS,
    /** An ISO 8601 date and time. */
    TIME_TEXT,
    /** An ISO 8601 time of day. */
    CLOCK_TEXT,
    /** A JSON array whose elements have a form of their own. */
    ARRAY,
    /** Any other, held as its text because a value came that the column's own type cannot hold. */
    AS_TEXT,
    /** Any other, held as a keyed hash of its text. */
    HASHED,
    /** Any other, held as its text with most of it starred. */
    MASKED
}
