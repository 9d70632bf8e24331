package io.tributary.aggregate;

import io.tributary.aggregate.AggregateSettings.Call;
import io.tributary.aggregate.AggregateSettings.Output;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.ColumnType.Kind;
import io.tributary.change.RowWriter;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table that an aggregate is: its columns and rows, of groups. */
final class Result {
    /** Of numbers that came as text, which tells no scale. */
    private static final ColumnType OF_TEXT = ColumnType.decimal(ColumnType.MAX_PRECISION, 10);

    /** Digits that an average has after those of its values. */
    private static final int AVERAGE_DIGITS = 6;

    private final AggregateSettings settings;
    private final TableSchema schema;
    private final RowWriter row = new RowWriter();

    /** @param types of the rows' columns */
    Result(AggregateSettings settings, List<ColumnType> types) {
        this.settings = settings;
        List<Column> columns = new ArrayList<>();
        for (Output output : settings.group()) {
            columns.add(new Column(output.name(), types.get(output.index())));
        }
        for (Call call : settings.calls()) {
            columns.add(
                    new Column(call.name(), call.index() < 0 ? ColumnType.INT64 : type(call, types.get(call.index()))));
        }
        this.schema = new TableSchema("", new TableName("", settings.name()), columns, List.of());
    }

    private static ColumnType type(Call call, ColumnType argument) {
        return switch (call.function()) {
            case COUNT, COUNT_DISTINCT -> ColumnType.INT64;
            case MIN, MAX -> argument;
            case SUM ->
                switch (argument.kind()) {
                    case INT16, INT32 -> ColumnType.INT64;
                    case INT64 -> ColumnType.decimal(ColumnType.MAX_PRECISION, 0);
                    case DECIMAL -> ColumnType.decimal(ColumnType.MAX_PRECISION, argument.scale());
                    case TEXT, JSON, ANY -> OF_TEXT;
                    case BOOLEAN, FLOAT32, FLOAT64, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> ColumnType.FLOAT64;
                };
            case AVG ->
                switch (argument.kind()) {
                    case INT16, INT32, INT64 -> ColumnType.decimal(ColumnType.MAX_PRECISION, AVERAGE_DIGITS);
                    case DECIMAL ->
                        ColumnType.decimal(
                                ColumnType.MAX_PRECISION,
                                Math.min(argument.scale() + AVERAGE_DIGITS, ColumnType.MAX_PRECISION));
                    case TEXT, JSON, ANY -> OF_TEXT;
                    case BOOLEAN, FLOAT32, FLOAT64, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> ColumnType.FLOAT64;
                };
        };
    }

    TableSchema schema() {
        return schema;
    }

    /** Writes a group's row. */
    RowWriter write(List<@Nullable String> key, Group group) {
        row.reset();
        row.begin(schema.columns().size());
        int column = 0;
        for (String value : key) {
            Value.write(value, schema.columns().get(column).type(), row, column);
            column++;
        }
        for (int i = 0; i < group.parts.length; i++) {
            write(
                    settings.calls().get(i),
                    group,
                    group.parts[i],
                    schema.columns().get(column).type(),
                    column);
            column++;
        }
        row.end();
        return row;
    }

    private void write(Call call, Group group, Group.Part part, ColumnType type, int column) {
        switch (call.function()) {
            case COUNT -> row.writeLong(call.index() < 0 ? group.rows : part.count);
            case COUNT_DISTINCT -> row.writeLong(part.distinct);
            case MIN, MAX -> Value.write(part.extreme, type, row, column);
            case SUM -> Value.number(real(part), part.count == 0 ? null : part.sum, type, row, column);
            case AVG -> Value.number(real(part), average(part, type), type, row, column);
        }
    }

    private static @Nullable BigDecimal average(Group.Part part, ColumnType type) {
        if (part.count == 0) {
            return null;
        }
        BigDecimal count = BigDecimal.valueOf(part.count);
        return type.kind() == Kind.DECIMAL
                ? part.sum.divide(count, type.scale(), RoundingMode.HALF_UP)
                : part.sum.divide(count, java.math.MathContext.DECIMAL64);
    }

    /** NaN or an infinity, where one is among the values. */
    private static @Nullable Double real(Group.Part part) {
        boolean isPositive = part.noNumbers[1] > 0;
        boolean isNegative = part.noNumbers[2] > 0;
        if (part.noNumbers[0] > 0 || isPositive && isNegative) {
            return Double.NaN;
        }
        return isPositive ? Double.valueOf(Double.POSITIVE_INFINITY) : isNegative ? Double.NEGATIVE_INFINITY : null;
    }
}
