package io.tributary.warehouse;

import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Collections;

/** What of JDBC drivers outlives a job, and with one of the job's classes keeps all of them in memory. */
final class Drivers {
    /** How long a thread of PostgreSQL's driver waits after the last connection, in milliseconds: 30,000 unless it is told. */
    private static final String LINGERS = "pgjdbc.config.cleanup.thread.ttl";

    private Drivers() {}

    /** Before a driver's classes are loaded: jobs that fail and start again would each leave their classes for half a minute. */
    static void letGo() {
        System.getProperties().putIfAbsent(LINGERS, "1000");
    }

    /**
     * Takes those that came with the job off the JVM's list. They work on: a session asks its driver, not the list. Where this class came
     * with the process, as in {@code ./tributary}, the list stays as it is.
     */
    static void unlist() throws SQLException {
        ClassLoader own = Drivers.class.getClassLoader();
        if (own == ClassLoader.getSystemClassLoader()) {
            return;
        }
        for (Driver driver : Collections.list(DriverManager.getDrivers())) {
            if (driver.getClass().getClassLoader() == own) {
                DriverManager.deregisterDriver(driver);
            }
        }
    }
}
