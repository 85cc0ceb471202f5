from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Batch, Data

from semola_geo.training import GraphLoader
from semola_geo.training.order import EpochOrder
from semola_geo.training.seeding import seed_from


def numbered(count: int) -> list[Data]:
    return [Data(pos=torch.zeros(1 + i % 3, 3), number=torch.tensor([i])) for i in range(count)]


def passes(loader: GraphLoader, epoch: int) -> list[list[int]]:
    loader.set_epoch(epoch)
    return [batch.number.tolist() for batch in loader]


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1000), epoch=st.integers(0, 50), size=st.integers(1, 8))
def test_order_is_a_function_of_seed_and_epoch(seed, epoch, size):
    order, again = EpochOrder(7, size, seed), EpochOrder(7, size, seed)
    again.set_epoch(3)
    list(again)
    for sampler in (order, again):
        sampler.set_epoch(epoch)
    first, second = ([b.tolist() for b in s] for s in (order, again))
    assert first == second
    assert sorted(itertools.chain(*first)) == list(range(7))


def test_epochs_and_seeds_differ():
    loader = GraphLoader(numbered(32), 32, seed=0)
    assert passes(loader, 0) != passes(loader, 1)
    assert passes(loader, 0) != passes(GraphLoader(numbered(32), 32, seed=1), 0)
    assert passes(GraphLoader(numbered(5), 2, shuffle=False), 4) == [[0, 1], [2, 3], [4]]


def test_plain_loop_moves_on_by_itself():
    loader = GraphLoader(numbered(16), 16)
    first, second = ([b.number.tolist() for b in loader] for _ in range(2))
    assert first != second
    assert first == passes(loader, 0)
    assert second == passes(loader, 1)


def test_epoch_may_be_set_after_iter():
    loader = GraphLoader(numbered(16), 16)
    iterator = iter(loader)
    loader.set_epoch(5)
    assert next(iterator).number.tolist() == passes(loader, 5)[0]


@pytest.mark.parametrize("steps", [2, 3, 7])
def test_steps_per_epoch_cut_one_stream_of_passes(steps):
    stream = [b for e in range(6) for b in passes(GraphLoader(numbered(10), 4, seed=3), e)]
    loader = GraphLoader(numbered(10), 4, seed=3, steps_per_epoch=steps)
    assert len(loader) == steps
    cut = [b for e in range(2) for b in passes(loader, e)]
    assert cut == stream[: 2 * steps]


@pytest.mark.parametrize("graphs", [16, 17, 19])
def test_ranks_share_the_global_batch(graphs):
    whole = passes(GraphLoader(numbered(graphs), 6, seed=1), 2)
    parts = [
        passes(GraphLoader(numbered(graphs), 3, seed=1, rank=r, world_size=2), 2) for r in (0, 1)
    ]
    assert len(parts[0]) == len(parts[1])
    for batch, even, odd in zip(whole, *parts, strict=False):
        assert len(even) == len(odd)
        trimmed = batch[: len(batch) - len(batch) % 2]
        assert even == trimmed[0::2]
        assert odd == trimmed[1::2]


def test_evaluation_sees_every_graph_once_over_ranks():
    parts = [
        passes(GraphLoader(numbered(9), 2, shuffle=False, rank=r, world_size=2), 0) for r in (0, 1)
    ]
    assert sorted(itertools.chain(*parts[0], *parts[1])) == list(range(9))


def test_drop_last():
    assert [len(b) for b in passes(GraphLoader(numbered(7), 3, drop_last=True), 0)] == [3, 3]
    with pytest.raises(ValueError, match="gives no batch of 8"):
        GraphLoader(numbered(7), 8, drop_last=True)


def test_on_the_fly_transform_uses_the_pyg_loader_in_the_same_order():
    class Shifted(list):
        def transform(self, data: Data) -> Data:
            return Data(pos=data.pos + 1, number=data.number)

        def __getitem__(self, i):
            return self.transform(super().__getitem__(i))

    loader = GraphLoader(Shifted(numbered(6)), 4, seed=2)
    assert not loader.in_memory
    assert passes(loader, 1) == passes(GraphLoader(numbered(6), 4, seed=2), 1)
    batch = next(iter(loader))
    assert isinstance(batch, Batch)
    assert float(batch.pos.min()) == 1.0
    assert loader.full_batch().num_graphs == 6


def test_full_batch_keeps_the_order():
    assert GraphLoader(numbered(9), 2).full_batch().number.tolist() == list(range(9))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"batch_size": 1, "steps_per_epoch": 0}, "steps_per_epoch must be"),
        ({"batch_size": 1, "rank": 2, "world_size": 2}, r"rank must be in 0..1, got 2"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        GraphLoader(numbered(3), **options)
    with pytest.raises(ValueError, match="dataset is empty"):
        GraphLoader([], batch_size=1)


def test_seeds_do_not_collide():
    seeds = {seed_from(s, *c) for s in range(5) for c in [(), (0,), (1,), (0, 0), (0, 1), (1, 0)]}
    assert len(seeds) == 30
    with pytest.raises(ValueError, match=">= 0"):
        seed_from(-1)
