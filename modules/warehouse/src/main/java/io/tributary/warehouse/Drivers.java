package io.tributary.warehouse;

import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Collections;

/** The JVM's list of JDBC drivers: it outlives a job, and with one of the job's classes it keeps all of them in memory. */
final class Drivers {
    private Drivers() {}

    /**
     * Takes those that came with the job off the list. They work on: a session asks its driver, not the list. Where this class came
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
