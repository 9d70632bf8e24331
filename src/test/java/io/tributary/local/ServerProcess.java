package io.tributary.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** One server of the stack in a process of its own, which a check kills and freezes. */
final class ServerProcess {
    private ServerProcess() {}

    /**
     * {@code postgres FOLDER PORT DATABASE}: starts a server, which stays when this process ends; {@code connect BOOTSTRAP PORT
     * PASSWORD NAME=VALUE…}, which serves until it is killed, with what <code>${env:NAME}</code> stands for.
     */
    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "postgres" ->
                PostgresServer.start(Path.of(args[1]), Integer.parseInt(args[2]))
                        .createDatabase(args[3]);
            case "connect" -> connect(args);
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static void connect(String[] args) throws IOException, InterruptedException {
        Map<String, String> env = Arrays.stream(args)
                .skip(4)
                .map(each -> each.split("=", 2))
                .collect(Collectors.toMap(each -> each[0], each -> each[1]));
        ConnectWorker.start(args[1], Integer.parseInt(args[2]), args[3], env);
        System.out.println("READY");
        Thread.currentThread().join();
    }
}
