package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.tributary.Pure;
import io.tributary.lake.ObjectStore.Answer;
import io.tributary.local.Ports;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store that cannot be asked is said to be. What MinIO answers: {@code .ci/check lake}. */
@Pure
class ObjectStoreTest {
    private static final char[] PASSWORD = "password".toCharArray();

    private static ObjectStore.Reply ask(int port) {
        S3Settings settings =
                new S3Settings("https://127.0.0.1:" + port, "us-east-1", true, "key", "a secret of the store", null);
        try (ObjectStore store = new ObjectStore("s3://lake/x", settings)) {
            return store.ask();
        }
    }

    @Test
    void aCertificateOfItsOwnIsNotTrusted(@TempDir Path folder) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context(folder.resolve("store.p12"))));
        server.start();
        try {
            ObjectStore.Reply reply = ask(server.getAddress().getPort());
            assertThat(reply.answer()).isEqualTo(Answer.UNTRUSTED);
            assertThat(reply.message()).contains("certification path").doesNotContain("secret");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void whereNothingListensItIsUnreachable() throws Exception {
        assertThat(ask(Ports.free(29_000)).answer()).isEqualTo(Answer.UNREACHABLE);
    }

    private static SSLContext context(Path file) throws Exception {
        Path log = file.resolveSibling("keytool.log");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "store",
                        "-dname",
                        "CN=127.0.0.1",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(keytool.waitFor()).as(() -> log.toString()).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}
