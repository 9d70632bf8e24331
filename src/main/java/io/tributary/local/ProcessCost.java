package io.tributary.local;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What this process has used since a moment. */
public final class ProcessCost {
    private final OperatingSystemMXBean system =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final long cpu = system.getProcessCpuTime();
    private final long start = System.nanoTime();

    /** Microseconds of CPU, of all threads: the compiler's and the collector's too. */
    public double cpuMicros() {
        return (system.getProcessCpuTime() - cpu) / 1000.0;
    }

    public double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** The heap in use after a collection, in bytes. */
    public static long heapAfterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
