package io.tributary.doctor;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    private record Sample(String name, String labels, double value) {}

    private Metrics(List<Sample> samples) {
        this.samples = samples;
    }

    public static Metrics read(String url) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return parse(
                    HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while reading " + url).initCause(e);
        }
    }

    /** All samples of several endpoints. */
    static Metrics read(List<String> urls) throws IOException {
        List<Sample> all = new ArrayList<>();
        for (String url : urls) {
            all.addAll(read(url).samples);
        }
        return new Metrics(all);
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
        return new Metrics(samples);
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
