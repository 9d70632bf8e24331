package io.tributary.lake;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/**
 * Between which values those of a file lie, as a log has it: no value is outside, and texts may be well inside. They are for all columns
 * that can have any or for none: deltalake takes a column without bounds, in an entry that has some, for one that no value is in.
 */
final class Bounds {
    /** Code points of a text, of which more are left out. */
    private static final int LONGEST_TEXT = 32;

    /** As other writers have it: no text begins with it. */
    private static final String GREATEST_TEXT = "\uDBFF\uDFFF";

    private static final DateTimeFormatter MILLIS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'");
    private static final int MICROS = 1_000;
    private static final int LAST_YEAR = 9_999;

    private final ObjectNode least = JsonNodeFactory.instance.objectNode();
    private final ObjectNode greatest = JsonNodeFactory.instance.objectNode();
    private boolean areKnown = true;

    /** Adds a column that has values. */
    void add(String name, PrimitiveType type, Statistics<?> own) {
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        if (logical instanceof StringLogicalTypeAnnotation) {
            least.put(name, own.hasNonNullValue() ? cut(text(own.genericGetMin()), "") : "");
            greatest.put(name, own.hasNonNullValue() ? cut(text(own.genericGetMax()), GREATEST_TEXT) : GREATEST_TEXT);
        } else if (type.getPrimitiveTypeName() != PrimitiveTypeName.BINARY) { // bytes have none in any log
            areKnown = areKnown
                    && own.hasNonNullValue()
                    && put(least, name, type, own.genericGetMin(), false)
                    && put(greatest, name, type, own.genericGetMax(), true);
        }
    }

    /** There is a column of which nobody knows. */
    void giveUp() {
        areKnown = false;
    }

    void writeTo(ObjectNode stats) {
        if (areKnown && !least.isEmpty()) {
            stats.set("minValues", least);
            stats.set("maxValues", greatest);
            stats.put("tightBounds", false);
        }
    }

    private static String text(Object value) {
        return ((Binary) value).toStringUsingUTF8();
    }

    private static String cut(String text, String end) {
        return text.codePointCount(0, text.length()) <= LONGEST_TEXT
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LONGEST_TEXT)) + end;
    }

    /** Whether JSON holds the value, which it is given. */
    private static boolean put(ObjectNode bounds, String name, PrimitiveType type, Object value, boolean isGreatest) {
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        if (logical instanceof DecimalLogicalTypeAnnotation decimal) {
            BigInteger unscaled = value instanceof Binary bytes
                    ? new BigInteger(bytes.getBytes())
                    : BigInteger.valueOf(((Number) value).longValue());
            bounds.put(name, new BigDecimal(unscaled, decimal.getScale()));
        } else if (logical instanceof DateLogicalTypeAnnotation) {
            LocalDate day = LocalDate.ofEpochDay(((Number) value).longValue());
            bounds.put(name, day.toString());
            return isWritten(day.getYear());
        } else if (logical instanceof TimestampLogicalTypeAnnotation) {
            long micros = ((Number) value).longValue();
            // in milliseconds, as other writers have it
            long millis = isGreatest ? -Math.floorDiv(-micros, MICROS) : Math.floorDiv(micros, MICROS);
            OffsetDateTime time = Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC);
            bounds.put(name, MILLIS.format(time));
            return isWritten(time.getYear());
        } else if (value instanceof Boolean flag) {
            bounds.put(name, flag);
        } else if (value instanceof Float || value instanceof Double) {
            double real = ((Number) value).doubleValue();
            bounds.put(name, real == 0 ? (isGreatest ? 0.0 : -0.0) : real); // to some readers -0 is less
            return Double.isFinite(real); // NaN is the greatest to Parquet
        } else {
            bounds.put(name, ((Number) value).longValue());
        }
        return true;
    }

    /** Whether a year has four digits, as readers want it. */
    private static boolean isWritten(int year) {
        return year >= 1 && year <= LAST_YEAR;
    }
}
