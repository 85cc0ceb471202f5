from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch_geometric.data import Data

from semola_geo.datasets import random_split


def numbers(part: list[Data]) -> list[int]:
    return [graph.number for graph in part]


@given(st.integers(10, 400), st.integers(0, 100))
def test_parts_are_disjoint_cover_everything_and_have_their_shares(count: int, seed: int) -> None:
    parts = random_split([Data(number=i) for i in range(count)], seed)
    found = [number for part in parts.values() for number in numbers(part)]
    assert sorted(found) == list(range(count))
    for name, share in {"train": 0.75, "val": 0.1, "test": 0.15}.items():
        assert abs(len(parts[name]) - share * count) <= 1
        assert parts[name]


def test_a_seed_repeats_and_another_differs() -> None:
    graphs = [Data(number=i) for i in range(50)]
    first, again, other = (numbers(random_split(graphs, seed)["test"]) for seed in (0, 0, 1))
    assert first == again != other


def test_too_few_graphs() -> None:
    with pytest.raises(ValueError, match=r"9 graph\(s\) are too few to split; at least 10"):
        random_split([Data()] * 9)
