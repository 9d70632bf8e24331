package io.tributary;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What this process listens on, as the kernel has it: {@code /proc/net/tcp} and {@code tcp6} of Linux. */
public final class Sockets {
    private static final String LISTEN = "0A";

    private Sockets() {}

    public static Set<InetSocketAddress> listening() throws IOException {
        Set<String> own = new HashSet<>();
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            for (Path each : (Iterable<Path>) open::iterator) {
                try {
                    own.add(Files.readSymbolicLink(each).toString());
                } catch (NoSuchFileException e) {
                    own.remove(each.toString()); // closed meanwhile: nothing is known of it
                }
            }
        }
        Set<InetSocketAddress> found = new HashSet<>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : Files.readAllLines(Path.of("/proc/self/net", table))) {
                List<String> columns = List.of(line.strip().split(" +", -1));
                if (columns.get(3).equals(LISTEN) && own.contains("socket:[" + columns.get(9) + "]")) {
                    found.add(address(columns.get(1)));
                }
            }
        }
        return found;
    }

    /** Four bytes at a time, the last first. */
    private static InetSocketAddress address(String text) throws IOException {
        int colon = text.indexOf(':');
        byte[] address = new byte[colon / 2];
        for (int i = 0; i < address.length; i++) {
            address[i / 4 * 4 + 3 - i % 4] = (byte) Integer.parseInt(text.substring(2 * i, 2 * i + 2), 16);
        }
        return new InetSocketAddress(
                InetAddress.getByAddress(address), Integer.parseInt(text.substring(colon + 1), 16));
    }
}
