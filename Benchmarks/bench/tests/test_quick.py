"""When `--quick` finds a slowdown."""

import unittest
from types import SimpleNamespace
from unittest.mock import patch

from bench.callgrind import Uncontrolled
from bench.processes import Failure
from bench.quick import GREW, NOT_COMPARABLE, SAME, Counts, compare, run

HERE = {"swift": "6.3.1", "valgrind": "3.19.0", "processor": "x86_64 avx2"}


def counts(conditions=HERE, libraries=None, **instructions):
    return Counts(instructions, conditions, libraries or {"libc": "2.36"})


BEFORE = counts(page=50_000, pay=3_000_000)


class CompareTests(unittest.TestCase):
    def test_a_kind_that_grew_by_more_than_10_percent_fails_and_is_named(self):
        status, said = compare(counts(page=55_500, pay=3_000_000), BEFORE)
        self.assertEqual(status, GREW)
        self.assertEqual(len(said), 1)
        self.assertIn("page: 55,500 instructions, 50,000 in the committed counts (+11.0%)", said[0])

    def test_a_kind_that_grew_by_9_percent_passes(self):
        self.assertEqual(compare(counts(page=54_500, pay=3_270_000), BEFORE)[0], SAME)

    def test_a_kind_that_fell_by_more_than_10_percent_passes_and_asks_for_new_counts(self):
        status, said = compare(counts(page=44_000, pay=3_000_000), BEFORE)
        self.assertEqual(status, SAME)
        self.assertIn("renew the counts", said[0])

    def test_a_fall_of_one_kind_does_not_hide_the_growth_of_another(self):
        self.assertEqual(compare(counts(page=25_000, pay=3_400_000), BEFORE)[0], GREW)

    def test_a_missing_kind_and_an_unknown_kind_fail(self):
        for now in (counts(page=50_000), counts(page=50_000, pay=3_000_000, refund=1)):
            with self.assertRaises(Failure):
                compare(now, BEFORE)

    def test_counts_of_another_compiler_or_valgrind_or_processor_are_not_compared(self):
        for name in HERE:
            status, said = compare(counts(HERE | {name: "other"}, page=99_000, pay=3_000_000), BEFORE)
            self.assertEqual(status, NOT_COMPARABLE)
            self.assertEqual(said[1:], [f"  {name}: other here, {HERE[name]} in the committed counts"])

    def test_other_libraries_are_told_beside_a_difference(self):
        said = compare(counts(libraries={"libc": "2.41"}, page=60_000, pay=3_000_000), BEFORE)[1]
        self.assertIn("  libc: 2.41 here, 2.36 in the committed counts", said)

    def test_a_machine_on_which_valgrind_cannot_be_controlled_is_not_comparable(self):
        options = SimpleNamespace(save=True, binary=None)
        with patch("bench.quick.count", side_effect=Uncontrolled("refused")):
            self.assertEqual(run(None, None, options), (NOT_COMPARABLE, "not counted: refused"))
        with patch("bench.quick.count", side_effect=Failure("the service ended")), self.assertRaises(Failure):
            run(None, None, options)


if __name__ == "__main__":
    unittest.main()
