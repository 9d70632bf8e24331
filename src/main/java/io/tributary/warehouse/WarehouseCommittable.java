package io.tributary.warehouse;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** What one checkpoint adds to the warehouse: first a writer's part, then, gathered, all of it. */
record WarehouseCommittable(long checkpointId, List<StagedRows> tables) {
    static WarehouseCommittable gathered(long checkpointId, List<WarehouseCommittable> parts) {
        return new WarehouseCommittable(
                checkpointId,
                parts.stream().flatMap(part -> part.tables().stream()).toList());
    }

    /** As JSON: it holds no rows. */
    static final class Serializer implements SimpleVersionedSerializer<WarehouseCommittable> {
        private static final int VERSION = 1;
        private static final ObjectMapper JSON = new ObjectMapper();

        @Override
        public int getVersion() {
            return VERSION;
        }

        @Override
        public byte[] serialize(WarehouseCommittable committable) throws IOException {
            return JSON.writeValueAsBytes(committable);
        }

        @Override
        public WarehouseCommittable deserialize(int version, byte[] serialized) throws IOException {
            if (version != VERSION) {
                throw new IOException(
                        "cannot read a warehouse committable of version " + version + ": this build reads " + VERSION);
            }
            return JSON.readValue(serialized, WarehouseCommittable.class);
        }
    }
}
