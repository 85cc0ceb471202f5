"""Command-line arguments that name groups, made safe for Hydra's grammar."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["quote_group_names"]

# Options that hold the name of a group or algebra, wherever they stand.
_OPTIONS = ("ambient", "reference", "group")
_QUOTED = re.compile(r"""(['"]).*\1""")
_HYDRA = re.compile(r"(?:choice|range|interval|glob|shuffle|sort|tag|extend_list)\(|[\[{$]")
_COMMA = re.compile(r",(?![^()]*\))")


def quote_group_names(arguments: Sequence[str]) -> list[str]:
    """Quote the names of groups and algebras in Hydra overrides.

    A shell takes the quotes off ``ambient="Aff(3)"``, and Hydra would read what is left as a call
    of a function ``Aff``; in ``SO(1,3)`` it would see a sweep over two values.

    Args:
        arguments: Command-line arguments without the program name.

    Returns:
        The same arguments with names of groups in quotes, sweeps included.

    >>> quote_group_names(["target=dipole", "ambient=Aff(3)", "ambient=SE(3),SO(1,3)"])
    ['target=dipole', "ambient='Aff(3)'", "ambient='SE(3)','SO(1,3)'"]
    >>> quote_group_names(["ambient='E(3)'", "reference=so(2) ⋉ t(3)", "reference=null"])
    ["ambient='E(3)'", "reference='so(2) ⋉ t(3)'", 'reference=null']
    """
    return [_quote(argument) for argument in arguments]


def _quote(argument: str) -> str:
    name, equals, value = argument.partition("=")
    names_group = name.rpartition(".")[2].lstrip("+") in _OPTIONS
    if not equals or not names_group or _HYDRA.match(value):
        return argument
    return name + equals + ",".join(map(_quoted, _COMMA.split(value)))


def _quoted(name: str) -> str:
    name = name.strip()
    plain = "(" not in name and " " not in name
    return name if plain or _QUOTED.fullmatch(name) else f"'{name}'"
