package io.tributary.local;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/** Keys that look random, are the same for the same seed and run, and never repeat in a database. */
final class DemoKeys {
    private static final long VERSION_4 = 0x4000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;
    private static final long ORDERS_OF_A_RUN = 1_000_000_000L;

    private final long seed;
    private final long run;
    private long made;

    private DemoKeys(long seed, long run) {
        this.seed = seed;
        this.run = run;
    }

    /** Keys for a run that gets its number from the database. */
    static DemoKeys ofNewRun(Connection connection, long seed) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select nextval('tributary.generator_runs')")) {
            row.next();
            return new DemoKeys(seed, row.getLong(1));
        }
    }

    UUID uuid() {
        long number = run << 40 | made++;
        long high = mixed(number ^ mixed(seed));
        long low = mixed(number + 0x9E37_79B9_7F4A_7C15L);
        return new UUID((high & ~0xF000L) | VERSION_4, (low & ~(3L << 62)) | VARIANT);
    }

    long number() {
        return run * ORDERS_OF_A_RUN + made++;
    }

    /** A permutation of all longs (the finish of MurmurHash3), so that different numbers stay different. */
    private static long mixed(long number) {
        long mixed = (number ^ number >>> 33) * 0xFF51_AFD7_ED55_8CCDL;
        mixed = (mixed ^ mixed >>> 33) * 0xC4CE_B9FE_1A85_EC53L;
        return mixed ^ mixed >>> 33;
    }
}
