package io.tributary.lake;

import io.tributary.flow.ConfigException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * How an object store is reached: as Flink's own {@code s3.*} settings say, so that logs and data files go the same way, and
 * where they say nothing, as the environment tells AWS's tools.
 *
 * @param endpoint null for AWS itself
 * @param region null to ask AWS's own chain of profile and instance
 * @param accessKey null to ask AWS's own chain of environment, profile and instance
 * @see <a href="https://nightlies.apache.org/flink/flink-docs-release-2.2/docs/deployment/filesystems/s3/">Flink's settings</a>
 */
public record S3Settings(
        @Nullable String endpoint,
        @Nullable String region,
        boolean pathStyle,
        @Nullable String accessKey,
        @Nullable String secretKey,
        @Nullable String sessionToken) {
    private static final List<String> PREFIXES = List.of("s3.", "s3a.", "fs.s3a.");
    /** Of stores that have none every client still signs for one. */
    private static final String NO_REGION = "us-east-1";

    /** As this process was told. */
    public static S3Settings ofProcess() {
        return of(GlobalConfiguration.loadConfiguration(), System.getenv());
    }

    static S3Settings of(Configuration flink, Map<String, String> environment) {
        String endpoint = first(
                flink(flink, "endpoint"),
                environment(environment, "AWS_ENDPOINT_URL_S3", "aws.endpointUrlS3"),
                environment(environment, "AWS_ENDPOINT_URL", "aws.endpointUrl"));
        String region = first(
                flink(flink, "endpoint.region"),
                environment(environment, "AWS_REGION", "aws.region"),
                environment.get("AWS_DEFAULT_REGION"),
                endpoint == null ? null : NO_REGION);
        String pathStyle = first(flink(flink, "path.style.access"), flink(flink, "path-style-access"));
        return new S3Settings(
                endpoint == null || endpoint.contains("://") ? endpoint : "https://" + endpoint,
                region,
                pathStyle == null ? endpoint != null : Boolean.parseBoolean(pathStyle),
                first(flink(flink, "access-key"), flink(flink, "access.key")),
                first(flink(flink, "secret-key"), flink(flink, "secret.key")),
                first(flink(flink, "session-token"), flink(flink, "session.token")));
    }

    private static @Nullable String first(@Nullable String... values) {
        for (String value : values) {
            if (value != null && !value.isBlank()) {
                return value;
            }
        }
        return null;
    }

    private static @Nullable String flink(Configuration flink, String name) {
        for (String prefix : PREFIXES) {
            String value = flink.getString(prefix + name, null);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    private static @Nullable String environment(Map<String, String> environment, String variable, String property) {
        return first(System.getProperty(property), environment.get(variable));
    }

    /** The same as settings of a Flink in this process; keys of AWS's own chain are left to that of its plugin. */
    public Configuration toFlink() {
        Configuration flink = new Configuration();
        set(flink, "s3.endpoint", endpoint);
        set(flink, "s3.endpoint.region", region);
        flink.setString("s3.path.style.access", String.valueOf(pathStyle));
        set(flink, "s3.access-key", first(accessKey, System.getProperty("aws.accessKeyId")));
        set(flink, "s3.secret-key", first(secretKey, System.getProperty("aws.secretAccessKey")));
        return flink;
    }

    private static void set(Configuration flink, String name, @Nullable String value) {
        if (value != null) {
            flink.setString(name, value);
        }
    }

    S3Client client() {
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .forcePathStyle(pathStyle)
                .credentialsProvider(credentials())
                // stores other than AWS need not know the newer checksums
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(service -> service.expectContinueEnabled(false));
        if (endpoint != null) {
            builder = builder.endpointOverride(URI.create(endpoint));
        }
        return builder.region(region == null ? ofAws() : Region.of(region)).build();
    }

    private static Region ofAws() {
        try {
            return DefaultAwsRegionProviderChain.builder().build().getRegion();
        } catch (SdkClientException e) {
            throw new ConfigException(
                    "AWS_REGION must be set, or s3.endpoint.region of the cluster; or AWS_ENDPOINT_URL, or"
                            + " s3.endpoint, for a store that is not of AWS");
        }
    }

    private AwsCredentialsProvider credentials() {
        if (accessKey == null || secretKey == null) {
            return DefaultCredentialsProvider.builder().build();
        }
        AwsCredentials keys = sessionToken == null
                ? AwsBasicCredentials.create(accessKey, secretKey)
                : AwsSessionCredentials.create(accessKey, secretKey, sessionToken);
        return StaticCredentialsProvider.create(keys);
    }

    // the secret is never printed
    @Override
    public String toString() {
        return (endpoint == null ? "AWS" : endpoint)
                + (region == null ? "" : ", region " + region)
                + (pathStyle ? ", path style" : "")
                + (accessKey == null ? ", keys of AWS's chain" : ", key " + accessKey);
    }
}
