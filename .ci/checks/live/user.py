"""Another user: the program and its jars where user nobody may read them, and a folder of nobody's for data."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from ..kit.demo import Demo
from ..kit.paths import HOME, RUN, TARGET, TRIBUTARY


class AnotherUser:
    """Where this is root; elsewhere all is another user's already."""

    def __init__(self):
        self.is_root = os.geteuid() == 0
        self.home = Path(tempfile.mkdtemp(prefix="tributary-user.")) if self.is_root else RUN

    def demo(self, rate, *options):
        if not self.is_root:
            return Demo(rate, *options)
        self.install()
        identity = subprocess.run(["id", "-g", "nobody"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
        prefix = ["setpriv", "--reuid=nobody", f"--regid={identity}", "--clear-groups", "env", f"HOME={self.home}"]
        return Demo(rate, *options, data=self.home / "data", program=self.home / "tributary", prefix=prefix)

    def install(self):
        """The class path names the Maven repository: the other user needs jars it may read."""
        for part in ("src", "modules", "debezium", "pipelines"):
            shutil.copytree(HOME / part, self.home / part)
        for part in (TRIBUTARY, HOME / "pom.xml"):
            shutil.copy(part, self.home)
        target, lib = self.home / "target", self.home / "jars"
        lib.mkdir()
        shutil.copytree(TARGET / "classes", target / "classes")
        shutil.copytree(TARGET / "plugins", target / "plugins")
        for name in ("classpath", "classpath-runtime"):
            jars = [Path(jar) for jar in (TARGET / name).read_text().strip().split(":")]
            for jar in jars:
                if not (lib / jar.name).exists():
                    shutil.copy(jar, lib)
            (target / name).write_text(":".join(str(lib / jar.name) for jar in jars))
        (target / "tributary.built").touch()
        subprocess.run(["chown", "-R", "nobody", self.home], check=True)
        subprocess.run(["chmod", "-R", "a+rX", self.home], check=True)

    def remove(self):
        if self.is_root:
            shutil.rmtree(self.home, ignore_errors=True)
