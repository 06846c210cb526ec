"""How a callgrind dump becomes a flame graph."""

import tempfile
import unittest
from pathlib import Path

from bench.flame import MOST_BYTES, svg
from bench.stacks import OTHER, part_of, read, without_jobs

DUMP = """\
events: Ir
summary: 160

ob=(1) paypage
fn=(1) malloc'$s7PayCore5OrderV4openyyF'$s8FastLane0aB0V6answeryyF
0 100
cfn=(2) free'malloc'$s7PayCore5OrderV4openyyF
calls=3 0
0 999

fn=(2)
0 50

fn=(3) free'2'free'$s7PayJobs9JobRunnerV3runyyF
0 10
"""


class StackTests(unittest.TestCase):
    def setUp(self):
        with tempfile.TemporaryDirectory() as folder:
            dump = Path(folder) / "dump"
            dump.write_text(DUMP)
            self.stacks = read(dump)

    def test_a_stack_has_its_own_instructions_and_not_those_of_its_calls(self):
        self.assertEqual(sum(self.stacks.values()), 160)
        self.assertEqual(self.stacks[("$s8FastLane0aB0V6answeryyF", "$s7PayCore5OrderV4openyyF", "malloc")], 100)

    def test_a_job_is_left_out(self):
        self.assertEqual(sum(without_jobs(self.stacks).values()), 150)

    def test_memory_belongs_to_the_innermost_part_that_asked_for_it(self):
        stack = ("$s8FastLane0aB0V6answeryyF", "$s7PayCore5OrderV4openyyF", "malloc")
        self.assertEqual(part_of(stack), "rules and flows")
        self.assertEqual(part_of(("start_thread", "malloc")), OTHER)

    def test_a_large_graph_is_drawn_small_and_the_same_each_time(self):
        stacks = {((f"frame<{n}>", OTHER), (f"inner{m}", OTHER)): 10 for n in range(90) for m in range(2)}
        drawn = svg("a hit", stacks, {OTHER: 1_800}, 10)
        self.assertLessEqual(len(drawn.encode()), MOST_BYTES)
        self.assertIn("a hit: 180 instructions", drawn)
        self.assertIn("frame&lt;1&gt;", drawn)
        self.assertEqual(drawn, svg("a hit", dict(reversed(stacks.items())), {OTHER: 1_800}, 10))


if __name__ == "__main__":
    unittest.main()
