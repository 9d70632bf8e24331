package io.tributary.decode;

import java.util.Locale;

/** Why a record was rejected: a metric label and a column of the dead letters. */
public enum Reason {
    /** The bytes are not one JSON value. */
    NOT_JSON,
    /** JSON, but no Debezium envelope. */
    NOT_AN_ENVELOPE,
    /** An event of another tool, or one that is of no row. */
    FOREIGN,
    /** The schema block cannot be interpreted. */
    SCHEMA,
    /** The envelope's operation is none that exists. */
    OPERATION,
    /** The key does not identify a row. */
    KEY,
    /** A value is not of its column's type. */
    VALUE,
    /** A value that its column's type cannot hold exactly, where the table's policy is to reject it. */
    OUT_OF_RANGE,
    /** A column that must not be stored as it is, is none of the table's: so another may be the one that was meant. */
    HIDDEN,
    /** More than the pipeline's limits allow. */
    LIMIT,
    /** It is not what it says it is: a table of our own, one of another's name, an answer that nobody gave. */
    FORGED,
    /** Kafka deleted records before they were read; this stands for all of them. */
    GAP,
    /** The delete of a row whose key changed, and the create under the new key never came: the connector lost it. */
    HALF_KEY_CHANGE,
    /** The bytes begin with a schema registry's prefix. */
    REGISTRY;

    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    public String label() {
        return label;
    }
}
