"""Of rigid things, the data alone propose the few permutations that they can test."""

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo import PermutationSubgroup
from semola_geo.discovery.slots.anchor import Anchor, improve, useful_swaps
from semola_geo.discovery.slots.likely import likely_permutations
from semola_geo.discovery.slots.support import SlotSupport
from semola_geo.fields import Fields

FLIP = (2, 1, 0, 4, 3)


@pytest.fixture
def ends():
    """A bent chain 0-1-2 with a branch at either end, seen as often from either side."""
    g = torch.Generator().manual_seed(0)
    rest = torch.tensor([[-1.0, 0, 0], [0, 1, 0], [1.3, 0, 0], [-1.5, -1, 0.4], [1.8, -1, -0.4]])
    graphs = []
    for number in range(600):
        pos = rest[list(FLIP)] if number % 2 else rest
        turn = torch.linalg.qr(torch.randn(3, 3, generator=g)).Q
        graphs.append(Data(pos=(pos + 0.05 * torch.randn(5, 3, generator=g)) @ turn.T))
    return graphs


def support_of(graphs):
    inputs = Fields({"pos": "point@slot"}, 3)
    return SlotSupport(Batch.from_data_list(graphs), inputs, 5, torch.Generator().manual_seed(0))


def search(support, anchors):
    return likely_permutations(
        support,
        anchors,
        torch.ones(5, 5, dtype=torch.bool),
        PermutationSubgroup([], 5),
        0.5,
        starts=4,
        generator=torch.Generator().manual_seed(1),
    )


def test_what_two_exchanges_make_together_is_found(ends):
    support = support_of(ends)
    shares = support.share(torch.tensor([FLIP, (2, 1, 0, 3, 4), (0, 1, 2, 4, 3)]))
    assert float(shares[0]) < 0.2 and float(shares[1:].min()) > 0.9
    assert search(support, [Anchor(0, 2), Anchor(0, 1), Anchor(3, 4)]) == [FLIP]


def test_nothing_is_found_of_one_side_only(ends):
    assert search(support_of(ends[::2]), [Anchor(0, 2), Anchor(3, 4)]) == []


def test_an_imbalance_between_sides_is_no_lack_of_support(ends):
    seldom = [graph for number, graph in enumerate(ends) if number % 2 or number % 4 == 0]
    assert float(support_of(seldom).share(torch.tensor([FLIP]))) < 0.5


def test_improvement_obeys_the_mask_and_ends_at_a_minimum():
    goal = torch.tensor([1, 0, 3, 2])
    mask = Anchor(0, 1).mask(torch.ones(4, 4, dtype=torch.bool))
    swaps = useful_swaps(PermutationSubgroup([], 4))

    def rank(images):
        return (images != goal).sum(1).double()

    image, value = improve(rank, torch.tensor([[1, 0, 2, 3], [1, 3, 2, 0]]), mask, swaps)
    assert image.tolist() == goal.tolist() and value == 0
