"""Dead letters beside the demo: what the page has shown is listed, with all of its record."""

import base64
import json

from ..kit.account import expect
from ..kit.paths import HOME

RECORD = b"<b>no JSON</b>"  # as the page's check sends it


def expect_letter(demo):
    options = ["--config", HOME / "pipelines" / "demo.yaml", "--set", f"sinks.lake.path={demo.lake()}"]
    code, output = demo.command("dead-letters", "list", *options)
    expect(
        code == 0 and " public.transactions not-json - " in output and output.endswith("1 dead letters: not-json 1\n"),
        "dead-letters list names it, its place, table and reason",
        output,
    )
    code, output = demo.command("dead-letters", "list", "--records", *options)
    letter = json.loads(output.splitlines()[0])
    known = {RECORD.decode(), base64.b64encode(RECORD).decode()}
    expect(code == 0 and known & set(map(str, letter.values())), "--records has the record as it was", output)
