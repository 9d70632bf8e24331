package io.tributary.lake;

import io.tributary.change.Reached;
import io.tributary.flow.Shown;
import io.tributary.flow.UnreachableException;
import io.tributary.sink.Examination;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import software.amazon.awssdk.core.exception.SdkException;

/** The folder or bucket of the lake, and whether it can be written. */
final class LakeExamination {
    private static final long GIGABYTE = 1L << 30;
    /** A store refuses requests from a clock that is a quarter of an hour off. */
    private static final Duration MOST_SKEW = Duration.ofMinutes(15);

    private static final Duration MUCH_SKEW = Duration.ofMinutes(1);

    private final LakeSettings lake;
    private final Examination to;

    LakeExamination(LakeSettings lake, Examination to) {
        this.lake = lake;
        this.to = to;
    }

    void look() {
        if (ObjectStore.isOne(lake.uri())) {
            try (ObjectStore store = new ObjectStore(lake.uri(), S3Settings.ofProcess())) {
                bucket(store);
            }
        } else {
            folder(Path.of(URI.create(lake.uri().replace(" ", "%20")).getPath()));
        }
    }

    private void folder(Path folder) {
        if (!Files.isDirectory(folder)) {
            to.wrong(
                    "the lake at " + lake.path() + " is not there",
                    "mkdir -p " + folder + "; or say where it is: --lake or LAKE_PATH, or --config",
                    () -> Files.createDirectories(folder));
            return;
        }
        if (write()) {
            try {
                long free = Files.getFileStore(folder).getUsableSpace();
                if (free < GIGABYTE) {
                    to.warning(
                            "%d MiB are free in %s".formatted(free >> 20, folder),
                            "make room: the job waits while it cannot write");
                }
            } catch (IOException e) {
                to.warning("cannot tell how much is free in " + folder + ": " + Shown.message(e), "look with df");
            }
        }
    }

    /** Whether the lake can be written. */
    private boolean write() {
        try {
            LakeProbe.check(lake);
            Map<String, Reached> reached = LakeProbe.reached(lake);
            int tables = reached.size();
            to.ok("the lake at " + lake.path() + " can be written; " + tables + (tables == 1 ? " table" : " tables")
                    + " in the history");
            to.reached("the lake's table", reached);
            return true;
        } catch (UnreachableException e) {
            to.wrong(Shown.message(e), "give the user that runs the job the right to write, list and delete there");
            return false;
        }
    }

    private void bucket(ObjectStore store) {
        ObjectStore.Reply reply = store.ask();
        String place = "the store (" + store.place() + ")";
        String keys = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or s3.access-key and s3.secret-key of the cluster";
        switch (reply.answer()) {
            case WELL -> to.ok(place + " has the bucket " + store.bucket());
            case UNREACHABLE ->
                to.wrong(
                        place + " does not answer: " + reply.message(),
                        "start it, or say where it is: AWS_ENDPOINT_URL, or s3.endpoint of the cluster");
            case UNTRUSTED ->
                to.wrong(
                        "the certificate of " + place + " is not trusted: " + reply.message(),
                        "TRIBUTARY_JAVA_OPTS=-Djavax.net.ssl.trustStore=FILE, or env.java.opts.all of the cluster, with a store that has it (keytool -importcert)");
            case NO_KEYS -> to.wrong("there are no keys for " + place + ": " + reply.message(), "set " + keys);
            case UNKNOWN_KEY -> to.wrong(place + " does not know the key", "mend the first of " + keys);
            case WRONG_SECRET -> to.wrong("the secret is not the key's: " + place, "mend the second of " + keys);
            case WRONG_TIME ->
                to.wrong(
                        "this machine's clock is %d s ahead of that of %s, which refuses it"
                                .formatted(reply.skew().toSeconds(), place),
                        "timedatectl set-ntp true, on the machine that is wrong");
            case NO_BUCKET ->
                to.wrong(
                        place + " has no bucket " + store.bucket(),
                        "aws s3api create-bucket --bucket " + store.bucket(),
                        store::create);
            case WRONG_REGION ->
                to.wrong(
                        "the bucket " + store.bucket() + " is in another region: " + reply.message(),
                        "set AWS_REGION, or s3.endpoint.region of the cluster");
            case DENIED ->
                to.wrong(
                        "the key may not list the bucket " + store.bucket() + ": " + place,
                        "give it s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject and"
                                + " s3:AbortMultipartUpload there");
            case BUSY ->
                to.wrong(
                        place + " takes no more requests: " + reply.message(),
                        "the job tries again; if it stays so, fewer of them: a longer execution.checkpointing.interval, and"
                                + " sinks.lake.current.every");
            case OTHER -> to.wrong(place + ": " + reply.message(), "mend it, or the bucket's name");
        }
        if (reply.answer() != ObjectStore.Answer.WELL) {
            return;
        }
        String skew = "this machine's clock is %d s ahead of that of the store"
                .formatted(reply.skew().toSeconds());
        String remedy = "timedatectl set-ntp true, on the machine that is wrong";
        if (reply.skew().abs().compareTo(MOST_SKEW) > 0) {
            to.wrong(skew, remedy); // some clients make up for it, others are refused
        } else if (reply.skew().abs().compareTo(MUCH_SKEW) > 0) {
            to.warning(skew, remedy + ": at 900 s the store refuses it");
        }
        if (write()) {
            orphans(store);
        }
    }

    private void orphans(ObjectStore store) {
        try {
            if (store.endsOrphans()) {
                to.ok("uploads that a failure leaves unfinished are deleted by the store");
            } else {
                to.warning(
                        "uploads that a failure leaves unfinished stay, and cost",
                        "a lifecycle rule with AbortIncompleteMultipartUpload for the bucket " + store.bucket(),
                        store::endOrphans);
            }
        } catch (SdkException e) {
            to.warning(
                    "cannot tell whether unfinished uploads are deleted: " + Shown.message(e),
                    "give the key s3:GetLifecycleConfiguration, or look yourself");
        }
    }
}
