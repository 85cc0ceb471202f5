"""Fields of a discovery: which one is predicted, and from which."""

from __future__ import annotations

from collections.abc import Mapping

from semola_geo.fields import Fields
from semola_geo.groups import AmbientGroup
from semola_geo.representations import Representation, parse_representation

__all__ = ["OUTPUTS", "as_numbers", "declare"]

OUTPUTS = ("known", "unknown")
"""What may be said about the representation of the target."""


def declare(
    fields: Mapping[str, str | Representation], target: str, group: AmbientGroup
) -> tuple[Fields, Fields]:
    """Return all declared fields, and the inputs among them.

    Raises:
        ValueError: If the target is not declared, it is the only field, or a field has irreps
            under a group that is not orthogonal.

    >>> from semola_geo.groups import parse_ambient
    >>> declare({"pos": "point", "y": "scalar"}, "y", parse_ambient("SE(3)"))[1]
    Fields(pos='point')
    """
    declared = Fields(fields, group.dimension)
    if target not in declared:
        raise ValueError(
            f"target {target!r} is not among the declared fields {', '.join(declared)}"
        )
    inputs = {name: rep for name, rep in declared.items() if name != target}
    if not inputs:
        raise ValueError(
            f"only the target {target!r} is declared; declare the inputs, such as 'pos': 'point'"
        )
    for name, representation in declared.items():
        if representation.orthogonal_only and not group.orthogonal:
            raise ValueError(
                f"field {name!r}: irreps {str(representation)!r} need an orthogonal ambient "
                f"group, got {group.name}; use a Cartesian representation"
            )
    return declared, Fields(inputs, group.dimension)


def as_numbers(
    fields: Mapping[str, str | Representation], target: str
) -> dict[str, str | Representation]:
    """Declare the target as plain numbers, so that nothing is claimed about it.

    Raises:
        ValueError: If it is declared odd: that is not found, and would be forgotten.

    >>> as_numbers({"pos": "point", "dipole": "vector"}, "dipole")
    {'pos': 'point', 'dipole': 'scalar'}
    """
    if target in fields and parse_representation(fields[target]).odd:
        raise ValueError(
            f"target {target!r} is declared {str(fields[target])!r}, but output='unknown' finds no "
            "behaviour under time reversal; leave '@odd' out, or declare the output"
        )
    return {**fields, target: "scalar"}
