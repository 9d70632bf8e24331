package io.tributary.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.flow.Measure.Kind;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Pure
class MeasureSerializerTest {
    static Stream<Measure> measures() {
        return Stream.of(
                Measure.count(Kind.ARRIVED, "payments", List.of("Ørsta \u0000 😀"), -3),
                new Measure(
                        new Measure.Name(Kind.AMOUNT, "m", List.of("a", "", "c")),
                        Long.MAX_VALUE,
                        new BigDecimal("-12345678901234567890123456789.0987654321"),
                        Long.MIN_VALUE,
                        7),
                new Measure(new Measure.Name(Kind.HEARTBEAT, "cdc", List.of()), 0, new BigDecimal("1E+30"), 1, 2));
    }

    @ParameterizedTest
    @MethodSource("measures")
    void aMeasureComesBackAsItWas(Measure measure) throws IOException {
        MeasureSerializer serializer = new MeasureSerializer();
        DataOutputSerializer out = new DataOutputSerializer(16);
        serializer.serialize(measure, out);
        DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());

        assertThat(serializer.deserialize(in)).isEqualTo(measure);
        assertThat(in.available()).isZero();
    }

    /** The kinds are in savepoints by their place. */
    @Test
    void theKindsKeepTheirPlaces() {
        assertThat(Kind.values())
                .containsExactly(
                        Kind.CHANGES,
                        Kind.NEWEST,
                        Kind.HEARTBEAT,
                        Kind.WINDOW,
                        Kind.LATE,
                        Kind.ARRIVED,
                        Kind.VOLUME,
                        Kind.AMOUNT,
                        Kind.BUCKET,
                        Kind.CURRENT,
                        Kind.UNUSABLE,
                        Kind.CURRENCY,
                        Kind.DEFINITION,
                        Kind.METER);
    }
}
