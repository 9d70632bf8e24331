package io.tributary.lake;

import io.tributary.Server;
import io.tributary.change.TableName;
import io.tributary.sink.FencedSinkConformance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.util.FileUtils;

@Server
class FencedLakeTest extends FencedSinkConformance {
    private Path lake() {
        return folder.resolve(name);
    }

    @Override
    protected int ports() {
        return 30_292;
    }

    @Override
    protected String sinks() {
        return "lake: {path: '" + lake() + "', current: {every: 100ms}}";
    }

    @Override
    protected List<String> rows(String table) throws IOException {
        List<String> rows = new ArrayList<>();
        LakeReader lake = new LakeReader("file:" + lake());
        TableName of = new TableName("public", table);
        if (lake.has(of)) {
            lake.forEach(of, row -> rows.add(("c".equals(row.get("_op")) ? "CREATE " : "OTHER ") + row.get("_offset")));
        }
        return rows;
    }

    @Override
    protected Stream<LakeStep> steps() {
        return Stream.of(LakeStep.values());
    }

    @Override
    protected void keep() throws IOException {
        copy(lake(), folder.resolve("kept"));
    }

    @Override
    protected void goBack() throws IOException {
        copy(folder.resolve("kept"), lake());
    }

    private static void copy(Path from, Path to) throws IOException {
        FileUtils.deleteDirectory(to.toFile());
        FileUtils.copy(
                new org.apache.flink.core.fs.Path(from.toUri()), new org.apache.flink.core.fs.Path(to.toUri()), false);
    }
}
