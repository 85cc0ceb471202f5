from __future__ import annotations

import math

import pytest
import torch

from semola_geo.discovery import Thresholds, Verdict
from semola_geo.discovery.trust import Trust
from semola_geo.discovery.verdict import judge

NAN = math.nan
S, A, N, U, D = (
    Verdict.SYMMETRY,
    Verdict.APPROXIMATE,
    Verdict.NONE,
    Verdict.UNTESTED,
    Verdict.UNDECIDED,
)


def one(
    low, high, *, support=0.0, cost=NAN, limits=None, others=(), noise=0.0, vetoed=False, **trust
):
    bounds = torch.tensor([[low, high], *others], dtype=torch.float64)
    shares = torch.tensor([support] + [0.0] * len(others), dtype=torch.float64)
    price = torch.tensor([cost] + [NAN] * len(others), dtype=torch.float64)
    error = torch.tensor([noise] + [0.0] * len(others), dtype=torch.float64)
    veto = torch.tensor([vetoed] + [False] * len(others))
    return judge(bounds, shares, Trust(**trust), limits, price, noise=error, vetoed=veto)[0]


@pytest.mark.parametrize(
    ("low", "high", "options", "verdict"),
    [
        (-0.002, 0.005, {}, S),
        (-0.5, 0.0099, {}, S),  # negative values are noise, never more symmetric
        (0.02, 0.08, {"others": [(0, 0.05)]}, A),
        (0.2, 0.4, {}, N),
        (0.06, 0.3, {}, N),  # the gap: 5 times epsilon
        (0.06, 0.3, {"others": [(0.0, 0.02)]}, D),  # noise alone reaches 0.02, times 5 is 0.1
        (0.02, 0.3, {}, D),
        (-0.1, 0.2, {}, D),
        (-0.02, 0.04, {}, D),
        (-0.02, 0.04, {"cost": -0.03}, S),  # compatible with zero, and enforcing it helps
        (-0.02, 0.04, {"cost": 0.02}, D),
        # Teachers that explain 0.7 would see 0.035 of a violation of 0.05.
        (-0.02, 0.034, {"cost": -0.03, "unexplained": 0.3}, S),
        (-0.02, 0.036, {"cost": -0.03, "unexplained": 0.3}, D),
        (-0.02, 0.036, {"cost": -0.03, "unexplained": -0.1}, S),
        (-0.02, 0.0, {"cost": -0.03, "unexplained": 1.5}, S),
        (-0.02, 0.011, {"cost": -0.03, "unexplained": 1.5}, D),
        (-0.1, 0.2, {"cost": -0.03}, D),  # too little known to leave it to labels alone
        (0.02, 0.2, {"cost": -0.03}, D),  # not compatible with zero: no cost can acquit it
        (0.2, 0.4, {"cost": -0.03}, N),
        (-0.002, 0.005, {"cost": 0.5}, S),
        (-0.002, 0.005, {"support": 0.21}, U),
        (-0.002, 0.005, {"support": 0.19}, S),
        (0.2, 0.4, {"support": 0.6}, U),
        (-0.1, 0.2, {"support": 0.6, "cost": -0.1}, U),
        (-0.002, 0.005, {"reliable": False}, D),
        (0.2, 0.4, {"reliable": False}, D),
        (-0.1, 0.2, {"reliable": False, "cost": -0.1}, D),
        (NAN, NAN, {}, D),
        (NAN, NAN, {"support": 1.0, "reliable": False}, U),
        (-0.1, 0.2, {"limits": Thresholds(symmetry=0.3)}, S),
        (0.2, 0.4, {"limits": Thresholds(broken=0.5)}, N),  # by the gap
        (0.2, 0.4, {"limits": Thresholds(broken=0.5, gap=100.0)}, A),
        # Teachers that leave a tenth unexplained may be to blame for a violation of 0.05.
        (0.02, 0.08, {"others": [(0, 0.05)], "unexplained": 0.1}, D),
        (0.02, 0.08, {"others": [(0, 0.05)], "noise": 0.005}, A),
        (0.02, 0.08, {"others": [(0, 0.05)], "noise": 0.03}, D),  # above 0.1 as well
        (0.06, 0.3, {"noise": 0.02}, D),  # no gap either
        (0.2, 0.4, {"noise": 0.16}, D),
        (0.2, 0.4, {"noise": 0.05, "unexplained": 0.16}, D),  # the larger of both
        (0.2, 0.4, {"noise": 0.16, "unexplained": 0.05}, D),
        (0.2, 0.4, {"noise": 0.05}, N),
        (-0.002, 0.005, {"unexplained": 0.2}, S),
        # Labels refute what teachers acquit; beyond that a veto adds nothing.
        (-0.002, 0.005, {"vetoed": True}, D),
        (-0.02, 0.04, {"cost": -0.03, "vetoed": True}, D),
        (0.02, 0.08, {"others": [(0, 0.05)], "vetoed": True}, A),
        (0.2, 0.4, {"vetoed": True}, N),
        (-0.002, 0.005, {"support": 0.6, "vetoed": True}, U),
    ],
)  # fmt: skip
def test_the_five_verdicts(low, high, options, verdict):
    assert one(low, high, **options) is verdict


def test_unsupported_directions_do_not_raise_the_floor_of_the_gap():
    bounds = torch.tensor([[0.06, 0.3], [0.0, 0.5]])
    assert judge(bounds, torch.tensor([0.0, 1.0]), Trust()) == [N, U]


def test_without_noise_the_teachers_err_nowhere():
    bounds, support = torch.tensor([[0.2, 0.4]]), torch.zeros(1)
    assert judge(bounds, support, Trust(unexplained=0.5)) == [N]


def test_no_direction_no_verdict():
    assert judge(torch.zeros(0, 2), torch.zeros(0), Trust()) == []
