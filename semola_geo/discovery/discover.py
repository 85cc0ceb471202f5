"""From a data set to a verdict on every direction of the ambient algebra."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import nn
from torch_geometric.data import Data

from semola_geo.discovery.components.reversal import check_reversal
from semola_geo.discovery.continuous import discover_continuous
from semola_geo.discovery.discrete import discover_discrete
from semola_geo.discovery.motionless import discover_motionless, still_ambient
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.provenance import Stopwatch
from semola_geo.discovery.report import SymmetryReport
from semola_geo.discovery.settings import DiscoverySettings
from semola_geo.discovery.slots.problem import check_networks, slot_fields
from semola_geo.discovery.unconstrained import check_directions, check_time
from semola_geo.discovery.verdict import Thresholds
from semola_geo.groups import AmbientFactors, AmbientGroup, split_ambient

__all__ = ["discover_symmetry"]


def discover_symmetry(
    dataset: Sequence[Data],
    target: str,
    fields: Mapping[str, str],
    ambient: str | AmbientGroup,
    model: nn.Module | Callable[[], nn.Module] | None = None,
    seed: int = 0,
    *,
    thresholds: Thresholds | None = None,
    on_stage: Callable[[str, float], None] | None = None,
    **options: Any,
) -> SymmetryReport:
    """Discover which symmetry group a data set has, and how sure that is.

    1. *Support*: along which directions do the data move at all?
    2. *Teachers* are trained on plain data, in pairs on disjoint halves, over several splits;
       where these learn nothing, augmented ones judge directions that they were not moved along
       (:mod:`semola_geo.discovery.sequential`).
    3. The *spectrum* of cross-fitted relative violations proposes a candidate algebra.
    4. *Joint refinement* sharpens it, and *predictive evidence* on held-out labels tests it.
    5. Every direction gets one of five verdicts; only "symmetry" counts for the dimension.
    6. Where the ambient group has *reflections* (O(d), E(d)), the coset of the group that was found
       is tested as a single element (:mod:`semola_geo.discovery.components.parity`). Where nothing
       continuous was found in O(3), all of it is searched for a finite group of symmetries instead
       (:mod:`semola_geo.discovery.point_groups.symmetry`).
    7. Where it has *permutations* of node slots (``"S(n)"``, ``"E(3) x S(n)"``), these are tested
       on the same teachers (:mod:`semola_geo.discovery.slots.exchange`). Elements that only
       together are a symmetry, such as a reflection that has to go with an exchange, are not looked
       for.
    8. Where it has *time reversal* (``"E(3) x time"``), this is tested as a single element that
       changes the sign of all fields declared ``@odd``, alone and together with reflections that
       are no symmetry themselves (:mod:`semola_geo.discovery.components.reversal`).

    With ``output="unknown"`` the target is taken as plain numbers, and how it transforms is found
    along with the symmetries; step 4 then needs a match of the catalogue. Steps that need to know
    the representation and cannot are left out, with a note.

    Args:
        dataset: Any sequence of ``Data``.
        target: Field to predict, graph- or node-level.
        fields: Name → representation of the inputs and of the target; with ``output="unknown"``
            that of the target is optional, and only compared with what is found.
        ambient: Hypothesis space, such as ``"Aff(3)"``; ``"S(n)"`` for permutations of n node
            slots, ``"time"`` for time reversal, ``"E(3) x S(n) x time"`` for all of them.
        model: Network in normalised target units (copied and re-initialised), a function that
            makes one, or ``None`` for the default network.
        seed: Seed of everything random.
        thresholds: Bounds of the verdicts.
        on_stage: Told the name of each stage that begins, and the rough share of the work done.
        options: Fields of :class:`DiscoverySettings`.

    Raises:
        TypeError: For an unknown option or a model of the wrong type.
        ValueError: For invalid fields or data, too few graphs, an option out of range, a model
            that has one of the symmetries in question whatever the data say, or no input that is
            odd where time reversal is looked for.

    >>> import torch
    >>> graphs = [Data(pos=torch.randn(2, 2), y=torch.randn(1)) for _ in range(60)]
    >>> report = discover_symmetry(graphs, "y", {"pos": "point", "y": "scalar"}, "SO(2)", steps=5,
    ...                            progress=False)
    >>> report.dimension, str(report.spectrum.verdicts[0])
    (0, 'undecided: teachers too weak')
    """
    settings = _settings(options)
    limits, tell = thresholds or Thresholds(), on_stage or _silent
    factors = split_ambient(ambient)
    group, slots, time = factors
    if settings.output == "unknown":
        _check_unknown(factors, target)
    whole = still_ambient(dataset, fields, factors.name) if group is None else group
    problem = Problem.prepare(dataset, target, fields, whole, model, seed, settings)
    if model is not None and group is not None:
        check_directions(problem, problem.factories[0])
    if time:
        check_reversal(problem.inputs)
        check_time(problem, problem.factories[0])
    if slots is not None:
        slot_fields(problem, slots)
        check_networks(problem, problem.factories[0], slots)
    if group is None:
        return discover_motionless(problem, factors, limits, tell)
    watch = Stopwatch()
    found = discover_continuous(
        problem,
        limits,
        watch,
        tell,
        # One pair beyond those that test: learned permutations are chosen on it.
        splits=settings.splits + (slots is not None),
        known=fields.get(target),
    )
    discrete = discover_discrete(problem, found, limits, watch, tell, slots, time)
    return SymmetryReport(
        algebra=found.algebra,
        spectrum=found.spectrum,
        teacher_r2=[r2 for family in found.families for r2 in family.r2],
        seed=seed,
        details=found.details | {"timing": watch.laps, "notes": found.notes},
        **discrete,
    )


def _check_unknown(factors: AmbientFactors, target: str) -> None:
    if factors.num_slots is not None:
        raise ValueError(
            "output='unknown' is for continuous groups; for permutations of slots declare the "
            f"target {target!r}: '@slot' if it moves with its node"
        )
    if factors.time:
        raise ValueError(
            "output='unknown' is for continuous groups; for time reversal declare the target "
            f"{target!r}: '@odd' if it changes its sign"
        )


def _silent(stage: str, share: float) -> None:
    """Tell nobody."""


def _settings(options: dict[str, Any]) -> DiscoverySettings:
    known = set(DiscoverySettings.__dataclass_fields__)
    unknown = sorted(set(options) - known)
    if unknown:
        raise TypeError(
            f"unknown option(s) {', '.join(unknown)}; allowed: {', '.join(sorted(known))}"
        )
    return DiscoverySettings(**options)
