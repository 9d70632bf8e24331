package io.tributary.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Ports on 127.0.0.1, found by binding them: a port is free if a server could listen on it now. */
public final class Ports {
    private static final int LAST = 65_535;

    private Ports() {}

    /** The preferred port if it is free, else the next free one above it. */
    public static int free(int preferred) {
        for (int port = preferred; port <= LAST; port++) {
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port from " + preferred + " up");
    }

    /**
     * This very port, as the user asked for it.
     *
     * @param option how the user named it, for the message: {@code --postgres-port}
     * @throws IllegalArgumentException if something listens there already
     */
    public static int exactly(int port, String option) {
        if (port < 1 || port > LAST) {
            throw new IllegalArgumentException("'" + option + "' must be a port from 1 to " + LAST + ", got " + port);
        }
        if (!isFree(port)) {
            throw new IllegalArgumentException("'" + option + "' " + port + " is taken");
        }
        return port;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // else a connection of a server that just stopped (TIME_WAIT) would count as taken
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 1);
            return true;
        } catch (java.net.BindException taken) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot try port " + port, e);
        }
    }
}
