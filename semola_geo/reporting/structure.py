"""What the algebra is made of: the entry ``structure`` of a report, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semola_geo.reporting.describe import describe_generator
from semola_geo.reporting.linear_motion import vector_words
from semola_geo.reporting.space import Space

__all__ = ["Structure", "read_structure"]

Array = NDArray[np.float64]

_NOTHING = 5e-4  # coefficients below it are rounding, or the fit's tolerance


@dataclass(frozen=True)
class Structure:
    """Facts for a table, and what stands folded below it.

    Attributes:
        facts: Label and words.
        basis: ``("L1", "rotation about z")``, one a generator.
        brackets: ``("[L1, L2]", "L3")``, those that do not vanish.
        matrices: Title, and rows of numbers as text: the change of coordinates, the form.
    """

    facts: tuple[tuple[str, str], ...]
    basis: tuple[tuple[str, str], ...]
    brackets: tuple[tuple[str, str], ...]
    matrices: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]


def read_structure(value: Any, space: Space) -> Structure | None:
    """Read the entry ``structure``; ``None`` where a report has none.

    Args:
        value: The plain values of an ``AlgebraDescription``; whatever is missing is left out.
        space: Where the generators act.

    >>> facts = read_structure({"derived_series": [3, 2, 0]}, Space(2, affine=True)).facts
    >>> facts
    (('Derived series', '3, 2, 0: solvable'),)
    """
    if not isinstance(value, Mapping) or not value:
        return None
    basis = _array(value.get("generators"), 3)
    words = () if basis is None else tuple(_words(matrix, space) for matrix in basis)
    return Structure(
        tuple(_facts(value, space)),
        tuple((f"L{index + 1}", text) for index, text in enumerate(words)),
        _brackets(_array(value.get("structure_constants"), 3)),
        tuple(_matrices(value)),
    )


def _facts(value: Mapping[str, Any], space: Space) -> list[tuple[str, str]]:
    facts = []
    if value.get("closed") is False:
        facts.append(("Closed", "no: brackets leave the span, so it is no Lie algebra as it is"))
    part = _array(value.get("semisimple_part"), 3, empty=True)
    if part is not None and value.get("closed") is not False:
        facts.append(("Semisimple part", _semisimple(value, len(part))))
    for key, label, none in (
        ("radical", "Radical, the largest solvable ideal", "none: the algebra is semisimple"),
        ("center", "Centre, what commutes with everything", "none"),
    ):
        part = _array(value.get(key), 3, empty=True)
        if part is not None:
            facts.append((label, f"dimension {len(part)}" if len(part) else none))
    if _counts(value.get("killing_signature")):
        facts.append(("Killing form", _squares(value["killing_signature"])))
    if _integers(value.get("derived_series")):
        facts.append(("Derived series", _series(value["derived_series"], "solvable")))
    if _integers(value.get("lower_central_series")):
        words = _series(value["lower_central_series"], "nilpotent")
        facts.append(("Lower central series", words))
    if "invariant_signature" in value:
        facts.append(("Preserved quadratic form", _form(value)))
    axes = _array(value.get("fixed_axes"), 2, empty=True)
    if axes is not None:
        facts.append(("Fixed axes, moved by no linear part", _axes(axes, space)))
    planes = _array(value.get("invariant_planes"), 3, empty=True)
    if planes is not None and space.dimension > 2:
        kept = "; ".join(_plane(plane, space) for plane in planes)
        facts.append(("Planes kept, one by one", kept or "none singled out"))
    return facts


def _semisimple(value: Mapping[str, Any], size: int) -> str:
    if size == 0:
        return "none: the algebra is solvable"
    name = str(value.get("semisimple_name") or "")
    signature: Any = value.get("semisimple_signature")
    known = "" if name.startswith("unknown") or not name else f"like {name}, "
    words = f"{known}dimension {size}"
    if _counts(signature):
        kind = " (compact)" if signature[1] == size else ""
        words += f"; Killing form {_squares(signature)}{kind}"
    return words


def _series(dimensions: Sequence[Any], ends_in_zero: str) -> str:
    words = ", ".join(str(number) for number in dimensions)
    if dimensions[-1] != 0:
        return f"{words}, {dimensions[-1]}, …"
    return f"{words}: {'abelian' if len(dimensions) == 2 else ends_in_zero}"


def _form(value: Mapping[str, Any]) -> str:
    if not _counts(value["invariant_signature"]):
        return "none"
    positive, negative, zero = value["invariant_signature"]
    kind = "a length" if not negative and not zero else ""
    kind = "a length of space-time" if positive == 1 and negative > 1 and not zero else kind
    words = _squares((positive, negative, zero)) + (f": {kind}" if kind else "")
    hidden = value.get("hidden_metric") and not zero
    return words + (", hidden by the data's coordinates" if hidden else "")


def _axes(axes: Array, space: Space) -> str:
    if len(axes) == 0:
        return "none"
    if len(axes) == space.dimension:
        return "all"
    if axes.shape[1] != space.dimension:
        return f"{len(axes)}"
    return ", ".join(vector_words(axis, space.axes) for axis in axes)


def _plane(plane: Array, space: Space) -> str:
    if plane.shape == (2, 3) and space.dimension == 3 and not space.minkowski:
        return f"across {vector_words(np.cross(plane[0], plane[1]), space.axes)}"
    if plane.shape[-1] != space.dimension:
        return "a plane"
    return "of " + " and ".join(vector_words(row, space.axes) for row in plane)


def _brackets(constants: Array | None) -> tuple[tuple[str, str], ...]:
    if constants is None:
        return ()
    found = []
    for i, j in combinations(range(len(constants)), 2):
        words = _sum(constants[i, j])
        if words:
            found.append((f"[L{i + 1}, L{j + 1}]", words))
    return tuple(found)


def _sum(coefficients: Array) -> str:
    text = ""
    for index, value in enumerate(coefficients):
        if abs(value) < _NOTHING:
            continue
        size = f"{abs(value):.3g}"
        term = ("" if size == "1" else f"{size} ") + f"L{index + 1}"
        text += (
            f" {'−' if value < 0 else '+'} {term}" if text else ("−" if value < 0 else "") + term
        )
    return text


def _matrices(value: Mapping[str, Any]) -> list[tuple[str, tuple[tuple[str, ...], ...]]]:
    titles = (
        ("conjugation", "The change of coordinates S that carries the catalogue's algebra here"),
        ("invariant_form", "The preserved quadratic form"),
    )
    found = []
    for key, title in titles:
        matrix = _array(value.get(key), 2)
        if matrix is not None:
            found.append((title, tuple(tuple(_entry(x) for x in row) for row in matrix)))
    return found


def _entry(number: float) -> str:
    return "0" if abs(number) < 1e-9 else f"{number:.3g}".replace("-", "−")


def _words(matrix: Array, space: Space) -> str:
    try:
        return describe_generator(matrix, space).text
    except ValueError:
        return ""


def _squares(signature: Sequence[Any]) -> str:
    kinds = zip(signature, ("positive", "negative", "zero"), strict=True)
    return ", ".join(f"{count} {kind}" for count, kind in kinds if count) or "zero"


def _counts(value: Any) -> bool:
    return _integers(value) and len(value) == 3


def _integers(value: Any) -> bool:
    is_list = isinstance(value, list | tuple) and len(value) > 0
    return is_list and all(isinstance(item, int) for item in value)


def _array(value: Any, axes: int, *, empty: bool = False) -> Array | None:
    """Numbers with that many axes; ``None`` for anything else, and for nothing unless `empty`."""
    if empty and isinstance(value, list) and not value:
        return np.zeros((0,) * axes)
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return array if array.ndim == axes and np.isfinite(array).all() and array.size else None
