package io.tributary.decode;

import java.nio.charset.StandardCharsets;

/** The fields that every source may have. */
enum SourceField {
    TS_MS("ts_ms"),
    SNAPSHOT("snapshot"),
    SCHEMA("schema"),
    TABLE("table"),
    TX_ID("txId"),
    DB("db"),
    NAME("name"),
    COLLECTION("collection"),
    CONNECTOR("connector"),
    OTHER("");

    private static final SourceField[] ALL = values();

    @SuppressWarnings("ImmutableEnumChecker") // never written again
    private final byte[] utf8;

    SourceField(String name) {
        utf8 = name.getBytes(StandardCharsets.US_ASCII);
    }

    static SourceField of(JsonScanner json) {
        for (SourceField name : ALL) {
            if (json.tokenIs(name.utf8)) {
                return name;
            }
        }
        return OTHER;
    }
}
