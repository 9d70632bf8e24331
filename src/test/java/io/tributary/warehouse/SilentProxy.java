package io.tributary.warehouse;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A way to a port of this machine that can fall silent: connections stay, and nothing comes through any more. */
final class SilentProxy implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int to;
    private volatile boolean silent;

    SilentProxy(int to) throws IOException {
        this.to = to;
        start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void fallSilent() {
        silent = true;
    }

    private static void start(Runnable what) {
        Thread thread = new Thread(what, "silent-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Socket target = new Socket(InetAddress.getLoopbackAddress(), to);
                start(() -> pass(client, target));
                start(() -> pass(target, client));
            }
        } catch (IOException e) {
            silent = true; // closed
        }
    }

    private void pass(Socket from, Socket into) {
        byte[] bytes = new byte[8192];
        try (from;
                into) {
            InputStream in = from.getInputStream();
            OutputStream out = into.getOutputStream();
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                if (!silent) {
                    out.write(bytes, 0, read);
                    out.flush();
                }
            }
        } catch (IOException e) {
            return; // one side has closed
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
