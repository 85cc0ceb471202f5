r"""Targets that tell a molecule from its mirror image, computed from its geometry alone.

With positions :math:`s_i = r_i - \bar r` about the unweighted centroid, two moments of a molecule
stand for where its nuclear charge and its electronegativity lie:

.. math:: a = \sum_i Z_i s_i, \qquad b = \sum_i \chi_i s_i

with atomic numbers Z and Pauling's electronegativities χ, both taken as plain numbers. An offset of
either changes nothing, as :math:`\sum_i s_i = 0`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from semola_geo.datasets._orientation import centroids

__all__ = ["ELECTRONEGATIVITY", "HANDED", "axial_moment", "chirality"]

ELECTRONEGATIVITY = {1: 2.20, 6: 2.55, 7: 3.04, 8: 3.44, 9: 3.98}
"""Atomic number → Pauling's electronegativity (Allred, J. Inorg. Nucl. Chem. 17, 215, 1961)."""


def axial_moment(pos: Tensor, z: Tensor, owner: Tensor, count: int) -> Tensor:
    r"""Return :math:`a \times b = \sum_{ij} Z_i \chi_j \, s_i \times s_j` (Å²) of every molecule.

    A pseudovector: inversion leaves it alone. Zero where the two moments are parallel, as in
    hydrocarbons.

    Args:
        pos: Positions ``[A, 3]`` (Å) of all atoms.
        z: Atomic numbers ``[A]``, long.
        owner: Molecule of each atom ``[A]``, long.
        count: Number M of molecules.

    Returns:
        ``[M, 3]``, in the dtype of the positions.

    Raises:
        ValueError: For an element without an electronegativity here.

    >>> pos = torch.tensor([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    >>> owner = torch.zeros(3, dtype=torch.long)
    >>> round(float(axial_moment(pos, torch.tensor([6, 8, 7]), owner, 1)[0, 2]), 3)
    0.03
    """
    _, first, second = _moments(pos, z, owner, count)
    moment: Tensor = torch.linalg.cross(first, second)
    return moment


def chirality(pos: Tensor, z: Tensor, owner: Tensor, count: int) -> Tensor:
    r"""Return :math:`s_i \cdot (a \times b)` (Å³) of every atom.

    Written out, :math:`\sum_{jk} Z_j \chi_k \det(s_i, s_j, s_k)`: how far an atom lies on one
    side of the plane of both moments, times the area that these span. A pseudoscalar: a reflection
    changes its sign, so that it tells enantiomers, and mirror images within one molecule, apart.

    Arguments and errors are those of :func:`axial_moment`.

    Returns:
        ``[A]``, in the dtype of the positions.

    >>> pos = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    >>> z, owner = torch.tensor([6, 8, 7, 1]), torch.zeros(4, dtype=torch.long)
    >>> right = chirality(pos, z, owner, 1)
    >>> left = chirality(-pos, z, owner, 1)
    >>> right.shape, torch.equal(left, -right), bool(right.abs().min() > 0)
    (torch.Size([4]), True, True)
    """
    local, first, second = _moments(pos, z, owner, count)
    axis = torch.linalg.cross(first, second)
    projected: Tensor = (local * axis[owner]).sum(-1)
    return projected


HANDED: dict[str, Callable[[Tensor, Tensor, Tensor, int], Tensor]] = {
    "axial_moment": axial_moment,
    "chirality": chirality,
}
"""Name of the field → function of positions, atomic numbers, owners and their number."""


def _moments(pos: Tensor, z: Tensor, owner: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return positions about the centroid ``[A, 3]``, and both moments ``[M, 3]``."""
    unknown = sorted(set(z.tolist()) - ELECTRONEGATIVITY.keys())
    if unknown:
        raise ValueError(
            f"no electronegativity for atomic number(s) {', '.join(map(str, unknown))}; handed "
            f"targets exist for atomic numbers {', '.join(map(str, ELECTRONEGATIVITY))}"
        )
    local = pos - centroids(pos, owner, count)[owner]
    scale = pos.new_zeros(max(ELECTRONEGATIVITY) + 1)
    scale[list(ELECTRONEGATIVITY)] = pos.new_tensor(list(ELECTRONEGATIVITY.values()))
    first, second = (
        pos.new_zeros(count, 3).index_add_(0, owner, weight.unsqueeze(-1) * local)
        for weight in (z.to(pos.dtype), scale[z])
    )
    return local, first, second
