"""The docs: every link leads somewhere, README is short, shipped pipeline files are what the schema for editors says."""

import re
import sys
from pathlib import Path
from urllib.parse import unquote

from ..kit.account import expect
from ..kit.paths import HOME
from .files import passes

LONGEST_README = 8 * 1024
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)


def pages():
    return [*HOME.glob("*.md"), *HOME.glob("docs/**/*.md"), *HOME.glob(".github/**/*.md")]


def anchors(page):
    """As they are made of headings: lower case, without what is no letter, digit, dash or blank."""
    found = set()
    for heading in re.findall(r"^#+ +(.*)$", CODE.sub("", page.read_text()), re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower())
        found.add(plain.strip().replace(" ", "-"))
    return found


def broken(page):
    for target in LINK.findall(CODE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            yield f"{page.relative_to(HOME)}: {target} is not there"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            yield f"{page.relative_to(HOME)}: {target} has no such heading"


def main(arguments):
    all_pages = pages()
    wrong = [each for page in all_pages for each in broken(page)]
    expect(not wrong and len(all_pages) > 30, f"every link of {len(all_pages)} pages leads somewhere", "; ".join(wrong))
    size = (HOME / "README.md").stat().st_size
    expect(size <= LONGEST_README, f"README has {size:,} bytes, of at most {LONGEST_README:,}")
    shipped = sorted(HOME.glob("pipelines/*.yaml"))
    expect(
        all(file.read_text().startswith("# yaml-language-server: $schema=../docs/pipeline.schema.json\n") for file in shipped),
        "every shipped pipeline file tells editors its schema",
    )
    tool = Path(sys.executable).parent / "check-jsonschema"
    passes(tool, "--schemafile", "docs/pipeline.schema.json", *shipped)
