package io.tributary.doctor;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One reading of a Prometheus endpoint, in its text format. */
public final class Metrics {
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{.*})? (\\S+)(?: \\d+)?");
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final List<Sample> samples;
    /** By how many seconds the clock of each endpoint's process is ahead of this one's. */
    private final Map<String, Long> ahead;

    private record Sample(String name, String labels, double value) {}

    private Metrics(List<Sample> samples, Map<String, Long> ahead) {
        this.samples = samples;
        this.ahead = ahead;
    }

    public static Metrics read(String url) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            Map<String, Long> ahead = new TreeMap<>();
            answer.headers()
                    .firstValue("Date")
                    .flatMap(Metrics::time)
                    .ifPresent(time ->
                            ahead.put(url, Duration.between(Instant.now(), time).toSeconds()));
            return new Metrics(parse(answer.body()).samples, ahead);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while reading " + url).initCause(e);
        }
    }

    /** All samples of several endpoints. */
    static Metrics read(List<String> urls) throws IOException {
        List<Sample> all = new ArrayList<>();
        Map<String, Long> ahead = new TreeMap<>();
        for (String url : urls) {
            Metrics one = read(url);
            all.addAll(one.samples);
            ahead.putAll(one.ahead);
        }
        return new Metrics(all, ahead);
    }

    private static Optional<Instant> time(String date) {
        try {
            return Optional.of(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** By how many seconds the clock of each endpoint's process is ahead of this one's, where it tells its time; less than 0 if behind. */
    Map<String, Long> ahead() {
        return ahead;
    }

    static Metrics parse(String text) {
        List<Sample> samples = new ArrayList<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            Matcher matcher = SAMPLE.matcher(line);
            if (matcher.matches()) {
                String labels = matcher.group(2) == null ? "" : matcher.group(2);
                samples.add(new Sample(matcher.group(1), labels, Double.parseDouble(matcher.group(3))));
            }
        });
        return new Metrics(samples, Map.of());
    }

    /** Those of one job. */
    Metrics ofJob(String name) {
        String label = "job_name=\"" + name + "\"";
        return new Metrics(
                samples.stream().filter(sample -> sample.labels.contains(label)).toList(), ahead);
    }

    /** The sum over all series whose name ends so. */
    public long sum(String nameEnd) {
        return (long) samples.stream()
                .filter(sample -> sample.name.endsWith(nameEnd))
                .mapToDouble(Sample::value)
                .sum();
    }

    /** The sum by the value of a label, over all series whose name ends so. */
    public Map<String, Double> sums(String nameEnd, String label) {
        return byLabel(nameEnd, label, Double::sum);
    }

    /** The greatest value by the value of a label, over all series whose name ends so. */
    public Map<String, Double> byLabel(String nameEnd, String label) {
        return byLabel(nameEnd, label, Math::max);
    }

    private Map<String, Double> byLabel(String nameEnd, String label, BinaryOperator<Double> both) {
        Pattern value = Pattern.compile("[{,]" + label + "=\"((?:[^\"\\\\]|\\\\.)*)\"");
        Map<String, Double> values = new TreeMap<>();
        for (Sample sample : samples) {
            Matcher matcher = value.matcher(sample.labels);
            if (sample.name.endsWith(nameEnd) && matcher.find()) {
                values.merge(matcher.group(1), sample.value, both);
            }
        }
        return values;
    }

    /** The greatest value of all series whose name ends so. */
    public OptionalDouble max(String nameEnd) {
        return samples.stream()
                .filter(sample -> sample.name.endsWith(nameEnd))
                .mapToDouble(Sample::value)
                .max();
    }
}
