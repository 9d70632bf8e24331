"""A provider of somebody else's in Flink's lib: a jar of the toy sink's classes, without ours."""

import zipfile

from ..kit.account import expect, until
from ..kit.cluster import FLINK
from ..kit.paths import HOME, TARGET

SINKS = "  map: {name: of-a-stranger}\n"
SERVICES = "META-INF/services/io.tributary.sink.SinkProvider"


def put_into_lib():
    """Before the cluster starts."""
    classes = TARGET / "test-classes"
    with zipfile.ZipFile(FLINK / "lib" / "map-sink.jar", "w") as jar:
        for file in sorted((classes / "com/example/map").glob("Map*.class")):
            if "Test" not in file.name:
                jar.write(file, file.relative_to(classes))
        jar.write(HOME / "src/test/resources/doors" / SERVICES, SERVICES)


def expect_found(cluster, pipeline):
    job = cluster.submit(pipeline, 2).await_running()
    job.await_checkpoints(3)

    def taken():
        vertices = cluster.get(f"/jobs/{job.id}")["vertices"]
        return sum(vertex["metrics"]["read-records"] for vertex in vertices if "map: Committer" in vertex["name"])

    until("what its committer takes", lambda: taken() > 0, 30)
    expect(job.restarts() == 0, f"a provider in Flink's lib is found: its committer has taken {taken():,} parts", job.why())
    job.cancel()
