package io.tributary.local;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.tributary.http.ReadOnlyServer;
import io.tributary.http.ReadOnlyServer.Answer;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.util.Properties;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.prometheus.AbstractPrometheusReporter;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;
import org.jspecify.annotations.Nullable;

/** Flink's Prometheus reporter, which listens on all addresses, on this machine's own instead; the setting {@code port} is one port. */
public final class LoopbackReporterFactory implements MetricReporterFactory {
    @Override
    public MetricReporter createMetricReporter(Properties properties) {
        return new Reporter();
    }

    private static final class Reporter extends AbstractPrometheusReporter {
        private @Nullable ReadOnlyServer server;

        @Override
        public void open(MetricConfig config) {
            super.open(config);
            CollectorRegistry collectors = collectors();
            try {
                server = ReadOnlyServer.listen(config.getInteger("port", 0), "metrics", path -> text(collectors));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot show metrics: " + e.getMessage(), e);
            }
        }

        /** The superclass keeps it from other packages. */
        private CollectorRegistry collectors() {
            try {
                Field field = AbstractPrometheusReporter.class.getDeclaredField("registry");
                field.setAccessible(true);
                return (CollectorRegistry) field.get(this);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("another version of Flink's reporter", e);
            }
        }

        private static Answer text(CollectorRegistry collectors) throws IOException {
            StringWriter text = new StringWriter();
            TextFormat.write004(text, collectors.metricFamilySamples());
            return Answer.of(TextFormat.CONTENT_TYPE_004, text.toString());
        }

        @Override
        public void close() {
            if (server != null) {
                server.close();
            }
            super.close();
        }
    }
}
