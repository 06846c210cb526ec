"""One run: its folder, the databases, and what its groups of measurements share."""

import shutil
import subprocess
import sys
import tempfile
import time
from functools import cached_property
from pathlib import Path

from .background import Background
from .load import page_request, repay_request, write_requests
from .processes import Started
from .seed import Clones, Seeder, remove
from .service import JWT_SECRET, Sandbox, Service

# How many different orders are asked for in turn.
WARM = 50_000


class Bench:
    def __init__(self, root, options):
        self.root, self.options, self.binary = root, options, options.binary
        self.cache = root / ".build/bench"
        self.cache.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.cache))
        self.seeder = Seeder(root, self.binary, self.cache / "databases", self.folder, self.say)
        self.venv, self.bare_route = self.cache / "venv", options.bare_route
        self.began = time.monotonic()
        self.copies, self.caches, self.paces = [], [], []

    def say(self, line):
        print(f"bench {time.monotonic() - self.began:5.0f} s: {line}", file=sys.stderr, flush=True)

    @cached_property
    def sandbox(self):
        return Sandbox(self.binary, self.folder)

    @cached_property
    def background(self):
        made = Background(self.folder)
        self.paces.append(made)
        return made

    @cached_property
    def small(self):
        return self.seeder.database("small", [Clones(10_000)])

    @cached_property
    def main(self):
        return self.seeder.database("main", [Clones(60_000)])

    @cached_property
    def million(self):
        return self.seeder.database("million", [Clones(1_000_000)])

    def copy(self, seeded, name):
        """A copy of the database, gone after the run."""
        path = self.seeder.copy(seeded, f"run-{name}")
        self.copies.append(path)
        return path

    def service(self, database, name="serve", **settings):
        return Service(self.binary, database, self.sandbox, self.folder, self.es256[0], settings, name)

    @cached_property
    def es256(self):
        """The file of public keys, and the file of tokens."""
        keys, tokens = self.folder / "jwks.json", self.folder / "es256"
        subprocess.run(
            [self.venv / "bin/python", "-B", "-m", "bench.tokens", keys, tokens, str(WARM)], check=True,
            cwd=self.root / "Benchmarks")
        return keys, tokens

    def page_requests(self, seeded, indexes, name):
        path = self.folder / f"page-{name}"
        return path if path.exists() else write_requests(path, (page_request(seeded.number(n)) for n in indexes))

    def repay_requests(self, seeded, tokens, name):
        """`tokens`: one for each order from the first, or None for the API key."""
        if tokens is None:
            return write_requests(self.folder / name, (repay_request(seeded.number(n + 1)) for n in range(WARM)))
        pairs = enumerate(tokens, start=1)
        return write_requests(self.folder / name, (repay_request(seeded.number(n), token) for n, token in pairs))

    @staticmethod
    def hs256_tokens(seeded):
        from .tokens import hs256

        return (hs256(seeded.user(n + 1), JWT_SECRET) for n in range(WARM))

    def end_group(self):
        """Nothing that was started goes on, and what was only for this group is gone."""
        Started.stop_all()
        for name in ("sandbox", "background"):
            if name in self.__dict__:
                del self.__dict__[name]
        for path in self.copies:
            remove(path)
        for path in [*self.folder.glob("*.log"), *self.caches]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.copies, self.caches = [], []

    def end(self):
        self.end_group()
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep_logs(self):
        """What a person looks at after a run that failed."""
        kept = self.cache / "failed"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        for log in self.folder.glob("*.log"):
            shutil.copy(log, kept)
        self.say(f"the logs are kept in {kept}")
