package io.tributary.decode;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The fields of an envelope; the first eight in the order in which Debezium writes them. */
enum EnvelopeField {
    BEFORE,
    AFTER,
    SOURCE,
    TRANSACTION,
    OP,
    TS_MS,
    TS_US,
    TS_NS,
    STATUS,
    UPDATE_DESCRIPTION("updateDescription"),
    OTHER("");

    private static final EnvelopeField[] ALL = values();
    /** Before or transaction may be missing. */
    private static final int AHEAD = 2;

    @SuppressWarnings("ImmutableEnumChecker") // never written again
    private final byte[] utf8;

    @SuppressWarnings("ImmutableEnumChecker")
    private final byte[] field;

    EnvelopeField() {
        utf8 = name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
        field = ('"' + new String(utf8, StandardCharsets.US_ASCII) + "\":").getBytes(StandardCharsets.US_ASCII);
    }

    EnvelopeField(String name) {
        utf8 = name.getBytes(StandardCharsets.US_ASCII);
        field = ('"' + name + "\":").getBytes(StandardCharsets.US_ASCII);
    }

    /** The field that is next, consumed up to its value; null at the end. */
    static @Nullable EnvelopeField next(JsonScanner json, @Nullable EnvelopeField before) {
        boolean first = before == null;
        int usual = before == null ? 0 : before.ordinal() + 1;
        for (int i = usual; i < Math.min(usual + AHEAD, STATUS.ordinal()); i++) {
            if (json.tryField(first, ALL[i].field)) {
                return ALL[i];
            }
        }
        if (!json.nextField(first)) {
            return null;
        }
        for (EnvelopeField known : ALL) {
            if (json.tokenIs(known.utf8)) {
                return known;
            }
        }
        return OTHER;
    }
}
