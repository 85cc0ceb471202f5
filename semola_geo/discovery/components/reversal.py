"""Time reversal: does the target follow when velocities, and all else that is odd, change sign?"""

from __future__ import annotations

from collections.abc import Sequence

from torch_geometric.data import Data

from semola_geo.discovery.components.component import REVERSAL, Component
from semola_geo.discovery.components.coset_test import CosetTest
from semola_geo.discovery.components.reversal_support import in_motion, reversal_support
from semola_geo.discovery.lie_derivative import Teacher
from semola_geo.discovery.support import as_batch
from semola_geo.discovery.trust import Trust
from semola_geo.discovery.verdict import Thresholds, Verdict
from semola_geo.fields import Fields
from semola_geo.representations import Representation
from semola_geo.transforms import LearnableSymmetryTransform, check_odd

__all__ = ["check_reversal", "judge_reversal"]

# Fewer graphs in motion than this show nothing.
_FEWEST = 40
_ALONE = "time reversal together with a rotation or reflection was not looked for"
_RESTING = "too few graphs are in motion: odd inputs are zero"


def check_reversal(inputs: Fields) -> None:
    """Refuse to reverse time where no input is odd, as it would hold whatever the data say.

    Raises:
        ValueError: Saying how to declare an odd input.

    >>> check_reversal(Fields({"pos": "point", "vel": "vector@odd"}, 3))
    """
    try:
        check_odd(inputs)
    except ValueError as error:
        raise ValueError(f"no input is odd, and ambient asks for time reversal: {error}") from None


def judge_reversal(
    pairs: Sequence[tuple[Teacher, Teacher]],
    graphs: Sequence[Data],
    inputs: Fields,
    target: Representation,
    limits: Thresholds,
    *,
    transform: LearnableSymmetryTransform | None = None,
    reflections: Sequence[Component] | None = None,
    judging: int = 1000,
    seed: int = 0,
    trust: Trust | None = None,
) -> list[Component]:
    r"""Judge time reversal θ, and where neither is a symmetry, θ together with a reflection.

    θ is a finite element like a reflection: teachers of plain data answer before and after the odd
    inputs have changed their sign, averaged over the connected group that was found. It is a
    symmetry of the map from inputs to target where an even target stays and an odd one changes its
    sign. A magnetic field breaks θ and mirror planes along the field; together they are a symmetry
    again, as it would change its sign under either.

    Whether a motion can be run backwards, :math:`\Phi\theta\Phi = \theta` for the map Φ from a
    state to a later one, is another question, and not asked here.

    Args:
        pairs: Teachers on disjoint halves.
        graphs: All graphs, those to ask the teachers about first; those at rest are left out.
        inputs: Input fields.
        target: Representation of the target.
        limits: Bounds of the verdicts.
        transform: Samples the connected group, in the data's units; ``None``: the trivial group.
        reflections: Judged reflections that may go along with θ; ``None``: none were looked for.
        judging: Most graphs to ask the teachers about.
        seed: Seed of the draws.
        trust: How far the teachers are believed; ``None``: fully.
    """
    moving = in_motion(as_batch(graphs), inputs).tolist()
    chosen = [graph for graph, moves in zip(graphs, moving, strict=True) if moves]
    if len(chosen) < _FEWEST:
        return [
            Component(
                REVERSAL,
                False,
                verdict=Verdict.UNTESTED,
                support=1.0,
                note=_RESTING,
                kind=REVERSAL,
            )
        ]
    everything = as_batch(chosen)
    tester = CosetTest(
        pairs,
        as_batch(chosen[:judging]),
        inputs,
        target,
        transform,
        limits,
        trust or Trust(),
        seed,
    )
    note = _ALONE if reflections is None else ""
    alone = tester.judge_reversal(REVERSAL, None, reversal_support(everything, inputs), note=note)
    found = [alone]
    if alone.verdict is Verdict.SYMMETRY:
        return found
    for item in reflections or []:
        # With a symmetry, θ holds or fails as it does alone.
        if item.matrix is not None and item.verdict is not Verdict.SYMMETRY:
            support = reversal_support(everything, inputs, item.matrix)
            name = f"{REVERSAL} with {item.element}"
            found.append(tester.judge_reversal(name, item.matrix, support))
    return found
