"""Names by certificate: called X when a change of coordinates carrying X onto the span is found.

Names are properties of a conjugacy class under linear, or affine, changes of coordinates: so(3)
about another point, or preserving a stretched metric, is still so(3). For every candidate of the
right dimension the change S is fitted (`conjugacy`); a name is given when

* the largest principal angle between S C S^-1 and the span is at most `tolerance` degrees, and
* seen in the candidate's own coordinates, where S is undone, the angle is at most three times
  that. Strong stretching makes everything look like a shear, and this is where it shows; and
* no other candidate comes within a factor of two of being as good. A rotation about a far point
  looks like a translation nearby: unless it is exact, such a pair is left undecided too.

Otherwise no name is given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from semola_geo.algebra.affine import embed, frame_matrix
from semola_geo.algebra.candidates import candidates
from semola_geo.algebra.conjugacy import ConjugacyFit, starting_changes
from semola_geo.algebra.subspace import Array, orthonormal_rows

__all__ = ["Identification", "identify"]

_STARTS = 20
_STARTS_FOR_RIVALS = 6  # once one candidate fits
_CLEARLY_BETTER = 0.5
_MODEL_FRAME_SLACK = 3.0
_EXACT = 1e-6  # degrees
_STRETCHED = 1e4
_HOPELESS = 1e8  # a condition number with which S C S^-1 may lose its rank to rounding
_NEAR = 3.0
_FAR = 10.0  # units of length between the origin and the candidate's origin


@dataclass(frozen=True)
class Identification:
    """A catalogue algebra and how it lies.

    Attributes:
        name: catalogue name.
        change: `[n, n]` S with S C S^-1 close to the identified span.
        model: `[k, n, n]` generators C of the catalogue algebra in standard position.
        angle: largest principal angle in degrees between the span and S C S^-1.
        misfit: the larger of `angle` and a third of the same angle in the coordinates of C.
    """

    name: str
    change: Array
    model: Array
    angle: float
    misfit: float

    @property
    def strained(self) -> bool:
        """Whether S is exact, but stretches so much that rounding shows where C lies, or might.

        Shears allow that: stretching makes theirs smaller and leaves its direction alone.
        """
        if self.angle >= _EXACT:
            return False
        return self.misfit >= _EXACT or bool(np.linalg.cond(self.change) > _STRETCHED)

    def snapped(self) -> Array:
        """The named algebra in place: S C S^-1, `[k, n, n]`, exactly closed."""
        return np.asarray(self.change @ self.model @ np.linalg.inv(self.change))

    def moved(self, change: Array) -> Identification:
        """The same finding in further coordinates y = change x."""
        own, model = self.change, self.model
        if len(change) > len(own):
            own, model = embed(own[None])[0], embed(model)
            own[-1, -1] = 1.0
        return replace(self, change=np.asarray(change @ own), model=model)


def identify(basis: Array, affine: bool, tolerance: float) -> Identification | None:
    """The catalogue algebra that the Frobenius-orthonormal `basis` `[k, n, n]` spans, if clear."""
    here = _identify_here(basis, affine, tolerance)
    # on a line every element is a scaling about some point, so a far one proves nothing
    if not affine or basis.shape[-1] == 2 or (here is not None and here.misfit < _EXACT):
        return here
    center = _fixed_point(basis)
    if np.linalg.norm(center) < _NEAR:
        return here
    shift = frame_matrix(1.0, center)
    shifted = np.linalg.inv(shift) @ basis @ shift
    rows = orthonormal_rows(shifted.reshape(len(basis), -1)).reshape(basis.shape)
    there = _identify_here(rows, affine, tolerance)
    if there is None or there.misfit >= _EXACT:
        return here
    return replace(there, change=shift @ there.change)


def _fixed_point(basis: Array) -> Array:
    """The point `[d]` that the span moves least, by least squares; the origin for translations."""
    d = basis.shape[-1] - 1
    linear, translation = basis[:, :d, :d].reshape(-1, d), basis[:, :d, d].reshape(-1)
    return np.asarray(np.linalg.lstsq(linear, -translation, rcond=1e-6)[0])


def _identify_here(basis: Array, affine: bool, tolerance: float) -> Identification | None:
    """`identify` for an algebra whose own origin is not far from this one."""
    size = basis.shape[-1]
    fit = ConjugacyFit(basis, affine)
    open_candidates = [
        (name, model)
        for name, model in candidates(size - int(affine), affine, len(basis))
        if _may_match(basis, model, affine, tolerance)
    ]
    found: dict[str, Identification] = {}
    for round_number, start in enumerate(starting_changes(size, affine, _STARTS)):
        for pair in list(open_candidates):
            match = _match(fit, *pair, start, tolerance)
            if match is None:
                continue
            strained, before = match.strained, found.get(match.name)
            if before is None or (strained, match.misfit) < (before.strained, before.misfit):
                found[match.name] = match
            if not strained:  # else another start may stretch less
                open_candidates.remove(pair)
        fits = any(not match.strained for match in found.values())
        if not open_candidates or (fits and round_number >= _STARTS_FOR_RIVALS):
            break
        if any(_settles(match, affine) for match in found.values()):
            break
    return _clear_winner(list(found.values()), affine)


def _match(
    fit: ConjugacyFit, name: str, model: Array, start: Array, tolerance: float
) -> Identification | None:
    change = fit.solve(model, start)
    angle = fit.angle(model, change)
    if angle > tolerance or np.linalg.cond(change) > _HOPELESS:
        return None
    misfit = max(angle, fit.angle_in_model_frame(model, change) / _MODEL_FRAME_SLACK)
    return Identification(name, change, model, angle, misfit) if misfit <= tolerance else None


def _clear_winner(found: list[Identification], affine: bool) -> Identification | None:
    if not found:
        return None
    best, *rivals = sorted(found, key=lambda match: match.misfit)
    if not rivals:
        return best
    if best.misfit > _CLEARLY_BETTER * max(rivals[0].misfit, _EXACT):
        return None
    exact = best.misfit < _EXACT and best.change.shape[-1] > 2
    if _is_far(best, affine) and not exact and not all(_is_far(rival, affine) for rival in rivals):
        return None
    return best


def _settles(match: Identification, affine: bool) -> bool:
    return match.misfit < _EXACT and not match.strained and not _is_far(match, affine)


def _is_far(match: Identification, affine: bool) -> bool:
    return affine and float(np.linalg.norm(match.change[:-1, -1])) > _FAR


def _may_match(basis: Array, model: Array, affine: bool, tolerance: float) -> bool:
    """Cheap necessary conditions for all principal angles to S C S^-1 being within tolerance.

    S changes neither traces, nor the signs of tr(XY), nor the number of pure translations, nor
    that of vectors killed by every linear part.
    """
    d, count = basis.shape[-1] - int(affine), len(basis)
    slack = np.sin(np.radians(tolerance)) + 1e-9
    linear, model_linear = basis[:, :d, :d], model[:, :d, :d]
    traces = np.linalg.norm(np.einsum("kaa->k", linear)) / np.sqrt(d)
    if not np.einsum("kaa->k", model_linear).any() and traces > slack:
        return False
    if not _squares_fit(linear, model_linear, slack):
        return False
    rank = np.linalg.matrix_rank(model_linear.reshape(count, -1))
    # A translation stays one when S is undone, and there only translations are near to it.
    if np.linalg.matrix_rank(linear.reshape(count, -1), tol=1e-9) < rank:
        return False
    if _tail(linear.reshape(count, -1), rank) > slack:
        return False
    moved = np.linalg.matrix_rank(model_linear.reshape(-1, d))
    return bool(_tail(linear.reshape(-1, d), moved) <= slack * np.sqrt(count))


def _squares_fit(linear: Array, model: Array, slack: float) -> bool:
    """Whether tr(XY) has no more positive, and no more negative, squares than in the model.

    Elements of unit norm that are `slack` apart differ in tr(XX) by at most twice that.
    """
    values = np.linalg.eigvalsh(np.einsum("iab,jba->ij", linear, linear))
    wanted = np.linalg.eigvalsh(np.einsum("iab,jba->ij", model, model))
    return all(
        (sign * values > 2 * slack).sum() <= (sign * wanted > 1e-9).sum() for sign in (1, -1)
    )


def _tail(matrix: Array, rank: int) -> float:
    """The largest singular value that a matrix of that rank would not have."""
    singular = np.linalg.svd(matrix, compute_uv=False)
    return float(singular[rank]) if rank < len(singular) else 0.0
