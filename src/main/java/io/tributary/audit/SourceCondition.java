package io.tributary.audit;

import io.tributary.audit.SourceTable.SourceColumn;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.RowWriter;
import io.tributary.change.TableSchema;
import io.tributary.expression.BoundExpression;
import io.tributary.expression.Expression;
import io.tributary.expression.ExpressionException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A table's {@code where}, asked of the source's rows: the sinks have those of which it is true. */
final class SourceCondition {
    private static final long NANOS_OF_MICRO = 1000;

    private final BoundExpression where;
    private final List<SourceColumn> needed;
    private final List<ColumnType> types;
    private final RowWriter writer = new RowWriter();

    private SourceCondition(BoundExpression where, List<SourceColumn> needed, List<ColumnType> types) {
        this.where = where;
        this.needed = needed;
        this.types = types;
    }

    /**
     * Made for a table.
     *
     * @param known the types that sinks have columns of the source in
     * @param hidden columns that the condition sees as they are in the sinks, which the source does not tell
     * @throws ExpressionException if it cannot be asked of the source's columns, with the reason as part of a line
     */
    static SourceCondition of(Expression where, SourceTable table, Map<String, ColumnType> known, Set<String> hidden)
            throws ExpressionException {
        List<Column> columns = new ArrayList<>();
        for (SourceColumn column : table.columns()) {
            ColumnType own = typeOf(column.type());
            columns.add(
                    new Column(column.name(), own == null ? known.getOrDefault(column.name(), ColumnType.TEXT) : own));
        }
        BoundExpression bound = where.bind(new TableSchema("audit", table.name(), columns, List.of()));
        Set<String> used = bound.columns();
        List<SourceColumn> needed = new ArrayList<>();
        List<ColumnType> types = new ArrayList<>();
        List<Column> asked = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            if (used.contains(column.name())) {
                if (hidden.contains(column.name())) {
                    throw new ExpressionException("it asks for the hidden column '" + column.name() + "'");
                }
                SourceColumn source = table.columns().get(i);
                if (isSpelledOtherwise(source)
                        || source.canonical() == Canonical.BYTES
                                && !column.type().equals(ColumnType.BYTES)) {
                    throw new ExpressionException("it asks for '" + column.name() + "', a " + source.type()
                            + ", which the connector spells in its own way");
                }
                needed.add(source);
                types.add(column.type());
                asked.add(column);
            }
        }
        return new SourceCondition(where.bind(new TableSchema("audit", table.name(), asked, List.of())), needed, types);
    }

    /** The columns that it is asked of. */
    List<SourceColumn> needed() {
        return needed;
    }

    private static boolean isSpelledOtherwise(SourceColumn column) {
        return column.type().endsWith("[]")
                || switch (column.canonical()) {
                    case INTERVAL, TIMETZ, INET, POINT, SHAPE, HSTORE -> true;
                    case NUMERIC, FLOAT32, FLOAT64, MONEY, BOOLEAN, BIT, CHAR, TIMESTAMP, DATE, BYTES, JSON, TEXT ->
                        false;
                };
    }

    /** A value of the source is none of its column's type in the job. */
    static final class UnreadableException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnreadableException(String message) {
            super(message);
        }
    }

    /**
     * Whether the sinks have a row.
     *
     * @param texts of the needed columns, as PostgreSQL spells them in {@link Canonical#expression}
     * @throws ExpressionException if the condition has no value for it, as in the job
     * @throws UnreadableException if that cannot be told
     */
    boolean isTrue(List<@Nullable String> texts) throws ExpressionException {
        writer.reset();
        writer.begin(needed.size());
        for (int i = 0; i < needed.size(); i++) {
            String text = texts.get(i);
            if (text == null) {
                writer.writeNull(i);
                continue;
            }
            try {
                write(text, types.get(i));
            } catch (ArithmeticException | IllegalArgumentException | DateTimeException e) {
                throw new UnreadableException(
                        "a value of '" + needed.get(i).name() + "' is none of the type " + types.get(i));
            }
        }
        writer.end();
        return where.isTrue(writer.buffer(), writer.start());
    }

    private void write(String text, ColumnType type) {
        switch (type.kind()) {
            case BOOLEAN ->
                writer.writeByte(
                        switch (text) {
                            case "true", "t", "1" -> 1;
                            case "false", "f", "0" -> 0;
                            default -> throw new IllegalArgumentException(text);
                        });
            case INT16, INT32 -> writer.writeInt(Integer.parseInt(text));
            case DATE -> writer.writeInt(Integer.parseInt(text));
            case INT64, TIMESTAMP, TIMESTAMPTZ -> writer.writeLong(Long.parseLong(text));
            case FLOAT32 -> writer.writeInt(Float.floatToIntBits(Float.parseFloat(text)));
            case FLOAT64 -> writer.writeLong(Double.doubleToLongBits(Double.parseDouble(text)));
            case TIME -> writer.writeLong(LocalTime.parse(text).toNanoOfDay() / NANOS_OF_MICRO);
            case DECIMAL -> {
                BigDecimal value = new BigDecimal(text).setScale(type.scale());
                if (type.fitsLong()) {
                    writer.writeLong(value.unscaledValue().longValueExact());
                } else {
                    bytes(value.unscaledValue().toByteArray());
                }
            }
            case BYTES -> bytes(HexFormat.of().parseHex(text));
            case TEXT, JSON, ANY -> bytes(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void bytes(byte[] bytes) {
        writer.writeBytes(bytes, 0, bytes.length);
    }

    /** What the job takes a column of PostgreSQL for; null where the connector's settings decide. */
    private static @Nullable ColumnType typeOf(String type) {
        return switch (type) {
            case "boolean" -> ColumnType.BOOLEAN;
            case "smallint" -> ColumnType.INT16;
            case "integer" -> ColumnType.INT32;
            case "bigint" -> ColumnType.INT64;
            case "real" -> ColumnType.FLOAT32;
            case "double precision" -> ColumnType.FLOAT64;
            case "bytea" -> ColumnType.BYTES;
            case "date" -> ColumnType.DATE;
            case "json", "jsonb" -> ColumnType.JSON;
            default -> {
                if (type.matches("timestamp(\\(\\d\\))? with time zone")) {
                    yield ColumnType.TIMESTAMPTZ;
                } else if (type.matches("timestamp(\\(\\d\\))? without time zone")) {
                    yield ColumnType.TIMESTAMP;
                } else if (type.matches("time(\\(\\d\\))? without time zone")) {
                    yield ColumnType.TIME;
                } else if (type.matches("numeric\\(\\d{1,2},\\d{1,2}\\)")) {
                    yield ColumnType.parse("decimal" + type.substring("numeric".length()));
                }
                yield type.matches("numeric.*|money|bit.*|oid") ? null : ColumnType.TEXT;
            }
        };
    }
}
