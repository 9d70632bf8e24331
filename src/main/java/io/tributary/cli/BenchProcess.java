package io.tributary.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Something measured as a process of its own: all it costs counts, from its start, compiler and collector included. */
record BenchProcess(long events, Map<String, Double> figures) {
    private static final String MEASURED = "MEASURED ";

    /** Runs a class's main in a process of its own and takes what it measured. */
    static BenchProcess run(Class<?> main, Path log, long events, List<String> args)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-Dlog.file"))
                .toList());
        command.addAll(List.of("-Dlog.file=" + log, "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(args);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "end-measured"));
        Map<String, Double> figures = new HashMap<>();
        try (BufferedReader out = process.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(MEASURED)) {
                    for (String figure : line.substring(MEASURED.length()).split(" ", -1)) {
                        String[] parts = figure.split("=", 2);
                        figures.put(parts[0], Double.parseDouble(parts[1]));
                    }
                }
            }
        }
        int exit = process.waitFor();
        if (exit != 0 || figures.isEmpty()) {
            throw new IOException(main.getSimpleName() + " ended with exit " + exit + ": see " + log);
        }
        return new BenchProcess(events, figures);
    }

    double cpuMicros() {
        return figure("cpu") / events;
    }

    double rate() {
        return events / figure("seconds");
    }

    double figure(String name) {
        return figures.getOrDefault(name, 0.0);
    }

    /** In the process: progress, and what it cost in the end. */
    static final class Meter {
        private static final long SHOWN_EVERY = 1_000_000_000L;

        private final OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        private final String what;
        private final long events;
        private long start = System.nanoTime();
        private long shown = start;
        private long pausedCpu;
        private long pauseStart;
        private long pauseCpuStart;

        Meter(String what, long events) {
            this.what = what;
            this.events = events;
        }

        void progress(long count) {
            long now = System.nanoTime();
            if (now - shown > SHOWN_EVERY || count >= events) {
                shown = now;
                System.err.printf(Locale.ROOT, "\r%-14s %,d of %,d ", what, count, events);
            }
        }

        /** Takes so much time, in nanoseconds, off the clock; the CPU of it still counts. */
        void leaveOut(long nanos) {
            start += nanos;
        }

        /** What follows is the measuring's own, not the measured. */
        void pause() {
            pauseStart = System.nanoTime();
            pauseCpuStart = system.getProcessCpuTime();
        }

        void resume() {
            start += System.nanoTime() - pauseStart;
            pausedCpu += system.getProcessCpuTime() - pauseCpuStart;
        }

        void done(Map<String, Long> more) {
            double seconds = (System.nanoTime() - start) / 1e9;
            double cpu = (system.getProcessCpuTime() - pausedCpu) / 1000.0;
            StringBuilder line = new StringBuilder(MEASURED)
                    .append("seconds=")
                    .append(seconds)
                    .append(" cpu=")
                    .append(cpu);
            more.forEach(
                    (name, value) -> line.append(' ').append(name).append('=').append(value));
            System.err.println();
            System.out.println(line);
        }
    }
}
