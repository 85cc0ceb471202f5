"""`FourierSet`: what it sums, where it starts, and how it is misused."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch_geometric.data import Data

from semola_geo.models import FourierSet


def build(**options: Any) -> FourierSet:
    torch.manual_seed(0)
    known: dict[str, Any] = {"representation": "scalar", "level": "graph", "output_shape": ()}
    inputs = {"intensity": ("scalar", ())}
    options = {**known, "species": False, "dimension": 2, "node_inputs": inputs, **options}
    return FourierSet(**options).double().eval()


def points(count: int) -> Data:
    g = torch.Generator().manual_seed(count)
    return Data(
        pos=torch.randn(count, 2, generator=g, dtype=torch.float64),
        intensity=torch.rand(count, generator=g, dtype=torch.float64),
    )


def test_it_sums_weighted_waves() -> None:
    model = build(waves=5)
    seen: list[torch.Tensor] = []
    model.head.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    graph = points(7)
    model(graph)
    linear = model.inputs.linear
    expected = torch.zeros(5, dtype=torch.float64)
    for x, intensity in zip(graph.pos, graph.intensity, strict=True):
        weight = linear.weight @ torch.cat([x, intensity[None]]) + linear.bias
        expected += weight * (x @ model.vectors + model.phases).sin()
    torch.testing.assert_close(seen[0][0], expected / 7**0.5)


def test_starting_again_draws_other_waves_of_the_same_frequency() -> None:
    model = build(waves=4000, frequency=3.0)
    before = model.vectors.detach().clone()
    model.reset_parameters()
    assert not torch.equal(model.vectors, before)
    # 8,000 normal numbers: five standard errors of their standard deviation.
    assert abs(float(model.vectors.detach().std()) - 3.0) < 5 * 3.0 / (2 * 8000) ** 0.5


def test_starting_again_draws_all_weights() -> None:
    model = build(species=True)
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    model.reset_parameters()
    for name, value in model.named_parameters():
        assert not torch.equal(value, before[name]), name


def test_dropout_rests_when_it_predicts() -> None:
    model, graph = build(), points(9)
    assert torch.equal(model(graph), model(graph))
    model.train()
    assert not torch.equal(model(graph), model(graph))


@pytest.mark.parametrize(
    "option",
    [{"waves": 0}, {"hidden": 0}, {"num_layers": 0}, {"frequency": 0.0}, {"frequency": math.inf}],
)
def test_mistakes(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be at least 1, and frequency positive"):
        build(**option)
