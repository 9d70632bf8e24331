package io.tributary.warehouse;

import io.tributary.warehouse.StagedRows.Truncate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The truncates among staged rows, as conditions. */
final class Truncations {
    private final Dialect dialect;
    private final List<StagedRows> parts;

    Truncations(Dialect dialect, List<StagedRows> parts) {
        this.dialect = dialect;
        this.parts = parts;
    }

    /** Whether a row stands before a truncate: in its partition by place, elsewhere by the source's order. */
    String isBefore(Truncate truncate, String position, boolean isApplied) {
        String partition = dialect.positionPart(position, 1);
        String inOthers = "(" + partition + " <> " + truncate.partition() + " AND " + dialect.positionPart(position, 3)
                + " < " + truncate.sequence() + ")";
        String inItsOwn = "(" + partition + " = " + truncate.partition()
                + (isApplied ? "" : " AND " + dialect.positionPart(position, 2) + " < " + truncate.offset()) + ")";
        return "(" + inItsOwn + " OR " + inOthers + ")";
    }

    /** Whether a staged row {@code s} is gone by one of them, or null where there is none. */
    @Nullable
    String isGone() {
        List<String> each = new ArrayList<>();
        for (StagedRows part : parts) {
            for (Truncate truncate : part.truncates()) {
                each.add(isBefore(truncate, "s." + dialect.quoted(dialect.own("cdc_position")), false));
            }
        }
        return each.isEmpty() ? null : "(" + String.join(" OR ", each) + ")";
    }
}
