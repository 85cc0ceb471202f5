"""Command-line arguments that name groups, made safe for Hydra's grammar."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["quote_group_names"]

_FACTOR = r"(?:SO|O|SE|E|T|GL|SL|Sim|Aff|Poincare|S|so|se|t|gl|sl|sim|aff)\((?:d|\d+(?:,\s*\d+)?)\)"
_GROUP = re.compile(rf"(?<![\w'\"]){_FACTOR}(?:\s*[x×+]\s*{_FACTOR})*(?![\w'\"])")


def quote_group_names(arguments: Sequence[str]) -> list[str]:
    """Quote the names of groups and algebras in Hydra overrides.

    A shell takes the quotes off ``ambient="Aff(3)"``, and Hydra would read what is left as a call
    of a function ``Aff``; in ``SO(1,3)`` it would see a sweep over two values.

    Args:
        arguments: Command-line arguments without the program name.

    Returns:
        The same arguments with group names in quotes, sweeps included.

    >>> quote_group_names(["target=dipole", "ambient=Aff(3)", "ambient=SE(3),SO(1,3)"])
    ['target=dipole', "ambient='Aff(3)'", "ambient='SE(3)','SO(1,3)'"]
    >>> quote_group_names(["ambient='E(3)'", "reference=so(2) + t(1)"])
    ["ambient='E(3)'", "reference='so(2) + t(1)'"]
    """
    return [_quote(argument) for argument in arguments]


def _quote(argument: str) -> str:
    name, equals, value = argument.partition("=")
    if not equals:
        return argument
    return name + equals + _GROUP.sub(lambda match: f"'{match[0]}'", value)
