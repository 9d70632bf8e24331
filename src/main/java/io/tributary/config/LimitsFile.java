package io.tributary.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tributary.decode.Limits;
import org.jspecify.annotations.Nullable;

/** What records may ask for, as {@link Limits} has it. */
public record LimitsFile(
        @Nullable Integer tables,
        @Nullable Integer columns,
        @Nullable Integer schemas,
        @JsonProperty("new-schemas") @Nullable Integer newSchemas,
        @JsonProperty("key-bytes") @Nullable Integer keyBytes,
        @JsonProperty("record-bytes") @Nullable Integer recordBytes) {
    Limits limits() {
        Limits usual = Limits.DEFAULT;
        return new Limits(
                tables == null ? usual.tables() : tables,
                columns == null ? usual.columns() : columns,
                schemas == null ? usual.schemas() : schemas,
                newSchemas == null ? usual.newSchemas() : newSchemas,
                keyBytes == null ? usual.keyBytes() : keyBytes,
                recordBytes == null ? usual.recordBytes() : recordBytes);
    }
}
