"""What came of it: a row for each goal, as a table for people and as JSON for the next run."""

import json
import statistics
from dataclasses import asdict, dataclass, field


@dataclass
class Row:
    """One goal. `figure` is what was measured, in words; `ratios` those of the rounds, where it is a ratio."""

    name: str
    what: str
    against: str
    goal: str
    # None: reported only.
    met: bool | None
    figure: str
    ratios: list = field(default_factory=list)
    # Ours and theirs: CPU microseconds for a request, milliseconds of latency.
    cpu: str = ""
    latency: str = ""

    @property
    def median(self):
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def verdict(self):
        return {True: "met", False: "**missed**", None: "reported"}[self.met]


def median_of(rounds, name):
    return statistics.median(getattr(figures, name) for figures in rounds)


def milliseconds(rounds):
    p50, p99 = median_of(rounds, "p50") / 1e3, median_of(rounds, "p99") / 1e3
    return f"{p50:.2f} / {p99:.2f}"


def spread(values, digits=2):
    return f"{min(values):.{digits}f} / **{statistics.median(values):.{digits}f}** / {max(values):.{digits}f}"


def ratio_row(name, what, against, goal, ours, theirs):
    """Requests a second, ours to theirs, round by round. `goal` None: reported only."""
    ratios = [mine.rate / other.rate for mine, other in zip(ours, theirs)]
    return Row(
        name, what, against, "reported" if goal is None else f"≥ {goal}",
        None if goal is None else statistics.median(ratios) >= goal, spread(ratios), ratios,
        f"{median_of(ours, 'cpu'):.0f} / {median_of(theirs, 'cpu'):.0f}",
        f"{milliseconds(ours)}; {milliseconds(theirs)}")


def absent(name, what, against, goal, why):
    return Row(name, what, against, goal, False, f"not measured: {why}")


def table(rows):
    lines = [
        "| | what | against | ratio min / **median** / max, or figure | goal | "
        "| CPU µs ours / theirs | p50 / p99 ms ours; theirs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [f"`{row.name}`", row.what, row.against, row.figure, row.goal, row.verdict, row.cpu, row.latency]
        lines.append("| " + " | ".join(cells) + " |")
    met, judged = sum(row.met is True for row in rows), sum(row.met is not None for row in rows)
    return "\n".join([*lines, "", f"{met} of {judged} goals met."])


def as_json(rows, machine):
    return json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=1, ensure_ascii=False) + "\n"


# A ratio that lost more than this since the committed table is a regression.
TOLERATED_LOSS = 0.20


def fallen(rows, committed):
    """What fell by too much against the committed table, in words."""
    before = {row["name"]: row["ratios"] for row in json.loads(committed)["rows"]}
    said = []
    for row in rows:
        if row.ratios and before.get(row.name):
            was = statistics.median(before[row.name])
            if row.median < was * (1 - TOLERATED_LOSS):
                said.append(f"{row.name}: {row.median:.2f}, and {was:.2f} in the committed table")
    return said
