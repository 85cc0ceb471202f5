"""How near noisy labels let anybody come to a generator: the Cramér–Rao bound of its angle."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.spectrum import to_data_units
from semola_geo.ground_truth.task import GroundTruthTask
from semola_geo.ground_truth.truth import exact_batch, exact_forms, exact_labels
from semola_geo.groups import parse_ambient
from semola_geo.transforms import data_units

__all__ = ["angle_bound"]

_DRAWS = 400
# Violation, as a share of the largest scale, of what counts as none.
_STILL = 1e-9


def angle_bound(task: GroundTruthTask, size: int, noise: float, seed: int = 0) -> Tensor:
    r"""Draw the largest principal angles of an efficient estimator that knows nearly everything.

    It knows the exact map f but for its coordinates: labels are those of f moved by an unknown h of
    the ambient group, and noise of standard deviation σ. The derivatives of f along the ambient
    basis are the scores of h near the identity, so that its coefficients θ have the information
    :math:`F = N V / \sigma^2`, with the exact violation form V. What is not a symmetry of f can be
    told of θ, and the best estimates of it scatter like :math:`N(0, F^+)`: unbiased ones by Cramér
    and Rao (Rao, Bull. Calcutta Math. Soc. 37, 81, 1945), and for large N all others, in the worst
    case over a neighbourhood, by Hájek's local asymptotic minimax theorem (Proc. 6th Berkeley
    Symp. 1, 175, 1972). A single biased estimate may lie closer. The symmetry of the moved map is
    :math:`\operatorname{Ad}_h \mathfrak{a} \approx \mathfrak{a} + [\theta, \mathfrak{a}]`. Whoever
    has to learn f as well knows less.

    Args:
        task: A task with a symmetry and labels.
        size: Number N of labels.
        noise: Standard deviation of the noise, in units of the target's.
        seed: Of the draws.

    Returns:
        Angles in degrees, ``[draws]``, in the units in which angles are scored.

    Raises:
        ValueError: If labels are pure noise, there is no symmetry, no noise, or a constraint:
            inputs then tell about directions of which labels do not.

    >>> from semola_geo.ground_truth import TASKS
    >>> few, many = (angle_bound(TASKS["t1"], size, 0.3).median() for size in (500, 2000))
    >>> 1.8 < float(few / many) < 2.2
    True
    """
    if not task.symmetry.dim or task.constraint is not None or not noise > 0:
        raise ValueError(
            f"a bound needs a symmetry, unconstrained data and noise; task {task.name!r} has "
            f"dimension {task.symmetry.dim}, "
            f"{'no' if task.constraint is None else 'a'} constraint, noise {noise}"
        )
    generators, covariance_root, unit = _knowledge(task)
    generator = torch.Generator().manual_seed(seed)
    normal = torch.randn(_DRAWS, covariance_root.shape[1], generator=generator, dtype=torch.float64)
    coefficients = normal @ covariance_root.T * (noise / size**0.5)
    exact, affine = task.symmetry.generators, parse_ambient(task.ambient).affine
    if affine and not task.symmetry.affine:
        exact = torch.nn.functional.pad(exact, (0, 1, 0, 1))
    angles = []
    for moved in torch.einsum("da,aij->dij", coefficients, generators):
        turned = LieAlgebra(exact + moved @ exact - exact @ moved, affine=affine)
        angles.append(max(task.symmetry.principal_angles(turned, unit)))
    return torch.tensor(angles, dtype=torch.float64)


def _knowledge(task: GroundTruthTask) -> tuple[Tensor, Tensor, float]:
    """Return ambient generators, a root of F⁺ for one label, and the unit of length.

    F is in units of the target's deviation: for N labels with noise s the root is s / √N as large.
    """
    batch = exact_batch(task)
    group = parse_ambient(task.ambient)
    points = [name for name, kind in task.inputs.items() if kind == "point"]
    unit, center = 1.0, torch.zeros(group.dimension, dtype=torch.float64)
    if points and group.affine:
        unit, center = data_units([batch], points[0])
    identity = torch.eye(len(group), dtype=torch.float64)
    generators = to_data_units(identity, group, unit, center).generators
    forms = exact_forms(task, batch, generators)
    labels = exact_labels(task, batch)
    # Off the diagonal a symmetric tensor holds every number twice, and one noise for both; on it
    # the noise has twice the variance (see GroundTruthTask.data).
    once = 0.5 if labels.ndim == 3 else 1.0
    variance = (labels - labels.mean(0)).square().mean()
    values, vectors = torch.linalg.eigh(forms.violation)
    told = values > _STILL * forms.scale.diagonal().max()
    information = values[told] * once / (batch.num_graphs * variance)
    return generators, vectors[:, told] / information.sqrt(), unit
