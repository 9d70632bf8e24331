"""The job of the workload, in processes that die, one after another."""

import os
import subprocess

from ..kit.account import Failed, until
from ..kit.java import classpath, command
from ..kit.paths import LOG
from ..kit.processes import processes


class Job:
    """The job in processes that die, one after another."""

    def __init__(self, pipeline, minio):
        os.environ["CLASSPATH"] = classpath()
        self.pipeline, self.minio = pipeline, minio
        self.process, self.runs = None, 0

    def main(self, *arguments, log):
        return command("io.tributary.lake.WorkloadJob", *arguments, log=log)

    def start(self, parallelism=2, dies="", path=None):
        self.runs += 1
        restore = [path] if path else []
        line = self.main("run", self.pipeline, "s3://lake/w-job", parallelism, dies, *restore, log=f"job-{self.runs}.log")
        self.process = processes.start(f"job-{self.runs}", line, stdin=subprocess.PIPE)

    def output(self):
        return (LOG / f"job-{self.runs}.out").read_text(errors="replace")

    def log(self):
        log = LOG / f"job-{self.runs}.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def said(self, word):
        for line in self.output().splitlines():
            if line.startswith(word):
                return line[len(word) :].strip()
        return ""

    def await_death(self, seconds=240):
        """Until it died as it was told to; what it said last."""
        until("the job dies", lambda: self.process.poll() is not None, seconds)
        processes.forget(self.process)
        if self.process.returncode != 137:
            raise Failed(f"the job ended by itself: {self.output()[-3000:]}")
        return self.said("dies at")

    def kill(self):
        if self.process.poll() is not None:
            raise Failed(f"the job ended by itself: {self.output()[-3000:]}")
        processes.kill(self.process)

    def tell(self, command):
        self.process.stdin.write((command + "\n").encode())
        self.process.stdin.flush()

    def savepoint(self, command="savepoint"):
        self.tell(command)
        path = until("a savepoint", lambda: self.said("savepoint"), 120)
        if command == "stop":
            self.process.wait(60)
            processes.forget(self.process)
        return path

    def snapshots(self):
        """All complete checkpoints and savepoints, the newest last."""
        found = [(item["LastModified"], item["Key"]) for item in self.minio.objects("w-job/") if item["Key"].endswith("/_metadata")]
        return ["s3://lake/" + key.removesuffix("/_metadata") for _, key in sorted(found)]

    def await_checkpoints(self, number, seconds=120):
        """Complete checkpoints of this process."""

        def completed():
            return self.log().count("] Completed checkpoint ")

        first = completed()
        until(f"{number} checkpoints", lambda: completed() >= first + number, seconds, pause=1)
