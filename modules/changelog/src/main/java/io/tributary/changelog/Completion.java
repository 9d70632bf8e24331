package io.tributary.changelog;

import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.validate.Rule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes an event's row whole, and checks it: what the source left out, what of a document changed, the table's rules. */
final class Completion {
    private final RowBuilder builder;
    private final RowReader reader = new RowReader();
    private final List<Rule> warned = new ArrayList<>();
    private final ShapedRows shaped;
    private @Nullable Broken broken;
    private int nulled;

    Completion(RowBuilder builder, ShapedRows shaped) {
        this.builder = builder;
        this.shaped = shaped;
    }

    /** The next event comes. */
    void reset() {
        warned.clear();
        broken = null;
        nulled = 0;
    }

    int nulled() {
        return nulled;
    }

    List<Rule> warned() {
        return warned;
    }

    @Nullable
    Broken broken() {
        return broken;
    }

    /** Puts the earlier row's values where the source left unchanged ones out; false if one stays unknown. */
    boolean fill(Event event, byte @Nullable [] base, Bucket bucket, ChangelogSettings table) {
        reader.open(event.requireSchema(), event.after.bytes(), event.after.offset());
        if (!reader.hasUnsent()) {
            return true;
        }
        boolean known = base != null && base.length > Rows.ROW;
        TableSchema baseSchema = known && base != null ? Stored.schemaOf(base, bucket) : null;
        boolean nulls = table.unsent() == Unsent.NULL;
        int length = builder.fill(event.requireSchema(), event.after, baseSchema, base, nulls);
        event.after.set(builder.buffer(), builder.start(), length);
        nulled += nulls ? builder.unknown() : 0;
        return builder.unknown() == 0 && patch(event) || nulls && !event.patch.isPresent();
    }

    /** Brings a document up to date of which only the difference was sent; false if the one before is not known. */
    private boolean patch(Event event) {
        if (!event.patch.isPresent()) {
            return true;
        }
        TableSchema schema = event.requireSchema();
        int column = schema.columns().size() - 1; // beside its id
        Object before = builder.value(schema, event.after, column);
        if (!(before instanceof String document)) {
            return false;
        }
        Slice update = event.patch;
        String patched;
        try {
            patched = DocumentPatch.apply(
                    document, new String(update.bytes(), update.offset(), update.length(), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return false;
        }
        int length = builder.withText(schema, event.after, column, patched);
        event.after.set(builder.buffer(), builder.start(), length);
        return true;
    }

    /** Checks the rules, and that all that is computed of the row has a value; false if not. */
    boolean validate(Event event, ChangelogSettings table) {
        if (!table.rules().isEmpty() && !keepsRules(event, table)) {
            return false;
        }
        String failure = table.shape().isAsItIs() ? null : shaped.refuses(event.requireSchema(), event.after);
        if (failure != null) {
            broken = new Broken("expression", "", failure);
        }
        return failure == null;
    }

    private boolean keepsRules(Event event, ChangelogSettings table) {
        TableSchema schema = event.requireSchema();
        List<Integer> nulls = new ArrayList<>();
        long now = Math.max(event.sourceMillis, event.recordMillis);
        for (Rule rule : table.rules()) {
            int column = schema.indexOf(rule.column());
            ColumnType type =
                    column < 0 ? ColumnType.TEXT : schema.columns().get(column).type();
            Object value = column < 0 || nulls.contains(column) ? null : builder.value(schema, event.after, column);
            boolean isKept = rule.condition() == null
                    ? rule.holds(type, value, now == 0 ? Long.MAX_VALUE : now)
                    : rule.holds(schema, event.after);
            if (isKept) {
                continue;
            }
            switch (rule.action()) {
                case REJECT -> {
                    broken = new Broken("rule", rule.name(), "breaks the rule " + rule.name());
                    return false;
                }
                case WARN -> warned.add(rule);
                case NULL -> {
                    warned.add(rule);
                    if (column >= 0) {
                        nulls.add(column);
                    }
                }
            }
        }
        if (!nulls.isEmpty()) {
            int length = builder.withNulls(schema, event.after, nulls);
            event.after.set(builder.buffer(), builder.start(), length);
            nulled += nulls.size();
        }
        return true;
    }
}
