package io.tributary.lake;

/**
 * A finished Parquet file that is not visible yet.
 *
 * @param path below its table
 * @param epochDay its partition: days since 1970-01-01
 * @param size in bytes
 * @param pendingVersion the version of the serializer that wrote {@code pending}
 * @param pending what makes the file visible: a serialized commit recoverable of Flink's file system
 */
@SuppressWarnings("ArrayRecordComponent") // opaque bytes, never compared
record DataFile(String path, int epochDay, long size, long rows, int pendingVersion, byte[] pending) {}
