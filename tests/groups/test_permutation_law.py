"""The learnable law over permutations: what it samples, learns and refuses."""

import pytest
import torch

from semola_geo.groups import PermutationLaw, PermutationSubgroup
from semola_geo.representations import parse_representation

SLOT = parse_representation("scalar@slot")
RING = [[1, 2, 3, 4, 0], [0, 4, 3, 2, 1]]


def law_of(images, **options):
    law = PermutationLaw(len(images[0]), len(images), **options)
    law.set_generators(images)
    return law


def test_words_stay_in_the_group_and_reach_all_of_it():
    law = law_of(RING)
    group = PermutationSubgroup(RING)
    assert law.group == group
    sampled = law.sample(2000, torch.Generator().manual_seed(0))
    assert {tuple(image) for image in sampled.images.tolist()} == set(group.elements())
    assert torch.equal(sampled.as_matrix().argmax(1), sampled.images)


def test_one_generator_is_sampled_uniformly_from_its_cyclic_group():
    sampled = law_of(RING[:1], word_length=1).sample(5000, torch.Generator().manual_seed(0)).images
    share = torch.bincount(sampled[:, 0], minlength=5) / 5000
    assert (share - 0.2).abs().max() < 5 * (0.2 * 0.8 / 5000) ** 0.5


@pytest.mark.parametrize("images", [RING, [[0, 1, 2, 3, 4]]])
def test_gradient_reaches_every_generator(images):
    # Also one that has become the identity: it must be able to leave it again.
    law = law_of(images)
    moved = law.sample(64, torch.Generator().manual_seed(0)).act(torch.randn(64 * 5), SLOT)
    (moved * torch.randn(64 * 5)).sum().backward()
    assert (law.scores.grad.abs().flatten(1).sum(1) > 0).all()


def test_a_seed_decides_and_no_gradient_is_no_matrix():
    law = law_of(RING)
    state = torch.get_rng_state()
    first, again = (law.sample(7, torch.Generator().manual_seed(4)) for _ in range(2))
    assert torch.equal(first.images, again.images) and first.matrix.requires_grad
    assert torch.equal(torch.get_rng_state(), state)
    with torch.no_grad():
        quick = law.sample(7, torch.Generator().manual_seed(4))
    assert quick.matrix is None and torch.equal(quick.images, first.images)
    other = PermutationLaw(5, 2)
    other.load_state_dict(law.state_dict())
    assert other.group == law.group


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"num_slots": 1}, "num_slots must be at least 2"),
        ({"num_generators": 0}, "num_generators must be at least 1"),
        ({"word_length": 0}, "word_length must be at least 1"),
        ({"temperature": 0.0}, "temperature must be positive"),
    ],
)
def test_mistakes_are_named(options, text):
    with pytest.raises(ValueError, match=text):
        PermutationLaw(**{"num_slots": 4, **options})
    with pytest.raises(ValueError, match="has 1 generators, got 2"):
        PermutationLaw(5, 1).set_generators(RING)
