import itertools
import time

import pytest
import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo import PermutationSubgroup
from semola_geo.comparison.metrics import mean_score, moved_score, throughput
from semola_geo.transforms import RandomPermutationTransform, RandomSymmetryTransform

TURN = RandomSymmetryTransform({"pos": "point", "dipole": "vector"}, "SO(3)")


def batch(count: int = 40) -> Batch:
    generator = torch.Generator().manual_seed(0)
    graphs = []
    for _ in range(count):
        pos = torch.randn(4, 3, generator=generator)
        graphs.append(Data(pos=pos, dipole=pos.sum(0, keepdim=True)))
    return Batch.from_data_list(graphs)


def equivariant(data: Data) -> Tensor:
    return torch.zeros_like(data.dipole).index_add(0, data.batch, data.pos)


def constant(data: Data) -> Tensor:
    return torch.ones_like(data.dipole)


def test_exact_model_has_no_error_in_any_orientation() -> None:
    data = batch()
    assert mean_score(equivariant, [data], "dipole") < 1e-6
    rotated, violation = moved_score(equivariant, [data], "dipole", TURN)
    assert rotated < 1e-5
    assert violation < 1e-5


def test_constant_vector_has_the_equivariance_error_of_two_independent_directions() -> None:
    # |c − Rc|² averages to 2|c|² over uniform rotations R, so 2 per component where c = (1, 1, 1).
    _, violation = moved_score(constant, [batch(400)], "dipole", TURN, scale=2.0)
    assert violation == pytest.approx(2**0.5 / 2, rel=0.1)


def test_the_seed_fixes_the_rotations() -> None:
    first = moved_score(constant, [batch()], "dipole", TURN, seed=1)
    assert first == moved_score(constant, [batch()], "dipole", TURN, seed=1)
    assert first != moved_score(constant, [batch()], "dipole", TURN, seed=2)


def test_wrong_shape_is_named() -> None:
    with pytest.raises(ValueError, match=r"shape \(40, 1\) for target 'dipole'"):
        mean_score(lambda data: data.dipole[:, :1], [batch()], "dipole")


def test_throughput_counts_graphs_and_forgives_disturbed_passes() -> None:
    naps = itertools.cycle([0.002, 0.05, 0.05])

    def disturbed(data):
        time.sleep(next(naps))
        return equivariant(data)

    graphs = batch().num_graphs
    measured = throughput(disturbed, batch(), seconds=0.2)
    assert graphs / 0.05 < measured <= graphs / 0.002


def test_boosts_need_a_range_and_reveal_what_is_not_invariant() -> None:
    boost = RandomSymmetryTransform({"pos": "vector", "dipole": "scalar"}, "SO(1,3)", extent=0.5)
    pos = torch.randn(20, 4, generator=torch.Generator().manual_seed(0))
    data = Batch.from_data_list([Data(pos=p[None], dipole=torch.zeros(1)) for p in pos])
    signature = torch.tensor([1.0, -1, -1, -1])

    def error(metric: Tensor) -> float:
        return moved_score(
            lambda batch: (batch.pos.square() * metric).sum(1), [data], "dipole", boost
        )[1]

    assert error(signature) < 1e-5 < 0.1 < error(signature.abs())
    with pytest.raises(ValueError, match="no Haar probability"):
        RandomSymmetryTransform({"pos": "vector", "dipole": "scalar"}, "SO(1,3)")


def test_exchanges_move_the_answers_of_nodes_with_them() -> None:
    fields = {"pos": "vector@slot", "dipole": "vector@slot"}
    pos = torch.randn(20, 4, 3, generator=torch.Generator().manual_seed(0))
    data = Batch.from_data_list([Data(pos=p, dipole=2 * p) for p in pos])
    swap = RandomPermutationTransform(fields, PermutationSubgroup([[1, 0, 2, 3]]))

    def of_the_first_slot(batch: Data) -> Tensor:
        weights = torch.tensor([2.0, 1, 1, 1]).repeat(len(batch.pos) // 4)
        return weights[:, None] * batch.pos

    assert moved_score(lambda batch: 2 * batch.pos, [data], "dipole", swap) == (0.0, 0.0)
    error, violation = moved_score(of_the_first_slot, [data], "dipole", swap)
    assert error > 0.3 and violation > 0.3
