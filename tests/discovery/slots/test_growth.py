"""Groups grown from analytic teachers: exact, and never more than the truth."""

import pytest
import torch
from torch_geometric.data import Batch

from semola_geo import PermutationSubgroup
from semola_geo.discovery import Thresholds, Verdict
from semola_geo.discovery.slots.anchor import Anchor
from semola_geo.discovery.slots.generators import readable_generators
from semola_geo.discovery.slots.growth import GroupGrowth
from semola_geo.discovery.slots.response import SlotProbe
from semola_geo.discovery.slots.search import learn_permutations
from semola_geo.discovery.slots.support import SlotSupport
from semola_geo.discovery.trust import Trust
from semola_geo.fields import Fields
from semola_geo.representations import parse_representation

INPUTS = Fields({"x": "scalar@slot"}, 3)


@pytest.fixture
def growth_of(slot_teachers):
    def make(name, slots, *args, graphs=None, size=0.05, **options):
        graphs = slot_teachers.readings(400, slots) if graphs is None else graphs
        pairs = slot_teachers.pairs_of(getattr(slot_teachers, name), slots, size)
        return build(pairs, graphs, slots, *args, **options)

    return make


def build(pairs, graphs, slots, target="scalar", reliable=True):

    def probe(chosen, at):
        return SlotProbe(chosen, at, INPUTS, parse_representation(target), slots)

    return GroupGrowth(
        probe=probe(pairs, graphs),
        chooser=probe(pairs[:1], graphs[:100]),
        tester=probe(pairs[1:], graphs),
        support=SlotSupport(
            Batch.from_data_list(graphs), INPUTS, slots, torch.Generator().manual_seed(0)
        ),
        trust=Trust(reliable),
        limits=Thresholds(),
        starts=4,
        steps=20,
        generator=torch.Generator().manual_seed(0),
    )


@pytest.mark.parametrize(
    ("function", "slots", "target", "name"),
    [
        ("ring", 6, "scalar", "C6"),
        ("mirror_ring", 6, "scalar", "D6"),
        ("nodewise", 5, "scalar@slot", "D5"),
        ("blocks", 5, "scalar", "S2 x S3"),
        ("weighted", 5, "scalar", "trivial"),
        ("total", 5, "scalar", "S5"),
    ],
)
def test_exact_groups(growth_of, function, slots, target, name):
    growth = growth_of(function, slots, target)
    group = growth.settle(growth.grow())
    assert group.name == name
    for image in group.generators:
        assert growth.trials[image].verdict is Verdict.SYMMETRY
    for trial in growth.trials.values():
        assert trial.verdict is not Verdict.SYMMETRY or group.contains(trial.image)


def test_teachers_too_weak_decide_nothing(growth_of):
    growth = growth_of("ring", 5, reliable=False)
    assert growth.grow().order == 1
    assert {trial.verdict for trial in growth.trials.values()} == {Verdict.UNDECIDED}


def test_errors_beyond_the_signal_are_not_taken_for_symmetry(growth_of):
    growth = growth_of("weighted", 5, size=3.0)
    assert growth.grow().order == 1


def test_slots_that_never_exchange_their_nodes_are_untested(growth_of, slot_teachers):
    # The function is symmetric, but the data never show node 0 where node 1 is.
    graphs = slot_teachers.readings(400, 4)
    for graph in graphs:
        graph.x[0] += 8.0
    growth = growth_of("total", 4, graphs=graphs)
    assert growth.grow().name == "S3"
    verdicts = {image: trial.verdict for image, trial in growth.trials.items()}
    assert verdicts[1, 0, 2, 3] is Verdict.UNTESTED
    assert verdicts[0, 2, 1, 3] is Verdict.SYMMETRY


def test_a_group_with_a_refuted_element_loses_its_worst_generator(growth_of):
    growth = growth_of("ring", 6)
    turn, flip = [1, 2, 3, 4, 5, 0], [0, 5, 4, 3, 2, 1]
    growth.grow()
    growth.test([tuple(flip)], "learned", growth.tester)
    assert growth.settle(PermutationSubgroup([turn, flip])) == PermutationSubgroup([turn])


def test_exchanges_that_passed_are_preferred_as_generators():
    group = PermutationSubgroup.from_orbits([[0, 2, 3]], 4)
    assert readable_generators(group).generators == ((2, 1, 0, 3), (0, 1, 3, 2))
    chosen = readable_generators(group, {(3, 1, 2, 0), (0, 1, 3, 2)})
    assert chosen == group and chosen.generators == ((3, 1, 2, 0), (0, 1, 3, 2))


def test_search_obeys_its_anchors(growth_of):
    growth = growth_of("mirror_ring", 6)
    allowed = torch.ones(6, 6, dtype=torch.bool)
    anchors = [Anchor(0, 2), Anchor(1, 5, held=(0,)), Anchor(1, 2, held=(0,))]
    options = {"starts": 6, "steps": 20, "generator": torch.Generator().manual_seed(1)}
    known = PermutationSubgroup([], 6)

    def search(allowed, untested):
        return learn_permutations(growth.chooser, untested, anchors, allowed, known, **options)

    found = search(allowed, lambda images: torch.zeros(len(images)))
    # Two elements of D6 carry 0 to 2, one holds 0 and carries 1 to 5, and none the third.
    assert (0, 5, 4, 3, 2, 1) in found and len(found) == 2
    assert any(image[0] == 2 for image in found)
    assert search(~allowed, lambda images: torch.zeros(len(images))) == []
    assert search(allowed, lambda images: torch.ones(len(images))) == []


@pytest.mark.parametrize(
    ("generators", "readable"),
    [
        ([[3, 4, 5, 0, 1, 2], [2, 3, 4, 5, 0, 1]], [(1, 2, 3, 4, 5, 0)]),
        ([[2, 1, 0, 3], [0, 3, 2, 1], [2, 3, 0, 1]], [(2, 1, 0, 3), (0, 3, 2, 1)]),
        ([[5, 4, 3, 2, 1, 0], [5, 0, 1, 2, 3, 4]], [(1, 2, 3, 4, 5, 0), (0, 5, 4, 3, 2, 1)]),
    ],
)
def test_readable_generators(generators, readable):
    group = PermutationSubgroup(generators)
    assert readable_generators(group) == group
    assert list(readable_generators(group).generators) == readable


def test_support_of_exchangeable_and_other_slots(slot_teachers):
    graphs = slot_teachers.readings(600, 3)
    for graph in graphs:
        graph.x[2] = 0.3 * graph.x[2]
    batch = Batch.from_data_list(graphs)
    support = SlotSupport(batch, INPUTS, 3, torch.Generator().manual_seed(0))
    even, uneven = support.share(torch.tensor([[1, 0, 2], [0, 2, 1]])).tolist()
    # 300 graphs judge: the share of an exchangeable pair lies within 4 standard errors of 0.
    assert even < 4 / 300**0.5 and uneven > 0.5
    assert support.share(torch.zeros(0, 3, dtype=torch.long)).shape == (0,)
