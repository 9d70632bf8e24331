package io.tributary.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/** HTTP by hand: what a browser or a client would not let us send. */
public final class Spoken {
    private Spoken() {}

    /** All of the answer to this request, which has a host and closes its connection. */
    public static String to(int port, String method, String path, String host, String... headers) throws IOException {
        try (Socket socket = open(port)) {
            String request = method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n"
                    + String.join("", headers) + "\r\n";
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    /** A connection that has begun to say something. */
    public static Socket halfOpen(int port) throws IOException {
        Socket socket = open(port);
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: 127".getBytes(UTF_8));
        return socket;
    }

    private static Socket open(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        socket.setSoTimeout(60_000);
        return socket;
    }
}
