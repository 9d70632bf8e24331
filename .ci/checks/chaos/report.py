"""What the faults were, and how long it took to be as before."""

import dataclasses
import time
from collections import defaultdict

from ..kit.paths import CHECKS


@dataclasses.dataclass
class Fault:
    kind: str
    round: int
    began: float = dataclasses.field(default_factory=time.time)  # of the wall clock, as the other two
    ended: float = 0.0
    recovery: float | None = None  # seconds until a change made at its end is counted, after a complete checkpoint
    others: set = dataclasses.field(default_factory=set)  # kinds that were there meanwhile
    said: str = ""


class Report:
    def __init__(self):
        self.faults: list[Fault] = []

    def table(self):
        """By kind; seconds of recovery, of all and of those that were alone."""
        kinds = defaultdict(list)
        for fault in self.faults:
            kinds[fault.kind].append(fault)
        lines = ["", "| fault | times | recovery p50 | p99 | alone | p50 | p99 |", "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
        for kind, faults in sorted(kinds.items()):
            lines.append(self.row(f"`{kind}`", faults))
        lines.append(self.row("**all**", self.faults))
        text = "\n".join(lines)
        CHECKS.mkdir(parents=True, exist_ok=True)
        (CHECKS / "chaos.md").write_text(text + "\n")
        return text

    @staticmethod
    def row(title, faults):
        def of(some):
            times = sorted(fault.recovery for fault in some if fault.recovery is not None)
            if not times:
                return " | ".join((str(len(some)), "", ""))
            return f"{len(some)} | {times[len(times) // 2]:.1f} | {times[min(len(times) - 1, int(len(times) * 0.99))]:.1f}"

        return f"| {title} | {of(faults)} | {of([fault for fault in faults if not fault.others])} |"
