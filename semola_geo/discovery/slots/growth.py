"""Grow a group of permutations out of elements that passed the test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import torch
from torch import Tensor

from semola_geo.discovery.finite import FiniteTest, assess
from semola_geo.discovery.slots.anchor import Anchor
from semola_geo.discovery.slots.generators import readable_generators
from semola_geo.discovery.slots.likely import likely_permutations
from semola_geo.discovery.slots.response import SlotProbe
from semola_geo.discovery.slots.search import learn_permutations
from semola_geo.discovery.slots.support import SlotSupport
from semola_geo.discovery.slots.trial import Image, Trial
from semola_geo.discovery.trust import Trust
from semola_geo.discovery.verdict import Thresholds, Verdict, judge
from semola_geo.groups import PermutationSubgroup

__all__ = ["GroupGrowth"]

# Slots whose effects differ by more than this share cannot be carried into each other.
_EFFECT = 0.3
_MOST_ANCHORS = 40
_DEPTH = 3
# Resolution, in units of ε, beyond which learning permutations is a waste of time.
_HOPELESS = 3.0
# Random elements of the group on which it is tested as a whole.
_SAMPLED = 16


@dataclass
class GroupGrowth:
    """Tests permutations, and joins those that pass.

    Attributes:
        probe: Graphs and all pairs of teachers: tests what was fixed beforehand.
        chooser: Graphs and the pair that learned permutations are chosen on.
        tester: Graphs and the other pairs, which test learned permutations.
        support: Where the data can tell anything.
        trust: How far the teachers are believed.
        limits: Bounds of the verdicts.
        starts: Random starts per anchor.
        steps: Gradient steps per start.
        generator: Source of randomness.
        trials: Outcomes, by image list.
        quietest: The test with most unviolated elements, which tell how errors correlate.
    """

    probe: SlotProbe
    chooser: SlotProbe
    tester: SlotProbe
    support: SlotSupport
    trust: Trust
    limits: Thresholds
    starts: int
    steps: int
    generator: torch.Generator
    trials: dict[Image, Trial] = field(default_factory=dict)
    quietest: FiniteTest | None = None

    def grow(self) -> PermutationSubgroup:
        """Return the group that the accepted elements generate."""
        slots = self.probe.num_slots
        group = PermutationSubgroup([], slots)
        exchanges = self.test(_transpositions(slots), "transposition", self.probe)
        group = self._join(group, exchanges)  # Teachers that are not reliable accept none.
        if not self.trust.reliable or self._hopeless(exchanges):
            return group
        failed: set[tuple[int, int]] = set()
        for depth in range(_DEPTH):
            larger = self._extend(group, depth, failed)
            while larger.order > group.order:
                group, larger = larger, self._extend(larger, depth, failed)
        return group

    def _hopeless(self, exchanges: Sequence[Trial]) -> bool:
        """Whether the teachers are too weak to accept any exchange that the data support."""
        assert self.quietest is not None
        tested = torch.tensor([trial.verdict is not Verdict.UNTESTED for trial in exchanges])
        fine = self.quietest.resolution < _HOPELESS * self.limits.symmetry
        return bool(tested.any()) and not bool(fine[tested].any())

    def _extend(
        self, group: PermutationSubgroup, depth: int, failed: set[tuple[int, int]]
    ) -> PermutationSubgroup:
        """Find elements that join orbits of the stabiliser of some slots.

        What the data themselves propose, where they leave some exchange untested, was chosen by no
        label, and is tested by all teachers; what one pair of teachers proposes, by the others.
        """
        anchors = self._anchors(group, _base(group, depth), failed)
        if any(trial.verdict is Verdict.UNTESTED for trial in self.trials.values()):
            likely = likely_permutations(
                self.support,
                anchors,
                self._allowed,
                group,
                self.limits.told,
                starts=self.starts,
                generator=self.generator,
            )
            new = [image for image in likely if image not in self.trials]
            larger = self._join(group, self.test(new, "likely", self.probe))
            if larger.order > group.order:
                return larger
        learned = learn_permutations(
            self.chooser,
            lambda images: self.support.share(images) > self.limits.told,
            anchors,
            self._allowed,
            group,
            starts=self.starts,
            steps=self.steps,
            generator=self.generator,
        )
        new = [image for image in learned if image not in self.trials]
        larger = self._join(group, self.test(new, "learned", self.tester))
        # What cannot be carried to its place at all cannot be with further slots held.
        whole = {slot: number for number, o in enumerate(larger.orbits) for slot in o}
        failed |= {(a.source, a.image) for a in anchors if whole[a.source] != whole[a.image]}
        return larger

    def settle(self, group: PermutationSubgroup) -> PermutationSubgroup:
        """Return a group with readable generators, each of which passes, as the group does.

        Random elements are tested as well: a group that holds a refuted element is no symmetry,
        however well each generator did, and its worst generator goes.
        """
        readable = readable_generators(group, self._accepted)
        untested = [image for image in readable.generators if image not in self.trials]
        self.test(untested, "implied", self.tester)
        if all(image in self._accepted for image in readable.generators):
            group = readable
        while group.generators and self._refuted(group):
            uppers = {image: self.trials[image].interval[1] for image in group.generators}
            worst = max(group.generators, key=lambda image: uppers[image])
            kept = [image for image in group.generators if image != worst]
            group = PermutationSubgroup(kept, group.num_slots)
        return group

    def _refuted(self, group: PermutationSubgroup) -> bool:
        sampled = {tuple(image) for image in group.sample(_SAMPLED, self.generator).tolist()}
        fresh = sorted(sampled - {tuple(range(group.num_slots))} - set(self.trials))
        drawn = self.test(fresh, "implied", self.tester)
        for trial in drawn:
            del self.trials[trial.image]  # They decide, but a reader has no use for them.
        return any(trial.verdict is Verdict.NONE for trial in drawn)

    @property
    def _accepted(self) -> set[Image]:
        return {i for i, trial in self.trials.items() if trial.verdict is Verdict.SYMMETRY}

    def test(self, images: Sequence[Image], origin: str, probe: SlotProbe) -> list[Trial]:
        """Test permutations on a probe's pairs of teachers, and remember the outcome."""
        if not images:
            return []
        table = torch.tensor(images)
        found = assess(probe.products(table), self.quietest)
        if self.quietest is None or found.quiet > self.quietest.quiet:
            self.quietest = found
        support = self.support.share(table)
        # The teachers' own error excuses no violation here: an element that is refuted keeps a
        # group from growing, so that doubt has to be on its side.
        verdicts = judge(found.intervals, support, self.trust, self.limits.for_elements())
        trials = [
            Trial.of(tuple(image), origin, verdict, found, row, float(support[row]))
            for row, (image, verdict) in enumerate(zip(images, verdicts, strict=True))
        ]
        self.trials |= {trial.image: trial for trial in trials}
        return trials

    def _join(self, group: PermutationSubgroup, trials: Sequence[Trial]) -> PermutationSubgroup:
        accepted = [trial for trial in trials if trial.verdict is Verdict.SYMMETRY]
        accepted.sort(key=lambda trial: trial.interval[1])
        joined = [*group.generators, *(trial.image for trial in accepted)]
        return PermutationSubgroup(joined, self.probe.num_slots).reduced()

    @property
    def _allowed(self) -> Tensor:
        """Images that a slot may have: of a similar effect on the prediction."""
        effects = self.probe.effects.mean((0, 2)).clamp_min(0.0)
        spread = self.probe.effects.mean(2).std(0) if len(self.probe.pairs) > 1 else 0 * effects
        apart = (effects[:, None] - effects).abs()
        largest = torch.maximum(effects[:, None], effects)
        return apart <= _EFFECT * largest + 3 * (spread[:, None] + spread)

    def _anchors(
        self, group: PermutationSubgroup, held: Sequence[int], failed: set[tuple[int, int]]
    ) -> list[Anchor]:
        """Pairs of slots, in different orbits of the stabiliser, that may belong together."""
        allowed = self._allowed
        orbits = group.stabilizer(held).orbits
        heads = sorted(orbit[0] for orbit in orbits if orbit[0] not in held)
        pairs = [
            pair for pair in combinations(heads, 2) if bool(allowed[pair]) and pair not in failed
        ]
        if len(pairs) > _MOST_ANCHORS:
            order = torch.randperm(len(pairs), generator=self.generator)[:_MOST_ANCHORS]
            pairs = [pairs[i] for i in order.tolist()]
        return [Anchor(one, two, tuple(held)) for one, two in pairs]


def _transpositions(slots: int) -> list[Image]:
    images = []
    for one, two in combinations(range(slots), 2):
        image = list(range(slots))
        image[one], image[two] = two, one
        images.append(tuple(image))
    return images


def _base(group: PermutationSubgroup, depth: int) -> list[int]:
    """Choose slots to hold, each in the largest orbit of what is left."""
    held: list[int] = []
    for _ in range(depth):
        orbits = [o for o in group.stabilizer(held).orbits if o[0] not in held]
        held.append(orbits[0][0])
    return held
