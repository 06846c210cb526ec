"""When a goal is met, missed or undecided."""

import json
import unittest

from bench.results import Row, absent, as_json, at_least, at_most, interval, summary, table

NINE = [0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.9]


def row(goal, values, **more):
    return Row("a row", "ours", "theirs", goal, values, **more)


class IntervalTests(unittest.TestCase):
    def test_nine_rounds_reach_from_the_second_value_to_the_eighth(self):
        self.assertEqual(interval(NINE[::-1]), (1.0, 1.6))

    def test_six_rounds_reach_from_the_least_to_the_greatest(self):
        self.assertEqual(interval(NINE[:6]), (0.9, 1.4))

    def test_five_rounds_give_no_interval(self):
        self.assertEqual(interval(NINE[:5]), (float("-inf"), float("inf")))


class VerdictTests(unittest.TestCase):
    def test_a_goal_is_met_if_the_whole_interval_reaches_it(self):
        self.assertEqual(row(at_least(1.0), NINE).verdict, "met")
        self.assertEqual(row(at_most(1.6), NINE).verdict, "met")

    def test_a_goal_is_missed_if_no_part_of_the_interval_reaches_it(self):
        self.assertEqual(row(at_least(1.61), NINE).verdict, "missed")
        self.assertEqual(row(at_most(0.99), NINE).verdict, "missed")

    def test_a_goal_inside_the_interval_is_undecided_whatever_the_median(self):
        self.assertEqual(row(at_least(1.01), NINE).verdict, "undecided")
        self.assertEqual(row(at_most(1.59), NINE).verdict, "undecided")

    def test_too_few_rounds_decide_nothing(self):
        self.assertEqual(row(at_least(0.1), NINE[:5]).verdict, "undecided")
        self.assertEqual(row(at_most(0.1), NINE[:5]).verdict, "undecided")

    def test_a_bound_of_the_interval_lets_the_median_decide(self):
        self.assertEqual(row(at_least(1.3, whole=1.0), NINE).verdict, "met")
        self.assertEqual(row(at_least(1.3, whole=1.01), NINE).verdict, "undecided")
        self.assertEqual(row(at_least(1.31, whole=1.0), NINE).verdict, "undecided")
        self.assertEqual(row(at_least(1.7, whole=1.0), NINE).verdict, "missed")

    def test_a_broken_condition_is_a_miss_whatever_the_ratio(self):
        self.assertEqual(row(at_least(0.5), NINE, needs="each 201", faults=["2 not paid"]).verdict, "missed")
        self.assertEqual(row(None, [], needs="none lost").verdict, "met")
        self.assertEqual(row(None, [], needs="none lost", faults=["1 lost"]).verdict, "missed")

    def test_a_row_without_figures_tells_why_and_counts_as_a_goal(self):
        rows = [absent("a row", "ours", "theirs", None, "nginx did not start"), row(at_least(1), NINE)]
        self.assertIn("not measured: nginx did not start", table(rows))
        self.assertEqual(summary(rows), "1 of 2 goals met, 1 not measured.")

    def test_a_row_without_a_goal_is_reported(self):
        self.assertEqual(row(None, NINE).verdict, "reported")
        self.assertEqual(summary([row(None, NINE)]), "0 of 0 goals met.")


class TableTests(unittest.TestCase):
    def test_a_line_has_a_cell_for_each_heading(self):
        lines = table([row(at_least(1), NINE, note="a | b\nc", floor=[0.5, 0.6, 0.7])]).splitlines()
        self.assertEqual({line.replace("\\|", "").count("|") for line in lines[:3]}, {10})
        self.assertIn("| **1.30** (1.00 to 1.60); a \\| b c | ≥ 1 | met | 60% |", lines[2])

    def test_other_load_and_too_few_pays_are_told_at_the_row(self):
        told = row(at_least(1), NINE, beside=[100, 200], disturbed="disturbed: 7% used by other programs").told
        self.assertIn("first pays beside: only 100 / 200 a second", told)
        self.assertTrue(told.endswith("disturbed: 7% used by other programs"))

    def test_the_saved_rows_are_valid_json_with_their_verdicts(self):
        saved = json.loads(as_json([row(at_least(1), NINE), row(None, [0.5])], {"machine": "here"}))
        self.assertEqual([each["verdict"] for each in saved["rows"]], ["met", "reported"])
        self.assertEqual([each["interval"] for each in saved["rows"]], [[1.0, 1.6], None])


if __name__ == "__main__":
    unittest.main()
