package io.tributary.warehouse;

import java.util.Locale;

/** The case of the names that a warehouse's tables and columns get. */
public enum Letters {
    KEEP,
    UPPER,
    LOWER;

    String of(String name) {
        return switch (this) {
            case KEEP -> name;
            case UPPER -> name.toUpperCase(Locale.ROOT);
            case LOWER -> name.toLowerCase(Locale.ROOT);
        };
    }
}
