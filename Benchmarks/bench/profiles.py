"""`--profile`: which parts of the service execute a request's instructions, as flame graphs and a table."""

import json
import sys
from collections import Counter

from .callgrind import counted
from .flame import svg
from .quick import Size
from .stacks import OTHER, PARTS, part_of, read, readable, without_jobs

LABELS = ("before", "after")
TITLES = {"page": "a hit (GET page, API key)", "notice": "a notice", "first-pay": "a first pay"}
FILES = {"page": "hit", "notice": "notice", "first-pay": "first-pay"}
SIZES = {"page": Size(100, 100), "notice": Size(6, 10), "first-pay": Size(6, 10)}

MARKS = ("<!-- the table begins -->", "<!-- the table ends -->")


def run(root, options):
    """Writes the flame graphs, and the table of both labels."""
    folder, page = root / "Benchmarks/profiles", root / "Benchmarks/Profiles.md"
    folder.mkdir(exist_ok=True)
    label, dumps, found = options.profile, {}, {}
    notices = SIZES["notice"].first + SIZES["notice"].batch
    with counted(root, options.binary, notices, with_stacks=True) as (mix, service):
        for kind, size in SIZES.items():
            print(f"bench: {TITLES[kind]}", file=sys.stderr, flush=True)
            service.ask(kind, mix.requests(kind, 0, size.first))
            service.dump()
            service.ask(kind, mix.requests(kind, size.first, size.batch))
            dumps[kind] = service.dump()
        for kind, dump in dumps.items():
            stacks = without_jobs(read(dump))
            parts = Counter()
            for stack, count in stacks.items():
                parts[part_of(stack)] += count
            size = SIZES[kind].batch
            drawn = svg(f"{TITLES[kind]}, {label}", readable(stacks), parts, size)
            (folder / f"{FILES[kind]}-{label}.svg").write_text(drawn)
            found[kind] = {part: round(count / size) for part, count in sorted(parts.items())}
    (folder / f"{label}.json").write_text(json.dumps(found, indent=1) + "\n")
    text = table(*(saved(folder / f"{each}.json") for each in LABELS))
    if page.exists():
        before, _, rest = page.read_text().partition(MARKS[0])
        page.write_text(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{rest.partition(MARKS[1])[2]}")
    return 0, text


def cell(parts, count):
    return f"{count:,}" if parts else "not measured"


def saved(path):
    return json.loads(path.read_text()) if path.exists() else {}


def table(before, after):
    lines = []
    for kind, title in TITLES.items():
        first, then = before.get(kind, {}), after.get(kind, {})
        lines += [f"| {title} | before | after |", "|---|---|---|"]
        for part in sorted([*PARTS, OTHER], key=lambda part: -first.get(part, 0)):
            if first.get(part) or then.get(part):
                lines.append(f"| {part} | {cell(first, first.get(part, 0))} | {cell(then, then.get(part, 0))} |")
        lines += [f"| all | {cell(first, sum(first.values()))} | {cell(then, sum(then.values()))} |", ""]
    return "\n".join(lines).rstrip()
