"""Names of the finite subgroups of O(3), after Schoenflies and after Hermann and Mauguin."""

from __future__ import annotations

import math
import re

import torch
from torch import Tensor

from semola_geo.groups.point_operation import improper_twin, rotation_about, turn_of

__all__ = [
    "CRYSTALLOGRAPHIC",
    "canonical_name",
    "is_point_group_name",
    "schoenflies_name",
    "standard_generators",
]

CRYSTALLOGRAPHIC = {
    "C_1": "1", "C_i": "-1", "C_2": "2", "C_s": "m", "C_2h": "2/m", "D_2": "222", "C_2v": "mm2",
    "D_2h": "mmm", "C_4": "4", "S_4": "-4", "C_4h": "4/m", "D_4": "422", "C_4v": "4mm",
    "D_2d": "-42m", "D_4h": "4/mmm", "C_3": "3", "S_6": "-3", "D_3": "32", "C_3v": "3m",
    "D_3d": "-3m", "C_6": "6", "C_3h": "-6", "C_6h": "6/m", "D_6": "622", "C_6v": "6mm",
    "D_3h": "-6m2", "D_6h": "6/mmm", "T": "23", "T_h": "m-3", "O": "432", "T_d": "-43m",
    "O_h": "m-3m",
}  # fmt: skip
"""Hermann-Mauguin symbols of the 32 crystallographic point groups."""

_FIXED = {"C_1", "C_s", "C_i", "T", "T_h", "T_d", "O", "O_h", "I", "I_h"}
_SERIES = re.compile(r"(C|D|S)_?([1-9]\d*)(v|h|d|)")
_POLYHEDRAL = {12: (3, "T"), 24: (4, "O"), 60: (5, "I")}
_ALLOWED = "C_n, C_nv, C_nh, D_n, D_nh, D_nd, S_2n, T, T_d, T_h, O, O_h, I, I_h, C_s, C_i, C_1"


def canonical_name(name: str) -> str:
    """Return the standard form of a Schoenflies name, such as ``"C_4v"`` for ``"C4v"``.

    Raises:
        ValueError: If the name denotes no point group, or one that has another name.

    >>> canonical_name("Oh"), canonical_name("D_3")
    ('O_h', 'D_3')
    """
    text = name.strip()
    fixed = text if "_" in text or len(text) < 2 else f"{text[0]}_{text[1:]}"
    if fixed in _FIXED:
        return fixed
    match = _SERIES.fullmatch(text)
    if match:
        letter, number, tail = match[1], int(match[2]), match[3]
        if (letter, tail) in {("C", ""), ("D", "")} and (letter == "C" or number > 1):
            return f"{letter}_{number}"
        if (letter, tail) in {("C", "v"), ("C", "h"), ("D", "h"), ("D", "d")} and number > 1:
            return f"{letter}_{number}{tail}"
        if (letter, tail) == ("S", "") and number % 2 == 0 and number > 2:
            return f"S_{number}"
    raise ValueError(
        f"unknown point group {name!r}; allowed: {_ALLOWED} with n ≥ 2 (S_2 is C_i, C_1h and C_1v "
        "are C_s, S_n with n odd is C_nh)"
    )


def is_point_group_name(name: object) -> bool:
    """Whether a text denotes a point group.

    >>> is_point_group_name("T_d"), is_point_group_name("T(3)")
    (True, False)
    """
    if not isinstance(name, str):
        return False
    try:
        canonical_name(name)
    except ValueError:
        return False
    return True


def standard_generators(name: str) -> Tensor:
    """Return generators ``[k, 3, 3]`` (float64) in the usual setting.

    The principal axis is z, a two-fold axis or a vertical mirror is or holds x; cubic and
    icosahedral groups have two-fold (or four-fold) axes along x, y and z.

    Args:
        name: Canonical name.

    >>> standard_generators("C_4v").shape
    torch.Size([2, 3, 3])
    """
    eye = torch.eye(3, dtype=torch.float64)
    x, _, z = eye
    horizontal, vertical = torch.diag(1 - 2 * z), torch.diag(torch.tensor([1.0, -1.0, 1.0]).to(z))
    inversion, diagonal = -eye, rotation_about(torch.ones(3), 2 * math.pi / 3)
    half = rotation_about(z, math.pi)
    golden = torch.tensor([0.0, 1.0, (1 + math.sqrt(5)) / 2], dtype=torch.float64)
    chiral = {
        "T": [half, diagonal],
        "O": [rotation_about(z, math.pi / 2), diagonal],
        "I": [half, diagonal, rotation_about(golden, 2 * math.pi / 5)],
    }
    if name in _FIXED:
        found = {
            "C_1": [eye],
            "C_s": [horizontal],
            "C_i": [inversion],
            "T_d": [horizontal @ rotation_about(z, math.pi / 2), diagonal],
            **chiral,
            **{f"{key}_h": [*generators, inversion] for key, generators in chiral.items()},
        }[name]
        return torch.stack(found)
    letter, number, tail = name[0], int(name[2:].rstrip("vhd")), name.lstrip("CDS_0123456789")
    turn = rotation_about(z, 2 * math.pi / number)
    found = [horizontal @ turn if letter == "S" else turn]
    if tail == "d":
        found = [horizontal @ rotation_about(z, math.pi / number)]
    if letter == "D":
        found.append(rotation_about(x, math.pi))
    if tail in ("h", "v"):
        found.append(horizontal if tail == "h" else vertical)
    return torch.stack(found)


def schoenflies_name(elements: Tensor) -> str:
    """Name a finite group by its classes: rotations, inversion, and the group of its rotations.

    A group G with rotations H is H itself, H × {1, −1}, or has no inversion and is isomorphic to
    the rotation group H ∪ −(G∖H) that holds H as a half (Weyl, *Symmetry*, appendix B).

    Args:
        elements: All elements, ``[n, 3, 3]``.

    >>> schoenflies_name(torch.stack([torch.eye(3), torch.diag(torch.tensor([1.0, -1.0, 1.0]))]))
    'C_s'
    """
    signs, rotations = improper_twin(elements.to(torch.float64))
    proper = rotations[signs > 0]
    kind, number = _rotation_group(proper)
    if len(proper) == len(elements):
        return f"{kind}_{number}" if number else kind
    angles = [turn_of(rotation)[1] for rotation in rotations[signs < 0]]
    if min(angles) < 0.5 * 2 * math.pi / len(elements):  # The inversion: −1 times no turn at all.
        if kind == "C":
            return ("C_i" if number == 1 else f"S_{2 * number}") if number % 2 else f"C_{number}h"
        if kind == "D":
            return f"D_{number}d" if number % 2 else f"D_{number}h"
        return f"{kind}_h"
    whole, double = _rotation_group(rotations)
    if whole == "O":
        return "T_d"
    if kind == "D":
        return f"D_{number}h" if number % 2 else f"D_{number}d"
    if whole == "D":
        return f"C_{double}v"
    if number == 1:
        return "C_s"
    return f"C_{number}h" if number % 2 else f"S_{double}"


def _rotation_group(rotations: Tensor) -> tuple[str, int]:
    """Return letter and number of a finite rotation group; the number is 0 for T, O and I."""
    order = len(rotations)
    if order == 1:
        return "C", 1
    smallest = min(angle for _, angle in map(turn_of, rotations) if angle > math.pi / order)
    longest = round(2 * math.pi / smallest)
    if longest == order:
        return "C", order
    if _POLYHEDRAL.get(order, (0, ""))[0] == longest:
        return _POLYHEDRAL[order][1], 0
    return "D", order // 2
