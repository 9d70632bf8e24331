package io.tributary.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.change.ColumnType;
import io.tributary.changelog.Shape;
import io.tributary.decode.Privacy;
import io.tributary.flow.ConfigException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A column as the pipeline file has it: a word of {@link Privacy}, or what it is computed of, {@code {expr: amount * 0.92, type: "decimal(12,2)"}}.
 *
 * @param privacy null where it is computed
 * @param computed what it is computed of; null where it is not
 */
public record ColumnFile(
        @Nullable Privacy privacy, @Nullable JsonNode computed) {
    @JsonCreator
    static ColumnFile of(JsonNode given) {
        return given.isTextual()
                ? new ColumnFile(Privacy.valueOf(given.textValue().toUpperCase(Locale.ROOT)), null)
                : new ColumnFile(null, given);
    }

    boolean isComputed() {
        return computed != null;
    }

    @Override
    public String toString() {
        return privacy == null ? String.valueOf(computed) : privacy.name().toLowerCase(Locale.ROOT);
    }

    /** @throws ConfigException if its expression or its type is none */
    Shape.@Nullable Computed computed(String place, String name) {
        if (computed == null) {
            return null;
        }
        JsonNode type = computed.path("type");
        try {
            return new Shape.Computed(
                    name,
                    RuleFile.expression(place + ".expr", computed.path("expr")),
                    type.isMissingNode() ? null : ColumnType.parse(type.asText()));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("'" + place + ".type' must be a column type: " + e.getMessage());
        }
    }
}
