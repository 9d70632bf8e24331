package io.tributary.flow;

import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.Fact;
import io.tributary.change.PartRow;
import io.tributary.change.RawRecord;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/** The type information of a class with a serializer of its own: nothing of the stream goes through Kryo. */
public final class StreamType<T> extends TypeInformation<T> {
    public static final TypeInformation<Event> EVENT = new StreamType<>(Event.class, EventSerializer::new);
    public static final TypeInformation<Fact> FACT = new StreamType<>(Fact.class, FactSerializer::new);
    public static final TypeInformation<PartRow> PART_ROW = new StreamType<>(PartRow.class, PartRowSerializer::new);
    public static final TypeInformation<Change> CHANGE = new StreamType<>(Change.class, ChangeSerializer::new);
    public static final TypeInformation<RawRecord> RAW_RECORD =
            new StreamType<>(RawRecord.class, RawRecordSerializer::new);
    public static final TypeInformation<Tally> TALLY = new StreamType<>(Tally.class, SentTallySerializer::new);
    public static final TypeInformation<Measure> MEASURE = new StreamType<>(Measure.class, MeasureSerializer::new);
    /** Where operators send what they measure beside their own output. */
    public static final OutputTag<Measure> MEASURES = new OutputTag<>("measures", MEASURE);

    /** {@link Supplier}, serializable. */
    public interface SerializerFactory<T> extends Supplier<TypeSerializer<T>>, java.io.Serializable {}

    private final Class<T> type;
    private final SerializerFactory<T> serializer;

    /** The type of a class that belongs to one room. */
    public static <T> TypeInformation<T> of(Class<T> type, SerializerFactory<T> serializer) {
        return new StreamType<>(type, serializer);
    }

    private StreamType(Class<T> type, SerializerFactory<T> serializer) {
        this.type = type;
        this.serializer = serializer;
    }

    @Override
    public boolean isBasicType() {
        return false;
    }

    @Override
    public boolean isTupleType() {
        return false;
    }

    @Override
    public int getArity() {
        return 1;
    }

    @Override
    public int getTotalFields() {
        return 1;
    }

    @Override
    public Class<T> getTypeClass() {
        return type;
    }

    @Override
    public boolean isKeyType() {
        return false;
    }

    @Override
    public TypeSerializer<T> createSerializer(SerializerConfig config) {
        return serializer.get();
    }

    @Override
    public String toString() {
        return type.getSimpleName();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StreamType<?> that && type == that.type;
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(type);
    }

    @Override
    public boolean canEqual(@Nullable Object other) {
        return other instanceof StreamType;
    }
}
