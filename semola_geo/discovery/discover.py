"""From a data set to a verdict on every direction of the ambient algebra."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from torch import nn
from torch_geometric.data import Data

from semola_geo.discovery.confirm import confirm
from semola_geo.discovery.exchange import discover_permutations
from semola_geo.discovery.family import train_family
from semola_geo.discovery.output_stage import (
    find_output_of,
    prepare_confirmation,
    unknown_output_spectrum,
)
from semola_geo.discovery.parity import discover_parity
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.provenance import Stopwatch, versions
from semola_geo.discovery.report import SymmetryReport
from semola_geo.discovery.sequential import discover_sequentially
from semola_geo.discovery.settings import DiscoverySettings
from semola_geo.discovery.single_stage import single_model_estimates
from semola_geo.discovery.verdict import Thresholds
from semola_geo.groups import AmbientGroup, parse_ambient, parse_slots

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
       is tested as a single element (:mod:`semola_geo.discovery.parity`).

    With ``output="unknown"`` the target is taken as plain numbers, and how it transforms is found
    along with the symmetries; step 4 then needs a match of the catalogue. Steps that need to know
    the representation and cannot are left out, with a note.

    Args:
        dataset: Any sequence of ``Data``.
        target: Field to predict, graph- or node-level.
        fields: Name → representation of the inputs and of the target; with ``output="unknown"``
            that of the target is optional, and only compared with what is found.
        ambient: Hypothesis space, such as ``"Aff(3)"``; ``"S(n)"`` for permutations of n node slots
            (see :func:`semola_geo.discovery.exchange.discover_permutations`).
        model: Network in normalised target units (copied and re-initialised), a function that
            makes one, or ``None`` for the default network.
        seed: Seed of everything random.
        thresholds: Bounds of the verdicts.
        on_stage: Told the name of each stage that begins, and the rough share of the work done.
        options: Fields of :class:`DiscoverySettings`.

    Raises:
        TypeError: For an unknown option or a model of the wrong type.
        ValueError: For invalid fields or data, too few graphs, or an option out of range.

    >>> import torch
    >>> graphs = [Data(pos=torch.randn(2, 2), y=torch.randn(1)) for _ in range(60)]
    >>> report = discover_symmetry(graphs, "y", {"pos": "point", "y": "scalar"}, "SO(2)", steps=5,
    ...                            progress=False)
    >>> report.dimension, str(report.spectrum.verdicts[0])
    (0, 'undecided: teachers too weak')
    """
    settings = _settings(options)
    limits, tell = thresholds or Thresholds(), on_stage or _silent
    slots = parse_slots(ambient)
    unknown = settings.output == "unknown"
    if slots is not None:
        if unknown:
            raise ValueError(
                "output='unknown' is for continuous groups; for permutations of slots declare the "
                f"target {target!r}: '@slot' if it moves with its node"
            )
        return discover_permutations(
            dataset, target, fields, slots, model, seed, settings, limits, tell
        )
    group = parse_ambient(ambient)
    problem = Problem.prepare(dataset, target, fields, group, model, seed, settings)
    watch = Stopwatch()
    tell("choosing a network", 0.0)
    factory = problem.choose_network()
    watch.lap("choice of network")
    support = problem.measure_support()
    watch.lap("support")
    tell("training teachers", 0.1)
    plain = train_family(problem, factory, limits)
    families, sequence = [plain], None
    watch.lap("teachers")
    # Help along a direction moves the target as well: it has to be known how.
    if not plain.reliable and settings.refine and not unknown:
        tell("training augmented teachers", 0.2)
        problem.be_patient()
        sequence = discover_sequentially(problem, factory, support, limits)
        watch.lap("augmented teachers")
    tell("taking the spectrum", 0.5)
    if sequence is not None and sequence.spectrum is not None:
        spectrum, families = sequence.spectrum, sequence.families
    elif unknown:
        spectrum = unknown_output_spectrum(problem, plain, support, limits)
    else:
        forms = problem.forms(plain.pairs)
        spectrum = problem.assemble(
            forms, support, limits, reliable=plain.reliable, unexplained=plain.unexplained
        )
    watch.lap("spectrum")
    details: dict[str, Any] = {"target": target}
    if settings.single_model:
        details["single_model"] = single_model_estimates(problem, plain)
        watch.lap("single models")
    notes: list[str] = []
    from_plain = spectrum
    if settings.refine and families[-1].reliable:
        tell("refining and testing", 0.55)
        confirmable, obstacles = prepare_confirmation(problem, spectrum, limits)
        notes += obstacles
        if confirmable is not None:
            scores = [r2 for family in families for r2 in family.r2]
            spectrum, found = confirm(confirmable, factory, spectrum, support, limits, scores)
            notes += found.pop("notes", [])
            details |= found
        watch.lap("refinement")
    details |= {
        "settings": {
            **asdict(settings),
            **asdict(limits),
            "support": support.method if support else "not measured",
            "patience": problem.patience,
        },
        "timing": watch.laps,
        "versions": versions(),
        "agreement": spectrum.agreement,
    }
    if sequence is not None:
        details["plain_teacher_r2"] = plain.r2
        if sequence.spectrum is not None:
            details["helpers"] = sequence.helpers
        else:
            notes.append(sequence.obstacle)
    algebra = details.pop("algebra", None) or spectrum.algebra
    if unknown:
        details["output"] = find_output_of(problem, from_plain, algebra, fields.get(target))
    components: list[dict[str, Any]] = []
    if group.reflections and unknown:
        notes.append("Reflections were not tested: how they move the target has to be declared.")
    elif group.reflections:
        tell("testing reflections", 0.95)
        # Of augmented families the first one was moved along translations only.
        reflections = discover_parity(
            problem,
            families[0].pairs,
            algebra,
            limits,
            reliable=families[0].reliable and spectrum.agreement > limits.agreement,
            extents=details.get("extents"),
        )
        components.append(reflections.to_dict())
        watch.lap("reflections")
    return SymmetryReport(
        algebra=algebra,
        spectrum=spectrum,
        teacher_r2=[r2 for family in families for r2 in family.r2],
        seed=seed,
        details=details | {"notes": notes},
        components=components,
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
