"""The results: a row for each goal, as a table for people and as JSON for later runs."""

import json
import math
import statistics
from dataclasses import asdict, dataclass, field

from .background import TOO_FEW


@dataclass
class Row:
    """One goal. `figure` is the result as text. `ratios` has the ratios of the rounds, if the result is a ratio."""

    name: str
    what: str
    against: str
    goal: str
    # None: reported only, or undecided.
    met: bool | None
    figure: str
    ratios: list = field(default_factory=list)
    # Ours and theirs: CPU microseconds per request, milliseconds of latency.
    cpu: str = ""
    latency: str = ""
    # Background first pays per second while ours was measured, and while theirs was.
    beside: list = field(default_factory=list)
    # The ratios of ours to another product's, round by round, for `--quick`. A ratio of two of our own figures would
    # fall when the divisor gets faster.
    kept: list = field(default_factory=list)
    # The interval of the median contains the goal.
    undecided: bool = False

    @property
    def median(self):
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def verdict(self):
        return "undecided" if self.undecided else {True: "met", False: "**missed**", None: "reported"}[self.met]

    @property
    def told(self):
        """The figure, with a warning if the machine was less busy than intended."""
        few = any(pace < TOO_FEW for pace in self.beside)
        return self.figure + (f" (first pays beside: only {self.pace} a second)" if few else "")

    @property
    def pace(self):
        return " / ".join(f"{pace:.0f}" for pace in self.beside)


def median_of(rounds, name):
    return statistics.median(getattr(figures, name) for figures in rounds)


def milliseconds(rounds):
    p50, p99 = median_of(rounds, "p50") / 1e3, median_of(rounds, "p99") / 1e3
    return f"{p50:.2f} / {p99:.2f}"


def cpu_of(rounds):
    """CPU per request, without and with the first pays of the round."""
    alone, of_all = median_of(rounds, "cpu"), median_of(rounds, "cpu_of_all")
    return f"{alone:.0f}" + (f" (of {of_all:.0f})" if of_all - alone >= 0.5 else "")


def beside(*sides):
    """Background first pays per second, during the rounds of each side."""
    return [median_of(rounds, "beside") for rounds in sides if rounds[0].beside is not None]


def quotients(ours, theirs):
    """Requests per second, ours divided by theirs, for each round."""
    return [mine.rate / other.rate for mine, other in zip(ours, theirs)]


def interval(values):
    """The interval that contains the median of all such rounds, with a confidence of 19 in 20. For nine rounds it
    reaches from the second value to the eighth. Fewer than six rounds give no interval.
    """
    count, left_out, chance = len(values), -1, 2 / 2 ** len(values)
    while chance <= 0.05:
        left_out += 1
        chance += 2 * math.comb(count, left_out + 1) / 2 ** count
    if left_out < 0:
        return -math.inf, math.inf
    ordered = sorted(values)
    return ordered[left_out], ordered[-1 - left_out]


def spread(values, digits=2):
    return f"{min(values):.{digits}f} / **{statistics.median(values):.{digits}f}** / {max(values):.{digits}f}"


def ratio_row(name, what, against, goal, ours, theirs):
    """A row of requests per second, ours divided by theirs. With `goal` None, the row is only reported."""
    ratios = quotients(ours, theirs)
    return Row(
        name, what, against, "reported" if goal is None else f"≥ {goal}",
        None if goal is None else statistics.median(ratios) >= goal, spread(ratios), ratios,
        f"{cpu_of(ours)} / {cpu_of(theirs)}", f"{milliseconds(ours)}; {milliseconds(theirs)}", beside(ours, theirs))


def absent(name, what, against, goal, why):
    return Row(name, what, against, goal, False, f"not measured: {why}")


def table(rows):
    lines = [
        "| | what | against | ratio min / **median** / max, or figure | goal | "
        "| CPU µs ours (of all) / theirs | p50 / p99 ms ours; theirs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [f"`{row.name}`", row.what, row.against, row.told, row.goal, row.verdict, row.cpu, row.latency]
        lines.append("| " + " | ".join(cells) + " |")
    met, judged = sum(row.met is True for row in rows), sum(row.met is not None or row.undecided for row in rows)
    undecided = sum(row.undecided for row in rows)
    return "\n".join([*lines, "", f"{met} of {judged} goals met" + (f", {undecided} undecided." if undecided else ".")])


def as_json(rows, facts):
    quick = {row.name: statistics.median(row.kept) for row in rows if row.kept}
    said = {"machine": facts, "quick": quick, "rows": [asdict(row) for row in rows]}
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"
