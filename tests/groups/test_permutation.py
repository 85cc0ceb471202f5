"""Subgroups of permutations: order, orbits, membership, uniform sampling, names."""

from itertools import permutations
from math import factorial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from semola_geo import PermutationSubgroup

RING = [[1, 2, 3, 4, 5, 6, 7, 0], [0, 7, 6, 5, 4, 3, 2, 1]]
# 99.9 % quantile of χ² with f degrees of freedom, by Wilson and Hilferty.
LIMIT = lambda f: f * (1 - 2 / (9 * f) + 3.09 * (2 / (9 * f)) ** 0.5) ** 3  # noqa: E731


def closure(generators, n):
    """All elements, by brute force."""
    elements = {tuple(range(n))}
    fresh = set(elements)
    while fresh:
        fresh = {tuple(g[i] for i in e) for e in fresh for g in generators} - elements
        elements |= fresh
    return elements


@settings(max_examples=25, deadline=None)
@given(st.lists(st.permutations(range(5)), min_size=0, max_size=3))
def test_against_brute_force(generators):
    group = PermutationSubgroup(generators, num_slots=5)
    elements = closure(generators, 5)
    assert group.order == len(elements)
    assert set(group.elements()) == elements
    for image in permutations(range(5)):
        assert group.contains(image) == (image in elements)
    assert sorted(slot for orbit in group.orbits for slot in orbit) == list(range(5))
    for orbit in group.orbits:
        assert {e[orbit[0]] for e in elements} == set(orbit)
    assert group.reduced() == group
    assert len(group.reduced().generators) <= len(group.generators)
    fixed = group.stabilizer([0, 3])
    assert set(fixed.elements()) == {e for e in elements if e[0] == 0 and e[3] == 3}


@pytest.mark.parametrize("generators", [RING, RING[:1], [[1, 0, 3, 2, 4, 5, 6, 7]], [[0, 1, 2]]])
def test_samples_are_uniform(generators):
    group = PermutationSubgroup(generators)
    samples = group.sample(4000, torch.Generator().manual_seed(0)).tolist()
    counts = dict.fromkeys(group.elements(), 0)
    for image in samples:
        counts[tuple(image)] += 1  # a KeyError would be an element from outside
    expected = 4000 / group.order
    statistic = sum((count - expected) ** 2 / expected for count in counts.values())
    assert statistic <= LIMIT(max(group.order - 1, 1))


def test_a_group_too_large_to_list():
    blocks = [range(16), range(16, 24), range(24, 32)]
    group = PermutationSubgroup.from_orbits(blocks, 32)
    assert group.order == factorial(16) * factorial(8) ** 2
    assert [len(orbit) for orbit in group.orbits] == [16, 8, 8]
    samples = group.sample(2000, torch.Generator().manual_seed(1))
    for block in blocks:
        part = samples[:, list(block)]
        assert (part.sort(dim=1).values == torch.tensor(list(block))).all()
        # Slot i goes to each place of its block equally often: 5 standard deviations.
        share = torch.nn.functional.one_hot(part - block[0], len(block)).double().mean(0)
        p = 1 / len(block)
        assert ((share - p).abs() < 5 * (p * (1 - p) / 2000) ** 0.5).all()
    with pytest.raises(ValueError, match=r"more than limit=.*sample\(\)"):
        group.elements()


def test_a_seed_decides_and_the_global_generator_rests():
    group, state = PermutationSubgroup(RING), torch.get_rng_state()
    first, again, other = (group.sample(9, torch.Generator().manual_seed(s)) for s in (0, 0, 1))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), state)
    assert PermutationSubgroup([], 4).sample(2).tolist() == [[0, 1, 2, 3]] * 2


@pytest.mark.parametrize(
    ("generators", "name"),
    [
        ([], "trivial"),
        (RING, "D8"),
        (RING[:1], "C8"),
        ([[1, 2, 3, 4, 0], [0, 4, 3, 2, 1]], "D5"),
        ([[1, 2, 0, 3], [1, 0, 3, 2]], "A4"),
        ([[1, 2, 3, 0], [1, 0, 2, 3]], "S4"),
        ([[1, 0, 3, 2], [2, 3, 0, 1]], "C2 x C2"),
        ([[1, 0, 3, 2]], "C2"),
        ([[1, 0, 2, 3, 4], [0, 1, 3, 2, 4], [0, 1, 3, 4, 2]], "S2 x S3"),
        ([[1, 0, 2, 3, 4], [0, 1, 3, 4, 2]], "S2 x C3"),
        ([[1, 0, 3, 4, 2]], "S2 x C3"),
        ([[1, 2, 0, 4, 5, 3], [3, 5, 4, 0, 2, 1]], "D3"),
        ([[1, 2, 0, 4, 5, 3]], "C3"),
        ([[1, 0, 2, 3, 4, 5], [1, 2, 0, 3, 4, 5], [3, 4, 5, 0, 1, 2]], "S3 wr S2"),
        ([[1, 2, 3, 4, 5, 6, 0], [0, 2, 4, 6, 1, 3, 5]], "order 21, orbits {7}"),
    ],
)
def test_names(generators, name):
    assert PermutationSubgroup(generators, None if generators else 8).name == name


def test_comparison():
    ring, turns = PermutationSubgroup(RING), PermutationSubgroup(RING[:1])
    assert turns <= ring and not ring <= turns
    assert turns == PermutationSubgroup([[3, 4, 5, 6, 7, 0, 1, 2]]) != ring
    assert hash(turns) == hash(PermutationSubgroup([[3, 4, 5, 6, 7, 0, 1, 2]]))
    assert turns != ring and turns != "C8" and not turns <= PermutationSubgroup([], 9)


def test_plain_values():
    content = PermutationSubgroup([[1, 0, 2, 4, 5, 3]]).to_dict()
    assert content == {
        "num_slots": 6,
        "order": 6,
        "name": "S2 x C3",
        "orbits": [[3, 4, 5], [0, 1], [2]],
        "generators": [[1, 0, 2, 4, 5, 3]],
        "cycles": ["(0 1)(3 4 5)"],
    }


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: PermutationSubgroup([]), ValueError, "num_slots is needed"),
        (lambda: PermutationSubgroup([], 0), ValueError, "at least 1"),
        (lambda: PermutationSubgroup([[0, 0, 1]]), ValueError, "no permutation of 3 slots"),
        (lambda: PermutationSubgroup([[1, 2, 3]]), ValueError, "no permutation of 3 slots"),
        (lambda: PermutationSubgroup([[1, 0]], 3), ValueError, "no permutation of 3 slots"),
        (lambda: PermutationSubgroup([[1.5, 0]]), TypeError, "list of integers"),
        (lambda: PermutationSubgroup(["ab"]), TypeError, "list of integers"),
        (lambda: PermutationSubgroup(RING).contains([1, 0]), ValueError, "no permutation of 8"),
        (lambda: PermutationSubgroup.from_orbits([[0, 1], [1, 2]], 3), ValueError, "disjoint"),
        (lambda: PermutationSubgroup.from_orbits([[0, 3]], 3), ValueError, "slots 0 … 2"),
        (lambda: PermutationSubgroup.from_molecule("O"), TypeError, "RDKit Mol, got str"),
        (lambda: PermutationSubgroup.from_molecule(Chem.Mol()), ValueError, "no atoms"),
    ],
)
def test_mistakes_are_named(make, error, text):
    with pytest.raises(error, match=text):
        make()
