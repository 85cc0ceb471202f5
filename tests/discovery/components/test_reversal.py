"""Time reversal judged by analytic teachers whose truth is known."""

import pytest
import torch
from torch_geometric.data import Data

from semola_geo import discover_symmetry
from semola_geo.discovery import Thresholds, Verdict
from semola_geo.discovery.components.component import Component
from semola_geo.discovery.components.reversal import judge_reversal
from semola_geo.discovery.trust import Trust
from semola_geo.fields import Fields
from semola_geo.representations import parse_representation

INPUTS = Fields({"pos": "vector", "vel": "vector@odd"}, 3)
MIRROR = torch.diag(torch.tensor([-1.0, 1.0, 1.0], dtype=torch.float64))


def graphs(count=400, still=0, outgoing=False):
    g = torch.Generator().manual_seed(0)
    made = []
    for number in range(count):
        pos, vel = torch.randn(2, 4, 3, generator=g, dtype=torch.float64)
        if outgoing:
            vel = pos + 0.1 * vel
        made.append(Data(pos=pos, vel=vel * (number >= still)))
    return made


def pull(data):
    return torch.sin(data.pos)


def drag(data):
    return pull(data) - data.vel


def magnetic(data):
    along = torch.tensor([0.0, 0.0, 1.0], dtype=data.vel.dtype).expand_as(data.vel)
    return -data.pos + torch.linalg.cross(data.vel, along)


def momentum(data):
    return data.vel * torch.cos(data.pos[:, :1])


def erring(function, seed, error=0.05):
    """A teacher: the truth, and a smooth error of its own that depends on velocities."""

    def teacher(batch):
        g = torch.Generator().manual_seed(seed)
        x = torch.cat([batch.pos, batch.vel], 1)
        waves = torch.sin(x @ torch.randn(6, 60, generator=g, dtype=x.dtype))
        weights = torch.randn(60, 3, generator=g, dtype=x.dtype)
        return function(batch) + error * waves @ weights * (2 / 60) ** 0.5

    return teacher


def judged(function, target="vector", data=None, **options):
    pairs = [(erring(function, 2 * k), erring(function, 2 * k + 1)) for k in range(2)]
    return judge_reversal(
        pairs, data or graphs(), INPUTS, parse_representation(target), Thresholds(), **options
    )


@pytest.mark.parametrize(
    ("function", "target", "verdict"),
    [
        (pull, "vector", Verdict.SYMMETRY),
        (pull, "vector@odd", Verdict.NONE),
        (momentum, "vector@odd", Verdict.SYMMETRY),
        (momentum, "vector", Verdict.NONE),
        (drag, "vector", Verdict.NONE),
        (magnetic, "vector", Verdict.NONE),
    ],
)
def test_the_target_follows_with_its_declared_parity(function, target, verdict):
    (found,) = judged(function, target)
    assert found.verdict is verdict
    assert found.kind == "time reversal" and found.support < 0.2
    assert "not looked for" in found.note


def test_a_magnetic_field_is_turned_round_by_a_mirror_as_well():
    mirror = Component("mirror", False, matrix=MIRROR, verdict=Verdict.NONE)
    alone, both = judged(magnetic, reflections=[mirror])
    assert (alone.verdict, both.verdict) == (Verdict.NONE, Verdict.SYMMETRY)
    assert both.element == "time reversal with mirror"
    alone, both = judged(drag, reflections=[mirror])
    assert (alone.verdict, both.verdict) == (Verdict.NONE, Verdict.NONE)


def test_one_direction_of_time_and_rest_test_nothing():
    (flying,) = judged(pull, data=graphs(outgoing=True))
    assert flying.verdict is Verdict.UNTESTED and flying.support > 0.9
    (resting,) = judged(pull, data=graphs(count=100, still=100))
    assert resting.verdict is Verdict.UNTESTED and "in motion" in resting.note


def test_graphs_at_rest_do_not_hide_a_violation():
    assert judged(drag, data=graphs(still=300))[0].violation > 0.5


def test_weak_teachers_decide_nothing():
    assert judged(pull, trust=Trust(reliable=False))[0].verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("fields", "options", "message"),
    [
        (
            {"pos": "point", "y": "scalar"},
            {},
            "no input is odd, and ambient asks for time reversal",
        ),
        ({"pos": "point@odd", "y": "scalar"}, {}, "'point@odd': a point cannot be odd"),
        ({"pos": "vector@odd", "y": "scalar"}, {"output": "unknown"}, "for time reversal declare"),
    ],
)
def test_mistakes_are_named(fields, options, message):
    data = [Data(pos=torch.randn(2, 3), y=torch.randn(1)) for _ in range(50)]
    with pytest.raises(ValueError, match=message):
        discover_symmetry(data, "y", fields, "time", progress=False, **options)
