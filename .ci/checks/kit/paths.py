"""Where things are. A check keeps what it makes below RUN; what is fetched is kept in CACHE, for later clones."""

import os
from pathlib import Path

HOME = Path(__file__).resolve().parents[3]
TARGET = HOME / "target"
JAR = TARGET / "tributary.jar"
TRIBUTARY = HOME / "tributary"
CHECKS = TARGET / "checks"
NAME = os.environ.get("TRIBUTARY_CHECK", "check")
RUN = CHECKS / NAME
LOG = RUN / "log"
CACHE = Path(os.environ.get("TRIBUTARY_CACHE") or Path.home() / ".cache" / "tributary")
BIN = CACHE / "bin"
NODE = Path(os.environ.get("TRIBUTARY_NODE") or CACHE / "node")
