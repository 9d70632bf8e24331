package io.tributary.change;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** What must not be printed; wherever it is, it prints as {@code …}. */
public final class Secret implements Serializable {
    private static final long serialVersionUID = 1;

    /** What stands in the place of a secret. */
    public static final String SHOWN = "…";

    private static final String HMAC = "HmacSHA256";

    /** None, where there must be a value. */
    public static final Secret NONE = new Secret("");

    private final String value;

    private Secret(String value) {
        this.value = value;
    }

    @JsonCreator
    public static Secret of(String value) {
        return new Secret(value);
    }

    /** Only for whoever must know it. */
    public String value() {
        return value;
    }

    /** A keyed hash of these bytes: HMAC-SHA-256 in hexadecimal. */
    public String hmac(byte[] bytes) {
        return HexFormat.of().formatHex(mac().doFinal(bytes));
    }

    /** HMAC-SHA-256 with this as its key, for who hashes much: not thread-safe. */
    public Mac mac() {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(value.getBytes(StandardCharsets.UTF_8), HMAC));
            return mac;
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java platform has " + HMAC, e);
        }
    }

    /** Blank is as good as absent: a file may take it from the environment, and of several that there are one is set. */
    public static boolean isThere(@Nullable Secret secret) {
        return secret != null && !secret.value.isBlank();
    }

    /** The values of these, for a client that takes them as they are. */
    public static Map<String, String> values(@Nullable Map<String, Secret> secrets) {
        Map<String, String> values = new HashMap<>();
        if (secrets != null) {
            secrets.forEach((name, secret) -> values.put(name, secret.value));
        }
        return values;
    }

    /** A URL without what may be secret: user and password before its host, and all behind {@code ?} or {@code ;}. */
    public static String place(String url) {
        String head = url.replaceFirst("(?s)[?;].*", "");
        boolean isCut = url.indexOf('@', head.length()) >= 0 && !head.matches("(?s).*//.*/.*");
        return (isCut ? head.replaceFirst("(?s)//.*", "//" + SHOWN) : head).replaceFirst("(?s)//.*@", "//");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Secret that && value.equals(that.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return SHOWN;
    }
}
