"""Grow a group of permutations out of elements that passed the test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from semola_geo.discovery.finite import assess
from semola_geo.discovery.slot_response import SlotProbe
from semola_geo.discovery.slot_search import Anchor, learn_permutations
from semola_geo.discovery.slot_support import SlotSupport
from semola_geo.discovery.verdict import Thresholds, Verdict, judge
from semola_geo.groups import PermutationSubgroup, cycle_notation

__all__ = ["GroupGrowth", "Trial"]

Image = tuple[int, ...]
# Slots whose effects differ by more than this share cannot be carried into each other.
_EFFECT = 0.3
_MOST_ANCHORS = 40
_DEPTH = 3
# Random elements of the group on which it is tested as a whole.
_SAMPLED = 16


@dataclass(frozen=True)
class Trial:
    """What the test says about one permutation.

    Attributes:
        image: Its image list.
        origin: ``"transposition"``, ``"learned"`` or ``"implied"`` (an element of the group that
            the accepted ones generate).
        verdict: One of the five.
        violation: Relative violation λ.
        interval: Its 95 % bounds.
        noise: Size of the teachers' own errors in the same unit.
        ratio: Violation over noise.
        support: Share of permuted graphs that leave the data.
    """

    image: Image
    origin: str
    verdict: Verdict
    violation: float
    interval: tuple[float, float]
    noise: float
    ratio: float
    support: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "cycles": cycle_notation(self.image),
            "image": list(self.image),
            "origin": self.origin,
            "verdict": str(self.verdict),
            "violation": self.violation,
            "interval": list(self.interval),
            "noise": self.noise,
            "ratio": self.ratio,
            "support": self.support,
        }


@dataclass
class GroupGrowth:
    """Tests permutations, and joins those that pass.

    Attributes:
        probe: Graphs and all pairs of teachers: tests what was fixed beforehand.
        chooser: Graphs and the pair that learned permutations are chosen on.
        tester: Graphs and the other pairs, which test learned permutations.
        support: Where the data can tell anything.
        reliable: Whether the teachers predict held-out labels.
        limits: Bounds of the verdicts.
        starts: Random starts per anchor.
        steps: Gradient steps per start.
        generator: Source of randomness.
    """

    probe: SlotProbe
    chooser: SlotProbe
    tester: SlotProbe
    support: SlotSupport
    reliable: bool
    limits: Thresholds
    starts: int
    steps: int
    generator: torch.Generator
    trials: dict[Image, Trial] = field(default_factory=dict)

    def grow(self) -> PermutationSubgroup:
        """Return the group that the accepted elements generate."""
        slots = self.probe.num_slots
        group = PermutationSubgroup([], slots)
        if not self.reliable:
            self.test(_transpositions(slots), "transposition", self.probe)
            return group
        group = self._join(group, self.test(_transpositions(slots), "transposition", self.probe))
        for depth in range(_DEPTH):
            while True:
                anchors = self._anchors(group, _base(group, depth))
                learned = learn_permutations(
                    self.chooser, anchors, self._allowed, starts=self.starts, steps=self.steps,
                    generator=self.generator,
                )  # fmt: skip
                new = [image for image in learned if image not in self.trials]
                larger = self._join(group, self.test(new, "learned", self.tester))
                if larger.order == group.order:
                    break
                group = larger
        return group

    def verify(self, group: PermutationSubgroup) -> PermutationSubgroup:
        """Return the largest part of a group that passes as a whole.

        Every generator is tested, and so are random elements: a group that holds a refuted element
        is not a symmetry, however well each generator did. The worst generator goes then.
        """
        while group.generators:
            untested = [image for image in group.generators if image not in self.trials]
            self.test(untested, "implied", self.tester)
            sampled = {tuple(image) for image in group.sample(_SAMPLED, self.generator).tolist()}
            fresh = sorted(sampled - {tuple(range(group.num_slots))} - set(self.trials))
            drawn = self.test(fresh, "implied", self.tester)
            for trial in drawn:
                del self.trials[trial.image]
            refuted = any(trial.verdict is Verdict.NONE for trial in drawn)
            verdicts = {image: self.trials[image] for image in group.generators}
            failed = [i for i, t in verdicts.items() if t.verdict is not Verdict.SYMMETRY]
            if not failed and not refuted:
                break
            worst = max(group.generators, key=lambda image: verdicts[image].interval[1])
            dropped = failed or [worst]
            kept = [image for image in group.generators if image not in dropped]
            group = PermutationSubgroup(kept, group.num_slots)
        return group

    def test(self, images: Sequence[Image], origin: str, probe: SlotProbe) -> list[Trial]:
        """Test permutations on a probe's pairs of teachers, and remember the outcome."""
        if not images:
            return []
        table = torch.tensor(images)
        found, support = assess(probe.products(table)), self.support.share(table)
        verdicts = judge(found.intervals, support, self.reliable, self.limits)
        trials = [
            Trial(
                image=tuple(image),
                origin=origin,
                verdict=verdict,
                violation=float(found.values[number]),
                interval=(float(found.intervals[number, 0]), float(found.intervals[number, 1])),
                noise=float(found.noise[number]),
                ratio=float(found.ratio[number]),
                support=float(support[number]),
            )
            for number, (image, verdict) in enumerate(zip(images, verdicts, strict=True))
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

    def _anchors(self, group: PermutationSubgroup, held: Sequence[int]) -> list[Anchor]:
        """Pairs of slots, in different orbits of the stabiliser, that may belong together."""
        allowed = self._allowed
        orbits = group.stabilizer(held).orbits
        heads = sorted(orbit[0] for orbit in orbits if orbit[0] not in held)
        pairs = [(one, two) for one, two in combinations(heads, 2) if bool(allowed[one, two])]
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
