package io.tributary.lake;

import io.tributary.change.ColumnType;

/**
 * A column of a lake table.
 *
 * @param name what readers see, unique in the table without regard to case
 * @param source the source's column, or empty for one that Tributary adds
 * @param type the type of the source's column
 */
record LakeColumn(String name, String source, ColumnType type) {

    boolean isOf(String sourceName, ColumnType sourceType) {
        return source.equals(sourceName) && type.equals(sourceType);
    }
}
