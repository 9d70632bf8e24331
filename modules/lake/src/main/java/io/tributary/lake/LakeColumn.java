package io.tributary.lake;

import io.tributary.change.ColumnType;

/**
 * A column of a lake table.
 *
 * @param name what readers see, unique in the table without regard to case
 * @param source the source's column, or empty for one that Tributary adds
 * @param type holds every value the source's column has had: that column's type, or the join of those it went through
 */
record LakeColumn(String name, String source, ColumnType type) {
    // by hand: see TableName
    @Override
    public boolean equals(Object o) {
        return o instanceof LakeColumn other
                && name.equals(other.name)
                && source.equals(other.source)
                && type.equals(other.type);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * name.hashCode() + source.hashCode()) + type.hashCode();
    }

    /** The same column, wide enough for values of the other type too. */
    LakeColumn widened(ColumnType other) {
        ColumnType joined = type.join(other);
        return joined.equals(type) ? this : new LakeColumn(name, source, joined);
    }
}
