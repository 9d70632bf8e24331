package io.tributary.change;

/** A table as the source names it; the dotted form is for people and paths, never parsed back. */
public record TableName(String schema, String table) implements Comparable<TableName> {

    @Override
    public String toString() {
        return schema.isEmpty() ? table : schema + "." + table;
    }

    @Override
    public int compareTo(TableName other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : table.compareTo(other.table);
    }
}
