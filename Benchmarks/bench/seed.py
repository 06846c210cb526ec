"""Databases with many orders, cloned from orders of the real binary."""

import hashlib
import json
import shutil
import sqlite3
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from .clones import MARK, Cloning, fingerprint, remove
from .processes import Failure
from .templates import DAY, KINDS, Templates

# Raise this when this package creates databases differently. Older databases are then recreated.
RECIPE = b"2"
# The numbers of orders that are added to a database are higher than this.
ADDED = 20_000_000
# A database with less time left than this is recreated.
SHORTEST_LIFE = 3 * DAY


# Orders that are over, by name: the kind and the days since. After the retention time the buyer's data is blanked.
OVER = {f"{kind}-{days}": (kind, days) for kind in KINDS for days in (2, 401)}


@dataclass
class Seeded:
    """A database file and its facts."""

    path: str
    key: str
    orders: int
    made_at: int
    deadline: int
    content: str

    def number(self, index):
        return f"bench_{index:07d}"

    def user(self, index):
        return f"user_{index:07d}"

    def page(self, index):
        return self.content.replace(MARK, f"{index:07d}")


def expired(days_ago):
    """Orders that are over but still have their pages: the purge's work, a day after the end."""
    over = f"({int(time.time() * 1_000) - int(days_ago * DAY)})"
    return {
        ("orders", "state"): "'expired'", ("orders", "left_new_at"): over, ("orders", "fence"): "t.fence + 1",
        ("attempts", "state"): "'lapsed'", ("attempts", "state_since"): over, ("attempts", "ask_at"): "NULL",
    }


# Expired orders whose provider must be queried once more, which is the sweep's work.
UNSWEPT = {("attempts", "ask_at"): "t.last_word_at - shift"}


class Seeder:
    def __init__(self, root, binary, folder, logs, say):
        self.binary, self.folder, self.logs, self.say = binary, folder, logs, say
        self.folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(RECIPE)
        for path in sorted((root / "Migrations/SQLite").glob("*.sql")):
            digest.update(path.read_bytes())
        self.schema = digest.hexdigest()[:16]

    def database(self, name, parts):
        """The database of that name: an existing one if it still serves, or a new one."""
        path, note = self.folder / f"{name}.sqlite", self.folder / f"{name}.json"
        key = f"{self.schema} {[(part.count, part.kinds) for part in parts]}"
        if path.exists() and note.exists():
            # The current path: the clone of the repository may have moved.
            known = Seeded(**json.loads(note.read_text()) | {"path": str(path)})
            if known.key == key and known.deadline - time.time() * 1_000 > SHORTEST_LIFE and self._is_lean(known):
                return known
        # A half-made database must not look complete.
        note.unlink(missing_ok=True)
        made = self._make(name, path, key, parts)
        note.write_text(json.dumps(asdict(made)))
        return made

    def copy(self, seeded, name):
        """A copy that may be written."""
        target = self.folder / f"{name}.sqlite"
        remove(target)
        shutil.copyfile(seeded.path, target)
        return target

    def _is_lean(self, known):
        """Whether the first pays of earlier runs have left the database nearly unchanged."""
        with sqlite3.connect(known.path) as db:
            rows = db.execute("SELECT max(rowid) FROM orders").fetchone()[0]
        db.close()
        return rows < known.orders * 1.3

    def add(self, path, parts):
        """Adds orders to a database that no process has open."""
        templates = Templates(self.binary, self.folder, self.logs)
        cloning = Cloning(Path(path), {"new": templates.new()})
        # Higher than every number of the database's first orders, and of the orders that were added before.
        first = ADDED + cloning.db.execute("SELECT max(rowid) FROM orders").fetchone()[0]
        for part in parts:
            cloning.clone(first, part)
            first += part.count
        cloning.finish()
        templates.remove()

    def _make(self, name, path, key, parts):
        count = sum(part.count for part in parts)
        self.say(f"making the database {name}: {count:,} orders (about {5 + count // 20_000} s)")
        began = time.monotonic()
        fresh = self.folder / f"{name}-new.sqlite"
        for old in (path, fresh):
            remove(old)
        templates = Templates(self.binary, self.folder, self.logs)
        orders = {"new": templates.new()}
        made_at = int(time.time() * 1_000)
        for kind in sorted({kind for part in parts for kind in part.kinds} - {"new"}):
            orders[kind] = templates.over(*OVER[kind])
        # The first one's tables of operation are kept.
        cloning = Cloning(fresh, dict(reversed(orders.items())))
        first = 1
        for part in parts:
            cloning.clone(first, part)
            first += part.count
            self.say(f"  {first - 1:,} orders")
        cloning.finish(thoroughly=count <= 20_000)
        deadline, content = facts(orders["new"].path)
        templates.remove()
        fresh.rename(path)
        self.say(f"made the database {name} in {time.monotonic() - began:.0f} s, {path.stat().st_size >> 20} MiB")
        return Seeded(str(path), key, count, made_at, deadline, content)


def facts(path):
    """The deadline and the page of a new order."""
    db = sqlite3.connect(path)
    deadline, content, mark = db.execute(
        "SELECT deadline, (SELECT content FROM pages), (SELECT fingerprint FROM idempotency_keys) FROM orders").fetchone()
    db.close()
    if mark != fingerprint(MARK):
        raise Failure("the service computes the fingerprint of a first pay differently now; update clones.py")
    return deadline, content


def put_off_asking(path):
    """Delays the provider queries for first pays of earlier runs, which would form an unrealistic backlog."""
    with sqlite3.connect(path, isolation_level=None) as db:
        db.execute("UPDATE attempts SET ask_at = last_word_at WHERE ask_at < last_word_at AND state = 'open'")
    db.close()
