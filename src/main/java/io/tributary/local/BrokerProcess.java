package io.tributary.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Kafka broker in a process of its own, so that what it costs is not counted with what reads from it. */
public final class BrokerProcess implements AutoCloseable {
    private static final String READY = "READY ";

    private final Process process;
    private final String bootstrap;

    private BrokerProcess(Process process, String bootstrap) {
        this.process = process;
        this.bootstrap = bootstrap;
    }

    /** The child: serves until its standard input ends. */
    public static void main(String[] args) throws IOException {
        int port = Ports.free(Integer.parseInt(args[1]));
        KafkaBroker broker = KafkaBroker.start(Path.of(args[0]), port, Ports.free(port + 1));
        System.out.println(READY + broker.bootstrap());
        while (System.in.read() >= 0) {
            // until the parent goes away
        }
        broker.close();
        Runtime.getRuntime().halt(0);
    }

    public static BrokerProcess start(Path dir, int port) throws IOException {
        String java = ProcessHandle.current().info().command().orElse("java");
        Process process = new ProcessBuilder(List.of(
                        java,
                        "-Xmx512m",
                        "-Dlog.file=" + dir.resolve("broker.log"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        BrokerProcess.class.getName(),
                        dir.resolve("kafka").toString(),
                        String.valueOf(port)))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader out = process.inputReader();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(READY)) {
                return new BrokerProcess(process, line.substring(READY.length()));
            }
        }
        throw new IOException("the broker's process has ended: see " + dir.resolve("broker.log"));
    }

    public String bootstrap() {
        return bootstrap;
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
