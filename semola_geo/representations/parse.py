"""From the text of a representation to the object."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy

from e3nn import o3

from semola_geo.representations.base import Representation
from semola_geo.representations.cartesian import Covector, Point, Pseudovector, Tensorial, Vector
from semola_geo.representations.irreps import IrrepsRepresentation
from semola_geo.representations.scalar import Pseudoscalar, Scalar

__all__ = ["parse_representation"]

_NAMED: dict[str, Callable[[], Representation]] = {
    "scalar": Scalar,
    "pseudoscalar": Pseudoscalar,
    "point": Point,
    "vector": Vector,
    "covector": Covector,
    "pseudovector": Pseudovector,
}
_SUFFIXES = ("slot", "odd")
_FORMULA = re.compile(r"[i-n]{2,6}(=-?[i-n]{2,6})*")


def parse_representation(representation: str | Representation) -> Representation:
    """Return the representation that a text names.

    Args:
        representation: ``"scalar"``, ``"point"``, ``"vector"``, ``"covector"``,
            ``"pseudovector"``, ``"pseudoscalar"``, an index formula (``"ij"``, ``"ij=ji"``,
            ``"ijk"``), an e3nn irreps string (``"0e+1o"``), each optionally followed by
            ``"@slot"``, ``"@odd"`` or both; a :class:`Representation` is returned as it is.

    Raises:
        TypeError: If given something else than text or a representation.
        ValueError: If the text names no representation, has an unknown suffix or one twice, or
            calls a point odd.

    >>> parse_representation("ij=ji").shape(3)
    (3, 3)
    >>> parse_representation("point@slot").slot
    True
    >>> parse_representation("vector@odd@slot")
    Vector('vector@slot@odd')
    """
    if isinstance(representation, Representation):
        return representation
    if not isinstance(representation, str):
        raise TypeError(
            f"a representation is a string, got {type(representation).__name__}: "
            f"{representation!r}; allowed: {_allowed()}"
        )
    text, *suffixes = (part.strip() for part in representation.split("@"))
    if text in _NAMED:
        parsed = _NAMED[text]()
    elif _FORMULA.fullmatch(text) and _consistent(text):
        parsed = Tensorial(text)
    elif irreps := _irreps(text):
        parsed = IrrepsRepresentation(irreps)
    else:
        raise ValueError(f"unknown representation {representation!r}; allowed: {_allowed()}")
    _check_suffixes(representation, text, suffixes)
    if suffixes:
        parsed = copy(parsed)
        parsed.slot, parsed.odd = "slot" in suffixes, "odd" in suffixes
    return parsed


def _check_suffixes(representation: str, name: str, suffixes: list[str]) -> None:
    unknown = [suffix for suffix in suffixes if suffix not in _SUFFIXES]
    if unknown:
        raise ValueError(
            f"unknown representation {representation!r}: suffix '@{unknown[0]}' says nothing; "
            f"allowed: {_allowed()}"
        )
    if len(set(suffixes)) < len(suffixes):
        raise ValueError(f"representation {representation!r} has a suffix twice; say it once")
    if name == "point" and "odd" in suffixes:
        raise ValueError(
            f"representation {representation!r}: a point cannot be odd, since time reversal leaves "
            "positions where they are; declare a velocity or a momentum as 'vector@odd'"
        )


def _consistent(formula: str) -> bool:
    first, *others = formula.split("=")
    distinct = len(set(first)) == len(first)
    return distinct and all(sorted(o.removeprefix("-")) == sorted(first) for o in others)


def _irreps(text: str) -> o3.Irreps | None:
    """Irreps of positive dimension, or None where e3nn cannot read the text."""
    try:
        irreps = o3.Irreps(text)
    except (ValueError, AssertionError, IndexError, TypeError):
        return None
    return irreps if irreps.dim else None


def _allowed() -> str:
    return (
        ", ".join(repr(name) for name in _NAMED)
        + ", an index formula ('ij', 'ij=ji', 'ijk'), an e3nn irreps string ('0e+1o'), "
        "each optionally followed by '@slot' (its nodes move with node slots) and '@odd' (it "
        "changes sign under time reversal)"
    )
