"""Flink as its users download it, put together from the package index; run by .ci/install.sh: distribution.py CACHE."""

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

VERSION = "2.2.0"


def fetch(wheels: Path, python: str) -> None:
    """Two packages; of the platform's one, only scripts are taken, so any will do."""
    download = [python, "-m", "pip", "download", "-q", "--no-deps", "--dest", str(wheels), "--only-binary=:all:"]
    platform = ["--python-version=3.11", "--platform=manylinux2014_x86_64"]
    subprocess.run([*download, *platform, f"apache-flink=={VERSION}"], check=True)
    libraries = f"apache-flink-libraries=={VERSION}"
    if subprocess.run([*download, libraries], stderr=subprocess.DEVNULL).returncode != 0:  # there it is as a source package
        build = [python, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", str(wheels), libraries]
        subprocess.run(build, check=True)


def unpack(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            match = re.fullmatch(r"pyflink/((bin|lib|opt|plugins|conf)/.*[^/])", name)
            if match:
                target = folder / match[1]
                target.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(name) as source, target.open("wb") as out:
                    shutil.copyfileobj(source, out)


def main(folder: Path) -> None:
    if (folder / "complete").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as wheels:
        fetch(Path(wheels), sys.executable)
        for wheel in Path(wheels).glob("apache_flink*.whl"):
            unpack(wheel, folder)
    for script in (folder / "bin").iterdir():
        script.chmod(0o755)
    (folder / "complete").touch()


if __name__ == "__main__":
    main(Path(sys.argv[1]) / f"flink-{VERSION}")
