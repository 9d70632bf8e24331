package io.tributary.config;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.changelog.Shape;
import io.tributary.changelog.StateMode;
import io.tributary.changelog.Unsent;
import io.tributary.decode.OutOfRange;
import io.tributary.decode.Privacy;
import io.tributary.decode.TableSettings;
import io.tributary.expression.Expression;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a table beforehand, and what is to be done with its rows.
 *
 * @param columns columns that are dropped, hashed or masked, or computed
 * @param where true of the rows that the sinks have, as an expression
 */
@JsonIgnoreProperties(ignoreUnknown = true) // what sinks take is theirs
public record TableFile(
        @Nullable List<String> key,
        @Nullable Map<String, String> types,
        @Nullable Integer buckets,
        @JsonProperty("out-of-range") @Nullable OutOfRange outOfRange,
        @Nullable Map<String, ColumnFile> columns,
        @Nullable JsonNode where,
        @Nullable Boolean sweep,
        @Nullable Unsent unsent,
        @Nullable StateMode state,
        @JsonProperty("unknown-columns") @Nullable UnknownColumns unknownColumns,
        @Nullable Map<String, Map<String, JsonNode>> rules) {
    /** What the job does where the table does not have a column that the file names. */
    public enum UnknownColumns {
        WARN,
        FAIL
    }

    int bucketCount() {
        return buckets == null ? TableSettings.DEFAULT_BUCKETS : buckets;
    }

    /** The columns that are not handed on as they are. */
    public Map<String, Privacy> hidden() {
        Map<String, Privacy> hidden = new LinkedHashMap<>();
        (columns == null ? Map.<String, ColumnFile>of() : columns).forEach((column, file) -> {
            if (file.privacy() != null) {
                hidden.put(column, file.privacy());
            }
        });
        return hidden;
    }

    /** True of the rows that the sinks have; null if they have all. */
    public @Nullable Expression condition(String place) {
        return where == null ? null : RuleFile.expression(place + ".where", where);
    }

    /** The columns that nobody gets. */
    Set<String> dropped() {
        Set<String> dropped = new HashSet<>(hidden().keySet());
        dropped.removeIf(column -> hidden().get(column) != Privacy.DROP);
        return dropped;
    }

    /** The columns that are computed. */
    public Set<String> computed() {
        Set<String> computed = new HashSet<>(columns == null ? Set.of() : columns.keySet());
        computed.removeAll(hidden().keySet());
        return computed;
    }

    /** Whether sinks have other rows than the source, or other columns. */
    boolean isShaped() {
        return where != null || !computed().isEmpty();
    }

    Shape shape(String place) {
        List<Shape.Computed> computed = new ArrayList<>();
        (columns == null ? Map.<String, ColumnFile>of() : columns).forEach((column, file) -> {
            Shape.Computed each = file.computed(place + ".columns." + column, column);
            if (each != null) {
                computed.add(each);
            }
        });
        return new Shape(condition(place), computed);
    }
}
