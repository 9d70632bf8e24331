"""python -m checks NAME [OPTION…]: runs one check, or many (gate, full)."""

import importlib
import os
import sys

CHECKS = {  # name, module and function
    "gate": ("gate", "main"),
    "full": ("full", "main"),
    "style": ("static.files", "style"),
    "rules": ("static.files", "rules"),
    "dashboards": ("static.files", "dashboards"),
    "compose": ("static.files", "compose"),
    "chart": ("static.files", "chart"),
    "docs": ("static.docs", "main"),
    "licences": ("static.licences", "main"),
    "live": ("live.check", "main"),
    "submit": ("cluster.submit", "main"),
    "artifacts": ("cluster.artifacts", "main"),
    "reproducible": ("cluster.reproducible", "main"),
    "flinks": ("cluster.flinks", "main"),
    "lake": ("cluster.lake", "main"),
    "metrics": ("metrics.check", "main"),
    "workload": ("workload.check", "main"),
    "chaos": ("chaos.check", "main"),
    "soak": ("chaos.soak", "main"),
    "snowflake": ("snowflake.check", "main"),
    "demo": ("live.demos", "main"),
    "newest": ("live.newest", "main"),
    "sockets": ("live.sockets", "main"),
    "own": ("live.own", "main"),
    "killed": ("live.killed", "main"),
    "upgrade": ("live.upgrade", "main"),
}


def main(arguments):
    if not arguments or arguments[0] in ("-h", "--help") or arguments[0] not in CHECKS:
        print(f"{__doc__}\nNAME is one of {', '.join(CHECKS)}", file=sys.stderr)
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    os.environ.setdefault("TRIBUTARY_CHECK", arguments[0])
    module, function = CHECKS[arguments[0]]
    code = getattr(importlib.import_module(f".{module}", __package__), function)(arguments[1:])
    if code is None:
        from .kit import account

        print(f"{account.passed} passed, {account.failed} failed")
        code = 1 if account.failed or not account.passed else 0
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
