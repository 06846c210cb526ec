"""A group that fails, and a run that is stopped."""

import unittest
from types import SimpleNamespace
from unittest import mock

from bench import __main__ as run
from bench.processes import Failure
from bench.results import Row


class GroupTests(unittest.TestCase):
    def setUp(self):
        self.kept, self.ended = [], []
        self.bench = SimpleNamespace(
            say=lambda line: None, keep_logs=self.kept.append, end_group=lambda: self.ended.append(True))

    def measured(self, group):
        with mock.patch.dict(run.GROUPS, {"group": group}):
            return run.measured(self.bench, "group")

    def test_a_group_that_fails_has_one_row_that_tells_why(self):
        def group(bench):
            """What it measures."""
            raise Failure("nginx does not listen\nand more")

        row, = self.measured(group)
        self.assertEqual((row.name, row.verdict, row.absent), ("group", "not measured", "nginx does not listen"))
        self.assertEqual((self.kept, self.ended, run.unmeasured([row])), (["group"], [True], 2))

    def test_a_mistake_in_a_group_ends_that_group_only(self):
        with mock.patch("traceback.print_exc"):
            row, = self.measured(mock.Mock(side_effect=KeyError("figures"), __doc__="A group."))
        self.assertEqual(row.absent, "'figures'")

    def test_a_run_that_is_stopped_measures_nothing_more(self):
        with self.assertRaises(run.Stopped):
            self.measured(mock.Mock(side_effect=run.Stopped("stopped by SIGTERM")))
        self.assertEqual(self.ended, [True])

    def test_a_group_that_ends_has_its_rows_and_status_0(self):
        rows = self.measured(lambda bench: [Row("a row", "ours", "theirs", None, [1.0])])
        self.assertEqual(([row.verdict for row in rows], run.unmeasured(rows)), (["reported"], 0))


if __name__ == "__main__":
    unittest.main()
