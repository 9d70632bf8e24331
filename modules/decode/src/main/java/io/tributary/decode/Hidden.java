package io.tributary.decode;

import io.tributary.change.Secret;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/** Values of columns that must not be stored as they are. */
final class Hidden {
    private static final int SHOWN = 4;

    private final @Nullable Mac mac;

    Hidden(Secret secret) {
        this.mac = Secret.isThere(secret) ? secret.mac() : null;
    }

    String hash(String text) {
        return hash(text.getBytes(StandardCharsets.UTF_8));
    }

    String hash(byte[] bytes) {
        if (mac == null) {
            throw new IllegalStateException("a column is to be hashed, and there is no secret");
        }
        return HexFormat.of().formatHex(mac.doFinal(bytes));
    }

    static String mask(String text) {
        int length = text.codePointCount(0, text.length());
        if (length <= 2 * SHOWN) {
            return "*".repeat(length);
        }
        return "*".repeat(length - SHOWN) + text.substring(text.offsetByCodePoints(0, length - SHOWN));
    }
}
