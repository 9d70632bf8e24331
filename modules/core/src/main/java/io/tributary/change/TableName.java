package io.tributary.change;

/** A table as the source names it; the dotted form is for people and paths, never parsed back. */
public record TableName(String schema, String table) implements Comparable<TableName> {
    // By hand, as in every record that is compared while a job runs: what the JDK makes for a record
    // (ObjectMethods) keeps its class, and so the class loader of an ended job, alive for good.
    @Override
    public boolean equals(Object o) {
        return o instanceof TableName other && schema.equals(other.schema) && table.equals(other.table);
    }

    @Override
    public int hashCode() {
        return 31 * schema.hashCode() + table.hashCode();
    }

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
