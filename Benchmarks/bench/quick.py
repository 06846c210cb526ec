"""`--quick`: whether a ratio fell since the committed table, as far as a few short rounds can tell."""

import json
import statistics

from .processes import Failure
from .results import interval

# A ratio that lost more than this since the committed table is a regression.
TOLERATED_LOSS = 0.20

GROUPS = ("page", "repay")
ROUNDS, SECONDS = 9, 1
# When the last round of each group begins at the latest, since the databases are there: under three minutes in all.
UNTIL_SECONDS = {"page": 95, "repay": 165}

SAME, FELL, NOISY = 0, 1, 3


def committed(path):
    """The ratios that this run is compared with, by the names of their rows."""
    try:
        kept = {str(name): float(ratio) for name, ratio in json.loads(path.read_text())["quick"].items()}
    except FileNotFoundError:
        raise Failure(f"there is no {path}: --save makes it") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Failure(f"{path} has no ratios to compare with: --save makes it anew") from None
    if not kept or not all(0 < ratio < float("inf") for ratio in kept.values()):
        raise Failure(f"{path} has no ratios to compare with: --save makes it anew")
    return kept


def compare(rows, before):
    """The run's status, and why, in words."""
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
