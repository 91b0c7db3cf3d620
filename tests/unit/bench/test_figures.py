"""Figures are what they say: the nearest rank, and ratios round by round."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import Latency, Round, Throughput, quantile


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_a_quantile_is_one_of_the_values_by_nearest_rank(share: float, expected: int) -> None:
    assert quantile([float(value) for value in range(100, 0, -1)], share) == expected


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_at_least_the_share_does_not_exceed_it(values: list[float], share: float) -> None:
    found = quantile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)


def test_ratios_compare_the_rounds_that_were_run_one_after_the_other() -> None:
    ours = [Round(100, 1, 0.1, 0), Round(50, 1, 0.1, 0)]
    theirs = [Round(1000, 1, 0.1, 0), Round(1000, 1, 0.1, 0)]
    assert Throughput("form", ours, theirs).ratios == [0.1, 0.05]


def test_latencies_of_all_rounds_count_together() -> None:
    assert Latency("ack", [[1.0, 2.0], [3.0]]).all == [1.0, 2.0, 3.0]
