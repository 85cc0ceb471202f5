"""Single-model estimates from the plain teachers of a discovery, beside its own."""

from __future__ import annotations

from typing import Any

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.declaration import as_numbers
from semola_geo.discovery.family import Family
from semola_geo.discovery.lie_derivative import MAX_EXACT_OUTPUTS
from semola_geo.discovery.output.forms import free_output_forms
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.single_model import SingleModelEstimate, liegg_estimate, liesd_estimate
from semola_geo.discovery.spectrum import to_data_units
from semola_geo.fields import Fields

__all__ = ["single_model_estimates"]


def single_model_estimates(problem: Problem, family: Family) -> dict[str, Any]:
    """Return plain values of both estimates, each with its generators in the data's units.

    Where the output has more than 16 components, LieSD's is left out.

    Args:
        problem: The data.
        family: Plain teachers.
    """
    found = {"liegg": liegg_estimate(problem.forms(family.pairs, weigh=False))}
    outputs = problem.train[0][problem.target][:1].numel()
    if outputs <= MAX_EXACT_OUTPUTS:
        numbers = Fields(as_numbers(problem.declared, problem.target), problem.group.dimension)
        forms = free_output_forms(
            family.pairs,
            iter(problem.spectrum_loader()),
            numbers,
            problem.inputs,
            problem.target,
            problem.generators,
        )
        found["liesd"] = liesd_estimate(forms, len(problem.group), outputs)
    return {name: estimate.to_dict(_algebra(problem, estimate)) for name, estimate in found.items()}


def _algebra(problem: Problem, estimate: SingleModelEstimate) -> LieAlgebra:
    return to_data_units(estimate.chosen, problem.group, problem.length_scale, problem.center)
