package io.tributary.exact;

import io.tributary.change.RawRecord;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.source.Captures;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A recording of a real connector, in one of its two forms.
 *
 * @param form whether the records have a schema block
 */
record Capture(String name, Form form) {
    static final List<String> NAMES = List.of(
            "generated_defaults",
            "generated_defaults_nullfix",
            "heartbeat",
            "numnan_string",
            "ops_identity",
            "partitioned_leaf",
            "recommended_microseconds",
            "route_single_topic",
            "schema_change_nullfix",
            "snapshot_incremental",
            "toast_small_hex",
            "toast_small_unwrap",
            "truncate",
            "txn",
            "types_default",
            "types_string_isostring_base64",
            "unwrap_default",
            "unwrap_rewrite",
            "workload_small");

    enum Form {
        PLAIN,
        SCHEMAS
    }

    static List<Capture> all() {
        return NAMES.stream()
                .flatMap(name -> List.of(Form.values()).stream().map(form -> new Capture(name, form)))
                .toList();
    }

    /** In the order of their delivery, on partition 0. */
    List<RawRecord> records() {
        return Captures.records(form == Form.PLAIN ? name : name + ".schemas");
    }

    Expected expected() {
        return Expected.of(name);
    }

    /** With what the capture's file of column types says; it is read only where the records have no schema block. */
    PipelineConfig pipeline() {
        return pipeline("{file: none.jsonl" + unavailable() + "}", "unused");
    }

    /** @param source as YAML in one line, without an end */
    PipelineConfig pipeline(String source, String lake) {
        String yaml = "name: exact\nsource: " + source + "\nsinks: {lake: {path: " + lake + ", current: {every: 0s}}}\n"
                + tables();
        return PipelineFile.parse(yaml, Map.of(), Map.of());
    }

    /** This one connector's placeholder is its own. */
    String unavailable() {
        return name.equals("toast_small_hex") ? ", unavailable-value: 'hex:00FF'" : "";
    }

    private String tables() {
        String resource = "/captures/" + name + ".pipeline.yaml";
        try (InputStream in = Capture.class.getResourceAsStream(resource)) {
            return in == null || form == Form.SCHEMAS ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name + " " + form.name().toLowerCase(java.util.Locale.ROOT);
    }
}
