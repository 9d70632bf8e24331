"""The job jar's licences: what each library in it brings is there, whole, and what brings none is named with its own."""

import re
import zipfile
from pathlib import Path

from ..kit.account import expect
from ..kit.paths import HOME, TARGET

LICENCE = re.compile(r"(^|/)(licen[cs]e|notice|copying|copyright)[^/]*$|^META-INF/(AL2|LGPL)", re.IGNORECASE)
NAMED = "META-INF/LICENSES-OF-OTHERS.txt"


def main(_):
    jar = zipfile.ZipFile(TARGET / "tributary.jar")
    names = set(jar.namelist())
    whole = plain(b"\n".join(jar.read(name) for name in names if LICENCE.search(name) and not name.endswith((".class", "/"))))
    listed = (line for line in jar.read(NAMED).decode().splitlines() if line.startswith("  ") and not line.startswith("  *"))
    named = "\n".join(listed)
    lost, silent, seen = [], [], 0
    for path in map(Path, (TARGET / "classpath-runtime").read_text().strip().split(":")):
        library = zipfile.ZipFile(path)
        if not any(name in names for name in library.namelist() if name.endswith(".class") and "module-info" not in name):
            continue  # of the cluster, or left out
        seen += 1
        files = [name for name in library.namelist() if LICENCE.search(name) and not name.endswith((".class", "/"))]
        lost += [f"{path.name}: {name}" for name in files if plain(library.read(name)) not in whole]
        artifact = re.sub(r"-\d.*", "", path.name)
        if not files and not re.search(rf"(^|[\s,]){re.escape(artifact)}([\s,]|$)", named):
            silent.append(artifact)
    expect(seen > 50 and not lost, f"what {seen} libraries say of their licences is in the job jar", "; ".join(lost))
    expect(not silent, f"those that say nothing are in {NAMED}", ", ".join(silent))
    for file in ("LICENSE", "NOTICE"):
        expect(plain((HOME / file).read_bytes()) in plain(jar.read(f"META-INF/{file}")), f"so is our {file}", "it is not")


def plain(text):
    return re.sub(rb"\s+", b" ", text).strip()
