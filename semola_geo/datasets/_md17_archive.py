"""Whether a trajectory of MD17 is whole, before PyTorch Geometric reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from semola_geo.datasets.files._archive import open_archive, read_array
from semola_geo.datasets.files.errors import existing_file

__all__ = ["Names", "check_trajectory", "read_energies"]

_ELEMENTS = 118
_WIDEST = 8  # Bytes.
_BLOCK = 10_000  # Frames at a time, so that checks need little memory beside the arrays.
_NEAREST = 0.1  # Å; a tenth of the shortest bond.
# What no trajectory reaches: Å from the origin, kcal/mol for each atom, kcal/mol/Å.
_FARTHEST, _DEEPEST, _STRONGEST = 1e6, 1e8, 1e9

Array = np.ndarray[Any, Any]


class Names(NamedTuple):
    """Names of the arrays: those of the original files differ from those of the revised ones.

    >>> Names.of("revised ethanol").pos, Names.of("ethanol").pos
    ('coords', 'R')
    """

    z: str
    pos: str
    energy: str
    forces: str

    @classmethod
    def of(cls, molecule: str) -> Names:
        """Return the names in the file of a molecule, as PyTorch Geometric names molecules."""
        if "revised" in molecule:
            return cls("nuclear_charges", "coords", "energies", "forces")
        return cls("z", "R", "E", "F")


def check_trajectory(path: str | Path, names: Names) -> Array:
    """Refuse an archive that PyTorch Geometric would read wrongly or not at all.

    Arrays are read one after another, and further arrays not at all.

    Args:
        path: An archive with atomic numbers [n], positions [N, n, 3] (Å), energies [N] or [N, 1]
            (kcal/mol) and forces [N, n, 3] (kcal/mol/Å).
        names: Names of the arrays.

    Returns:
        The atomic numbers [n].

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is anything else, or damaged; if shapes do not fit, an element is
            unknown, a number is not finite or beyond what nature has, or two atoms of a frame are
            in one place. Names file, array and frame.
    """
    file = existing_file(path)
    with open_archive(file) as archive:
        _check_present(file, archive.files, names)
        z = read_array(archive, names.z, file)
        _check_species(file, names, z)
        pos = _numbers(archive, names.pos, file)
        if pos.ndim != 3 or len(pos) == 0 or pos.shape[1:] != (len(z), 3):
            raise _mistake(
                file,
                names.pos,
                f"needs shape [N, {len(z)}, 3], a position for each of the {len(z)} atoms of "
                f"{names.z!r} in N frames, at least one, got {list(pos.shape)}",
            )
        frames, shape = len(pos), pos.shape
        _check_size(file, names.pos, pos, _FARTHEST, "Å")
        _check_distances(file, names.pos, pos)
        del pos
        _check_energies(file, names, _numbers(archive, names.energy, file), frames, len(z))
        forces = _numbers(archive, names.forces, file)
        if forces.shape != shape:
            raise _mistake(
                file,
                names.forces,
                f"has shape {list(forces.shape)}, but {names.pos!r} has {list(shape)}; both need "
                "one vector for each atom and frame",
            )
        _check_size(file, names.forces, forces, _STRONGEST, "kcal/mol/Å")
        return z


def read_energies(path: str | Path, names: Names) -> Array:
    """Return the energies [N] of an archive, in kcal/mol and float64.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If they are missing, or the file is damaged; names file and array.
    """
    file = existing_file(path)
    with open_archive(file) as archive:
        _check_present(file, archive.files, names)
        return np.asarray(_numbers(archive, names.energy, file), np.float64).reshape(-1)


def _check_present(file: Path, present: list[str], names: Names) -> None:
    for name in names:
        if name not in present:
            raise _mistake(
                file,
                name,
                f"is missing; the file has {', '.join(present) or 'nothing'}; original files have "
                f"{', '.join(Names.of(''))} and revised ones {', '.join(Names.of('revised'))}: is "
                "it that of another data set?",
            )


def _numbers(archive: Any, name: str, file: Path) -> Array:
    array = read_array(archive, name, file)
    if array.dtype.kind not in "fiu":
        raise _mistake(file, name, f"needs real numbers, got {array.dtype}")
    if not array.dtype.isnative or array.dtype.itemsize > _WIDEST:
        raise _mistake(
            file,
            name,
            f"PyTorch reads no numbers of type {array.dtype.str!r}; save them as float64",
        )
    return array


def _check_species(file: Path, names: Names, z: Array) -> None:
    if z.dtype.kind not in "iu" or not z.dtype.isnative:
        raise _mistake(file, names.z, f"atomic numbers are integers, such as uint8, got {z.dtype}")
    if z.ndim != 1 or len(z) == 0:
        raise _mistake(
            file, names.z, f"needs shape [n], one number for each atom, got {list(z.shape)}"
        )
    for atom in np.flatnonzero((z < 1) | (z > _ELEMENTS))[:1]:
        raise _mistake(
            file,
            names.z,
            f"atom {atom} has atomic number {z[atom]}, which is no element; use 1 to {_ELEMENTS}, "
            "and no padding",
        )


def _check_energies(file: Path, names: Names, energy: Array, frames: int, atoms: int) -> None:
    if energy.shape not in ((frames,), (frames, 1)):
        raise _mistake(
            file,
            names.energy,
            f"has shape {list(energy.shape)}, but {names.pos!r} has {frames} frames; every frame "
            "needs one energy",
        )
    _check_size(file, names.energy, energy, atoms * _DEEPEST, "kcal/mol")


def _check_size(file: Path, name: str, array: Array, limit: float, unit: str) -> None:
    for start, block in _blocks(array):
        values = np.abs(block.reshape(len(block), -1).astype(np.float64))
        # NaN is not below any limit either.
        for frame in np.flatnonzero(~(values <= limit).all(1))[:1]:
            worst = values[frame]
            if not np.isfinite(worst).all():
                problem = f"{int((~np.isfinite(worst)).sum())} value(s) are NaN or infinite"
            else:
                problem = f"{worst.max():.3g} {unit} is too large, more than {limit:.0e}"
            raise _mistake(
                file, name, f"{problem}; correct the frame, or leave it out", start + int(frame)
            )


def _check_distances(file: Path, name: str, pos: Array) -> None:
    atoms = pos.shape[1]
    for start, block in _blocks(pos):
        for atom in range(1, atoms):
            apart = block[:, :atom].astype(np.float64) - block[:, atom : atom + 1]
            for frame, other in np.argwhere(np.square(apart).sum(2) < _NEAREST**2)[:1]:
                raise _mistake(
                    file,
                    name,
                    f"atoms {other} and {atom} are in one place, less than {_NEAREST} Å apart; "
                    "correct the frame, or leave it out",
                    start + int(frame),
                )


def _blocks(array: Array) -> Iterator[tuple[int, Array]]:
    for start in range(0, len(array), _BLOCK):
        yield start, array[start : start + _BLOCK]


def _mistake(file: Path, name: str, problem: str, frame: int | None = None) -> ValueError:
    where = "" if frame is None else f", record {frame}"
    return ValueError(f"{file}{where}, field {name!r}: {problem}")
