package io.tributary.expression;

import dev.cel.common.CelErrorCode;
import dev.cel.common.types.CelType;
import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.Program;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Printable;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.TableSchema;
import java.time.DateTimeException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An expression for the rows of one schema. Of one thread. */
public final class BoundExpression {
    private static final Pattern PLACE = Pattern.compile("^evaluation error at <input>:\\d+: ");

    private static final String VALUES = " with arg(s)";
    private static final Pattern INPUT = Pattern.compile("(For input string|Text).*", Pattern.DOTALL);

    private final TableSchema schema;
    private final Set<String> names;
    private final String row;
    private final CelType type;
    private final Program program;
    private final int last;
    private final RowReader reader = new RowReader();
    private final Map<String, Object> variables = new HashMap<>();

    /**
     * Made of a checked expression.
     *
     * @param names that it has, of columns among others
     * @param row the variable that has all columns; empty where it is not used
     */
    BoundExpression(TableSchema schema, Set<String> names, String row, CelType type, Program program) {
        this.schema = schema;
        this.names = names;
        this.row = row;
        this.type = type;
        this.program = program;
        List<Column> columns = schema.columns();
        int needed = -1;
        for (int i = 0; i < columns.size(); i++) {
            if (!row.isEmpty() || names.contains(columns.get(i).name())) {
                needed = i;
            }
        }
        this.last = needed;
    }

    /** The columns that it asks for. */
    public Set<String> columns() {
        Set<String> asked = new HashSet<>();
        schema.columns().forEach(column -> asked.add(column.name()));
        if (row.isEmpty()) {
            asked.retainAll(names);
        }
        return asked;
    }

    /** The type of a column that holds its values; null where it cannot be told, as of decimals. */
    public @Nullable ColumnType type() {
        return Values.columnOf(type);
    }

    /**
     * Whether the condition is true of a row; null is not.
     *
     * @throws ExpressionException if it has no value, or one that is neither true nor false
     */
    public boolean isTrue(byte[] bytes, int offset) throws ExpressionException {
        return Boolean.TRUE.equals(condition(bytes, offset));
    }

    /**
     * Whether the condition is true of a row; null where that is not known, as a value is null.
     *
     * @throws ExpressionException if it has no value, or one that is neither true nor false
     */
    public @Nullable Boolean condition(byte[] bytes, int offset) throws ExpressionException {
        Object value = value(bytes, offset);
        if (value == null || value instanceof Boolean) {
            return (Boolean) value;
        }
        throw new ExpressionException("a condition is true or false");
    }

    /**
     * Writes the value as the next column of a row.
     *
     * @param column its index there
     * @throws ExpressionException if it has no value, or one that the type does not hold
     */
    public void write(byte[] bytes, int offset, RowWriter writer, int column, ColumnType wanted)
            throws ExpressionException {
        Object value = value(bytes, offset);
        if (value == null) {
            writer.writeNull(column);
            return;
        }
        try {
            Values.write(writer, value, wanted);
        } catch (ArithmeticException e) {
            throw new ExpressionException("it gives a value that " + wanted + " does not hold");
        }
    }

    /** As the library gives it; null also where it is computed of one. */
    private @Nullable Object value(byte[] bytes, int offset) throws ExpressionException {
        boolean hasNull = false;
        Members all = new Members();
        reader.open(schema, bytes, offset);
        for (int i = 0; i <= last; i++) {
            boolean isPresent = reader.next();
            Column column = schema.columns().get(i);
            boolean isNamed = names.contains(column.name());
            if (isNamed || !row.isEmpty()) {
                Object value = isPresent ? of(column) : NullValue.NULL_VALUE;
                hasNull |= isNamed && !isPresent;
                variables.put(column.name(), value);
                all.put(column.name(), value);
            }
        }
        if (!row.isEmpty()) {
            variables.put(row, all);
        }
        try {
            return Values.orNull(program.eval(variables));
        } catch (CelEvaluationException e) {
            if ((hasNull || all.hasGivenNull) && e.getErrorCode() == CelErrorCode.OVERLOAD_NOT_FOUND) {
                return null; // no operator takes it
            }
            throw new ExpressionException(reason(String.valueOf(e.getMessage())));
        }
    }

    /** Without the row's values. */
    private static String reason(String message) {
        String reason = PLACE.matcher(message).replaceFirst("");
        int values = reason.indexOf(VALUES);
        String without = values < 0 ? reason : reason.substring(0, values);
        return Printable.of(INPUT.matcher(without).replaceFirst("$1"));
    }

    /** The columns by name, for an expression that asks for them so. */
    private static final class Members extends HashMap<String, Object> {
        private static final long serialVersionUID = 1;
        private boolean hasGivenNull;

        @Override
        public @Nullable Object get(Object name) {
            Object value = super.get(name);
            hasGivenNull |= value == NullValue.NULL_VALUE;
            return value;
        }
    }

    private Object of(Column column) throws ExpressionException {
        try {
            return Values.of(reader, column.type());
        } catch (ArithmeticException | DateTimeException | CelEvaluationException e) {
            throw new ExpressionException("the value of '" + column.name() + "' is beyond what expressions hold");
        }
    }
}
