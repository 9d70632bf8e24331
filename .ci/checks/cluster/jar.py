"""What the job jar holds, and what its jobs leave in the JVMs of a cluster."""

import os
import re
import subprocess
import zipfile
from pathlib import Path

from ..kit.account import expect
from ..kit.paths import JAR


def expect_lean():
    with zipfile.ZipFile(JAR) as jar:
        names = jar.namelist()
    foreign = re.compile(
        r"(org/apache/flink/(?!connector/kafka/|connector/jdbc/|streaming/connectors/kafka/|streaming/util/serialization/).*\.class"
        r"|org/apache/log4j/|org/apache/logging/|org/slf4j/|ch/qos/logback/"
        r"|kafka/(server|log|cluster)/|org/apache/kafka/(controller|metadata|connect|raft|coordinator|storage)/"
        r"|org/apache/kafka/server/(?!$|authorizer/|policy/|quota/|telemetry/)"  # these four are the client's
        r"|io/debezium/|postgres-.*\.txz|io/tributary/local/|log4j2?\.(xml|properties))"
    )
    found = sorted(name for name in names if foreign.match(name))
    expect(
        not found,
        f"the jar ({JAR.stat().st_size / 1e6:.0f} MB, {len(names):,} entries) holds nothing of Flink, of a server or of a logger",
        f"{len(found)}: {', '.join(found[:5])}",
    )


def expect_licences():
    with zipfile.ZipFile(JAR) as jar:
        libraries = re.findall(r"^ +\((.+?)\) (.+) \(\S+:\S+:\S+ - ", jar.read("META-INF/THIRD-PARTY.txt").decode(), re.M)
        notices = "".join(jar.read(name).decode() for name in ("NOTICE", "META-INF/NOTICE", "META-INF/NOTICE.txt"))
    lacking = [name for name in ("Apache Flink", "Apache Hadoop", "Apache Kafka", "AWS SDK", "Jackson JSON") if name not in notices]
    unknown = [name for licence, name in libraries if "nknown" in licence]
    expect(
        len(libraries) > 50 and not unknown and not lacking,
        f"the licences of {len(libraries)} libraries are in the jar",
        f"{unknown} {lacking}",
    )


def jcmd(pid, command):
    tool = Path(os.environ["JAVA_HOME"]) / "bin" / "jcmd" if os.environ.get("JAVA_HOME") else "jcmd"
    return subprocess.run([str(tool), str(pid), command], text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60).stdout


def user_loaders(pid):
    """The class loaders of jobs that the JVM still holds."""
    return [
        line
        for line in jcmd(pid, "VM.classloader_stats").splitlines()
        if re.search(r"flink\.util\.(ChildFirstClassLoader|FlinkUserCodeClassLoaders\$ParentFirstClassLoader)", line)
    ]


def metaspace(pid):
    match = re.search(r"Metaspace +used (\d+)K", jcmd(pid, "GC.heap_info"))
    return f"{int(match[1]) // 1024} MB" if match else "?"
