"""`--quick`: whether a ratio fell since the committed table, judged by a few short rounds."""

import json
import statistics

from .processes import Failure
from .results import interval

# A ratio that lost more than this since the committed table is a regression.
TOLERATED_LOSS = 0.20

GROUPS = ("page", "repay")
ROUNDS, SECONDS = 9, 1
# The latest start of each group's last round, counted from when the databases exist. Under three minutes in all.
UNTIL_SECONDS = {"page": 95, "repay": 165}

SAME, FELL, NOISY = 0, 1, 3


def committed(path):
    """The committed ratios, by the names of their rows."""
    try:
        kept = {str(name): float(ratio) for name, ratio in json.loads(path.read_text())["quick"].items()}
    except FileNotFoundError:
        raise Failure(f"{path} does not exist; --save creates it") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Failure(f"{path} has no ratios to compare with; --save creates a new one") from None
    if not kept or not all(0 < ratio < float("inf") for ratio in kept.values()):
        raise Failure(f"{path} has no ratios to compare with; --save creates a new one")
    return kept


def compare(rows, before):
    """The status of the run, and its reasons as text."""
    now = {row.name: row.kept for row in rows if row.kept}
    if now.keys() != before.keys():
        raise Failure(f"not comparable: this run has {sorted(now)}, the committed table {sorted(before)}")
    fell, noisy = [], []
    for name, was in before.items():
        least, greatest = interval(now[name])
        words = (f"{name}: {statistics.median(now[name]):.2f} ({least:.2f} to {greatest:.2f}), "
                 f"and {was:.2f} in the committed table")
        if greatest < was * (1 - TOLERATED_LOSS):
            fell.append(words)
        elif least < was * (1 - TOLERATED_LOSS):
            noisy.append(words)
    said = [f"compared {len(before)} ratios"]
    said += [f"fell by more than {TOLERATED_LOSS:.0%}: {words}" for words in fell]
    said += [f"too noisy to tell: {words}" for words in noisy]
    return FELL if fell else NOISY if noisy else SAME, said
