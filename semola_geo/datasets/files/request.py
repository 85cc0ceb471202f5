"""What a user asks of a file, and declares about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from semola_geo.datasets.files.meaning import STRUCTURE
from semola_geo.datasets.files.record import Level

__all__ = ["Request"]


@dataclass(frozen=True)
class Request:
    """What the user asked for and declared.

    Attributes:
        targets: Fields to predict; ``None``: everything that is not an input.
        inputs: Fields that models may read, beside the geometry.
        fields: Name → representation, where the file does not say it.
        levels: Name → level, where the file does not say it.
    """

    targets: tuple[str, ...] | None
    inputs: tuple[str, ...]
    fields: Mapping[str, str]
    levels: Mapping[str, Level]

    @classmethod
    def check(
        cls,
        targets: str | Sequence[str] | None,
        inputs: str | Sequence[str],
        fields: Mapping[str, str] | None,
        levels: Mapping[str, Level] | None,
    ) -> Request:
        """Check what a user gave.

        Raises:
            TypeError: For names that are no text, or no mapping where one is needed.
            ValueError: For a name that comes twice, as target and input too, or an unknown level.

        >>> Request.check("dipole", (), None, None).targets
        ('dipole',)
        """
        wanted = None if targets is None else _names("targets", targets)
        if wanted and "pos" in wanted:
            raise ValueError("'pos' is what models read; it cannot be a target")
        read = _names("inputs", inputs)
        both = [name for name in read if name in (wanted or ())]
        if both:
            raise ValueError(f"{both[0]!r} is among the targets and the inputs; it can be only one")
        return cls(wanted, read, _mapping("fields", fields), _levels(levels))

    def named(self) -> list[str]:
        """Every name that has to be in the file."""
        names = (*(self.targets or ()), *self.inputs, *self.fields, *self.levels)
        return list(dict.fromkeys(name for name in names if name != "pos"))

    def wants(self, name: str) -> bool:
        """Whether a field is to be served."""
        if self.targets is None or name in STRUCTURE:
            return True
        return name in self.targets or name in self.inputs


def _names(option: str, given: str | Sequence[str]) -> tuple[str, ...]:
    if not isinstance(given, Iterable):
        raise TypeError(f"{option} holds names of fields, got {given!r}")
    names = (given,) if isinstance(given, str) else tuple(given)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"{option} holds names of fields, got {name!r}")
    if len(set(names)) < len(names):
        raise ValueError(f"{option}={list(names)} names a field twice")
    return names


def _mapping(option: str, given: Mapping[str, str] | None) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise TypeError(
            f"{option} maps names to text, as in {option}={{'dipole': 'vector'}}; got "
            f"{type(given).__name__}"
        )
    return {str(name): value for name, value in given.items()}


def _levels(given: Mapping[str, Level] | None) -> dict[str, Level]:
    levels: dict[str, Level] = {}
    for name, level in _mapping("levels", given).items():
        if level not in ("node", "graph", "edge"):
            raise ValueError(f"levels={{{name!r}: {level!r}}}: choose 'node', 'graph' or 'edge'")
        levels[name] = level  # type: ignore[assignment]
    return levels
