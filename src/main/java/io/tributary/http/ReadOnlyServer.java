package io.tributary.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Answers GET. A request that is not whole after five seconds, or an answer that is not taken within thirty, ends its connection: at most
 * {@value #CONNECTIONS} of them are held at a time, by one thread each.
 */
public final class ReadOnlyServer implements AutoCloseable {
    private static final int CONNECTIONS = 256;
    private static final long IDLE_SECONDS = 30;
    private static final int QUEUE = 64;

    static { // the JDK reads them once; times are in seconds
        System.setProperty("jdk.httpserver.maxConnections", String.valueOf(CONNECTIONS));
        System.setProperty("sun.net.httpserver.maxReqTime", "5");
        System.setProperty("sun.net.httpserver.maxRspTime", "30");
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final InetSocketAddress address;

    /** What a path has. */
    public interface Pages {
        Answer get(String path) throws IOException;
    }

    /**
     * An answer.
     *
     * @param type its media type
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Answer(int status, String type, byte[] body) {
        public static Answer of(String type, String text) {
            return new Answer(200, type, text.getBytes(StandardCharsets.UTF_8));
        }

        public static Answer refusal(int status, String reason) {
            return new Answer(status, "text/plain; charset=utf-8", reason.getBytes(StandardCharsets.UTF_8));
        }
    }

    private ReadOnlyServer(InetSocketAddress address, String name, Pages pages) throws IOException {
        this.address = address;
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                CONNECTIONS, CONNECTIONS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        threads = pool;
        server = HttpServer.create(address, QUEUE);
        server.setExecutor(threads);
        server.createContext("/", exchange -> serve(exchange, pages));
        server.start();
    }

    /**
     * Listens until it is closed.
     *
     * @param name of its threads
     * @throws IOException if the address cannot be listened on
     */
    public static ReadOnlyServer listen(InetSocketAddress address, String name, Pages pages) throws IOException {
        return new ReadOnlyServer(address, name, pages);
    }

    /** The same on this machine's own address. */
    public static ReadOnlyServer listen(int port, String name, Pages pages) throws IOException {
        byte[] loopback = {127, 0, 0, 1};
        return listen(new InetSocketAddress(InetAddress.getByAddress(loopback), port), name, pages);
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private void serve(HttpExchange exchange, Pages pages) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange, pages);
            exchange.getResponseHeaders().set("Content-Type", answer.type);
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
            exchange.getResponseHeaders()
                    .set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'");
            boolean headOnly = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(answer.status, headOnly || answer.body.length == 0 ? -1 : answer.body.length);
            if (!headOnly) {
                exchange.getResponseBody().write(answer.body);
            }
        }
    }

    private Answer answer(HttpExchange exchange, Pages pages) throws IOException {
        if (!Hosts.isAnswered(exchange.getRequestHeaders().getFirst("Host"), address)) {
            return Answer.refusal(403, "only for this machine");
        }
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return Answer.refusal(405, "only GET");
        }
        return pages.get(exchange.getRequestURI().getPath());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
