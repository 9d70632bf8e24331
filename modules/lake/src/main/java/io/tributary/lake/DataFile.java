package io.tributary.lake;

/**
 * A finished Parquet file that is not in the log yet, nor visible unless it is a {@link #copy}.
 *
 * @param path below its table
 * @param epochDay its partition: days since 1970-01-01; {@link #NO_DAY} in a table without partitions
 * @param size in bytes
 * @param stats as {@link FileStats} has them
 * @param pendingVersion the version of the serializer that wrote {@code pending}
 * @param pending what makes the file visible: a serialized commit recoverable of Flink's file system
 */
@SuppressWarnings("ArrayRecordComponent") // opaque bytes, never compared
record DataFile(String path, int epochDay, long size, String stats, int pendingVersion, byte[] pending) {
    static final int NO_DAY = Integer.MIN_VALUE;

    boolean isPartitioned() {
        return epochDay != NO_DAY;
    }

    /** A copy with the same rows, which is visible. */
    DataFile copy(String copyPath, long copySize) {
        return new DataFile(copyPath, epochDay, copySize, stats, 0, new byte[0]);
    }
}
