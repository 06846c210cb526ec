"""The results: a row for each goal, as a table for people and as JSON for later runs."""

import json
import math
import statistics
from dataclasses import asdict, dataclass, field

from .background import TOO_FEW


@dataclass(frozen=True)
class Goal:
    """A bound of a row's figure. The bound is reached if the whole interval is on its right side."""

    sign: str
    bound: float
    # Empty for a ratio.
    unit: str = ""
    # With this, the median must reach the bound, and the whole interval must be on the right side of this value.
    whole: float | None = None

    def is_met(self, values):
        """None: undecided."""
        least, greatest = interval(values)
        if not self._reaches(greatest if self.sign == "≥" else least, self.bound):
            return False
        if self.whole is None:
            met = self._reaches(least, self.bound) and self._reaches(greatest, self.bound)
        else:
            met = (self._reaches(statistics.median(values), self.bound)
                   and self._reaches(least, self.whole) and self._reaches(greatest, self.whole))
        return True if met else None

    def _reaches(self, value, bound):
        return value >= bound if self.sign == "≥" else value <= bound

    def __str__(self):
        whole = "" if self.whole is None else f", its interval {self.sign} {self.whole:g}"
        return f"{self.sign} {self.bound:g}{self.unit}{whole}"


def at_least(bound, unit="", whole=None):
    return Goal("≥", bound, unit, whole)


def at_most(bound, unit="", whole=None):
    return Goal("≤", bound, unit, whole)


@dataclass
class Row:
    """One line of the table. `values` has one figure for each round: a ratio, or a number of the goal's unit."""

    name: str
    what: str
    against: str
    # None: reported only, unless the row has conditions.
    goal: Goal | None
    values: list = field(default_factory=list)
    # Further figures as text.
    note: str = ""
    # Conditions that no round may break, and how they were broken.
    needs: str = ""
    faults: list = field(default_factory=list)
    # Ours and theirs: CPU microseconds per request, milliseconds of latency.
    cpu: str = ""
    latency: str = ""
    # Requests per second divided by those of the epoll server, for each round.
    floor: list = field(default_factory=list)
    # Background first pays per second while ours was measured, and while theirs was.
    beside: list = field(default_factory=list)
    # The reason why there are no figures.
    absent: str = ""
    # Other load on the machine during the row's group, if there was much.
    disturbed: str = ""
    digits: int = 2

    @property
    def median(self):
        return statistics.median(self.values) if self.values else None

    @property
    def verdict(self):
        if self.absent:
            return "not measured"
        if self.faults:
            return "missed"
        if self.goal is None:
            return "met" if self.needs else "reported"
        return {True: "met", False: "missed", None: "undecided"}[self.goal.is_met(self.values)]

    @property
    def is_judged(self):
        return self.goal is not None or bool(self.needs) or bool(self.absent)

    @property
    def wanted(self):
        if self.absent and not self.goal:
            return ""
        return ", ".join(text for text in (str(self.goal) if self.goal else "", self.needs) if text) or "reported"

    @property
    def told(self):
        """The figure, with warnings about the machine."""
        if self.absent:
            return f"not measured: {self.absent}"
        parts = [self._figure] if self.values else []
        parts += [self.note] if self.note else []
        parts += [f"**{fault}**" for fault in self.faults]
        if any(pace < TOO_FEW for pace in self.beside):
            parts.append(f"first pays beside: only {self.pace} a second")
        return "; ".join(parts + ([self.disturbed] if self.disturbed else []))

    @property
    def _figure(self):
        unit = self.goal.unit if self.goal else ""
        return f"{spread(self.values, self.digits)}{unit}"

    @property
    def of_floor(self):
        return f"{statistics.median(self.floor):.0%}" if self.floor else ""

    @property
    def pace(self):
        return " / ".join(f"{pace:.0f}" for pace in self.beside)


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
    """The median and its interval."""
    least, greatest = interval(values)
    told = f"{least:.{digits}f} to {greatest:.{digits}f}" if math.isfinite(least) else "too few rounds"
    return f"**{statistics.median(values):.{digits}f}** ({told})"


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


def quotients(ours, theirs, figure="rate"):
    """A figure of ours divided by that of theirs, for each round."""
    return [getattr(mine, figure) / getattr(other, figure) for mine, other in zip(ours, theirs)]


def compared(name, what, against, goal, ours, theirs, floor=(), figure="rate", **more):
    """A row of a figure of ours, divided by that of theirs."""
    return Row(
        name, what, against, goal, quotients(ours, theirs, figure), cpu=f"{cpu_of(ours)} / {cpu_of(theirs)}",
        latency=f"{milliseconds(ours)}; {milliseconds(theirs)}", floor=quotients(ours, floor),
        beside=beside(ours, theirs), **more)


def ratio_row(name, what, against, goal, ours, theirs, floor=()):
    """A row of requests per second, ours divided by theirs. With `goal` None, the row is only reported."""
    return compared(name, what, against, None if goal is None else at_least(goal), ours, theirs, floor)


def tail_row(name, what, against, goal, ours, theirs, floor=(), **more):
    """A row of p99s, ours divided by theirs."""
    return compared(name, what, against, at_most(goal), ours, theirs, floor, figure="p99", **more)


def absent(name, what, against, goal, why):
    return Row(name, what, against, goal, absent=why)


def table(rows):
    lines = [
        "| | what | against | **median** (interval) of the ratio, or figure | goal | | of the floor "
        "| CPU µs ours (of all) / theirs | p50 / p99 ms ours; theirs |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        verdict = f"**{row.verdict}**" if row.verdict in ("missed", "not measured") else row.verdict
        cells = [f"`{row.name}`", row.what, row.against, row.told, row.wanted, verdict, row.of_floor, row.cpu,
                 row.latency]
        lines.append("| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |")
    return "\n".join([*lines, "", summary(rows)])


def summary(rows):
    verdicts = [row.verdict for row in rows if row.is_judged]
    counts = [f"{verdicts.count(verdict)} {verdict}" for verdict in ("missed", "undecided", "not measured")
              if verdict in verdicts]
    return ", ".join([f"{verdicts.count('met')} of {len(verdicts)} goals met", *counts]) + "."


def as_json(rows, facts):
    said = {"machine": facts, "rows": [asdict(row) | _judged(row) for row in rows]}
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def _judged(row):
    least, greatest = interval(row.values)
    told = [least, greatest] if math.isfinite(least) else None
    return {"verdict": row.verdict, "median": row.median, "interval": told}
