package io.tributary.lake;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.LifecycleRule;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** The bucket of a lake, looked at from outside. */
public final class ObjectStore implements AutoCloseable {
    /** All attempts together: one that stands still must not hold who asks. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final String RULE = "tributary-orphan-uploads";
    private static final int ORPHAN_DAYS = 7;
    private static final int NOT_FOUND = 404;

    private final S3Settings settings;
    private final S3Client s3;
    private final String bucket;
    private boolean isMinio;

    /** @param lake a URI of an object store */
    public ObjectStore(String lake, S3Settings settings) {
        this.settings = settings;
        this.s3 = settings.client();
        String rest = lake.substring(lake.indexOf("://") + 3);
        int slash = rest.indexOf('/');
        this.bucket = slash < 0 ? rest : rest.substring(0, slash);
    }

    /** Whether a lake is in an object store. */
    public static boolean isOne(String lake) {
        return LogFiles.isObjectStore(lake);
    }

    /** What the store says to a request. */
    public enum Answer {
        WELL,
        /** Nothing answers. */
        UNREACHABLE,
        /** Something answers, and its certificate is not trusted. */
        UNTRUSTED,
        /** There are no keys to ask with. */
        NO_KEYS,
        UNKNOWN_KEY,
        WRONG_SECRET,
        /** This machine's clock is too far off. */
        WRONG_TIME,
        NO_BUCKET,
        WRONG_REGION,
        DENIED,
        /** It takes no more requests just now. */
        BUSY,
        OTHER
    }

    /**
     * How it was answered.
     *
     * @param message in the store's own words; empty if all is well
     * @param skew how far our clock is ahead of the store's, to the second
     */
    public record Reply(Answer answer, String message, Duration skew) {}

    /** Asks for what is in the bucket. */
    public Reply ask() {
        try {
            ListObjectsV2Response all = s3.listObjectsV2(
                    r -> r.bucket(bucket).maxKeys(1).overrideConfiguration(c -> c.apiCallTimeout(PATIENCE)));
            isMinio = all.sdkHttpResponse()
                    .firstMatchingHeader("Server")
                    .orElse("")
                    .startsWith("MinIO");
            return new Reply(
                    Answer.WELL,
                    "",
                    skew(all.sdkHttpResponse().firstMatchingHeader("Date").orElse("")));
        } catch (S3Exception e) {
            String code = e.awsErrorDetails() == null
                    ? ""
                    : String.valueOf(e.awsErrorDetails().errorCode());
            String date = e.awsErrorDetails() == null || e.awsErrorDetails().sdkHttpResponse() == null
                    ? ""
                    : e.awsErrorDetails()
                            .sdkHttpResponse()
                            .firstMatchingHeader("Date")
                            .orElse("");
            return new Reply(answer(code), firstLine(e), skew(date));
        } catch (SdkClientException e) {
            boolean noKeys = String.valueOf(e.getMessage()).contains("credentials");
            return noKeys
                    ? new Reply(
                            Answer.NO_KEYS,
                            "neither the environment nor a profile nor the instance has any",
                            Duration.ZERO)
                    : new Reply(isUntrusted(e) ? Answer.UNTRUSTED : Answer.UNREACHABLE, firstLine(e), Duration.ZERO);
        }
    }

    private static boolean isUntrusted(Throwable error) {
        return Stream.iterate(error, Objects::nonNull, Throwable::getCause)
                .anyMatch(SSLHandshakeException.class::isInstance);
    }

    private static Answer answer(String code) {
        return switch (code) {
            case "InvalidAccessKeyId" -> Answer.UNKNOWN_KEY;
            case "SignatureDoesNotMatch" -> Answer.WRONG_SECRET;
            case "RequestTimeTooSkewed" -> Answer.WRONG_TIME;
            case "NoSuchBucket" -> Answer.NO_BUCKET;
            case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException" ->
                Answer.WRONG_REGION;
            case "AccessDenied", "AllAccessDisabled" -> Answer.DENIED;
            case "SlowDown", "ServiceUnavailable", "TooManyRequests" -> Answer.BUSY;
            default -> Answer.OTHER;
        };
    }

    private static String firstLine(Exception e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return message.lines().findFirst().orElse("").replaceAll(" \\(Service: .*", "");
    }

    private static Duration skew(String date) {
        if (date.isEmpty()) {
            return Duration.ZERO;
        }
        Instant theirs =
                ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        return Duration.ofSeconds(Duration.between(theirs, Instant.now()).toSeconds());
    }

    public String bucket() {
        return bucket;
    }

    /** Where it is and with which key it is asked: never with the secret. */
    public String place() {
        return settings.toString();
    }

    /** Makes the bucket. */
    public void create() {
        s3.createBucket(r -> r.bucket(bucket));
    }

    /** Whether the store deletes uploads that a failure has left unfinished: MinIO by itself, after a day. */
    public boolean endsOrphans() {
        return isMinio
                || rules().stream()
                        .anyMatch(rule -> rule.status() == ExpirationStatus.ENABLED
                                && rule.abortIncompleteMultipartUpload() != null);
    }

    /** Has the store delete uploads that are unfinished after seven days; what rules there are stay. */
    public void endOrphans() {
        List<LifecycleRule> rules = new ArrayList<>(rules());
        rules.add(LifecycleRule.builder()
                .id(RULE)
                .status(ExpirationStatus.ENABLED)
                .filter(filter -> filter.prefix(""))
                .abortIncompleteMultipartUpload(abort -> abort.daysAfterInitiation(ORPHAN_DAYS))
                .build());
        s3.putBucketLifecycleConfiguration(
                r -> r.bucket(bucket).lifecycleConfiguration(configuration -> configuration.rules(rules)));
    }

    private List<LifecycleRule> rules() {
        try {
            return s3.getBucketLifecycleConfiguration(r -> r.bucket(bucket)).rules();
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND) {
                return List.of();
            }
            throw e;
        }
    }

    /** Whether an object that is there is not overwritten by one that is to be put if it is absent. */
    public boolean putsIfAbsent(String lake) throws IOException {
        return LogFiles.putsIfAbsent(lake);
    }

    @Override
    public void close() {
        s3.close();
    }
}
