"""The tree-level amplitude of e⁻e⁺ → μ⁻μ⁺ in quantum electrodynamics."""

from __future__ import annotations

from torch import Tensor

__all__ = ["minkowski_product", "muon_pair_amplitude"]


def minkowski_product(p: Tensor, q: Tensor) -> Tensor:
    """Return E_p E_q − **p**·**q** of four-vectors ``[..., 4]`` in the order (E, p).

    >>> import torch
    >>> minkowski_product(torch.tensor([5.0, 3, 0, 0]), torch.tensor([5.0, 3, 0, 0]))
    tensor(16.)
    """
    return p[..., 0] * q[..., 0] - (p[..., 1:] * q[..., 1:]).sum(-1)


def muon_pair_amplitude(momenta: Tensor, electron_mass: float, muon_mass: float) -> Tensor:
    r"""Return the unpolarised squared amplitude in units of e⁴, which has no dimension.

    One photon in the s channel; averaged over the spins of the electrons, summed over those of
    the muons:

    .. math::
        \frac{1}{4 e^4} \sum_\text{spins} |\mathcal{M}|^2 = \frac{8}{s^2} \left[
        (p_1 k_1)(p_2 k_2) + (p_1 k_2)(p_2 k_1) + M^2\, p_1 p_2 + m^2\, k_1 k_2 + 2 m^2 M^2
        \right]

    Args:
        momenta: Four-momenta ``[..., 4, 4]`` of e⁻ (p₁), e⁺ (p₂), μ⁻ (k₁) and μ⁺ (k₂), each in the
            order (E, p), incoming and outgoing particles both with positive energy.
        electron_mass: m, in the unit of the momenta.
        muon_mass: M, in the unit of the momenta.

    Returns:
        ``[...]``; 1 + cos²θ where all masses are negligible.

    Source: M. Peskin and D. Schroeder, *An Introduction to Quantum Field Theory* (1995), eq. 5.10
    (there with m = 0).

    >>> import torch
    >>> sideways = torch.tensor([[1.0, 0, 0, 1], [1, 0, 0, -1], [1, 1, 0, 0], [1, -1, 0, 0]])
    >>> muon_pair_amplitude(sideways, 0.0, 0.0)
    tensor(1.)
    """
    p1, p2, k1, k2 = momenta.unbind(-2)
    m2, M2 = electron_mass**2, muon_mass**2
    s = minkowski_product(p1 + p2, p1 + p2)
    direct = minkowski_product(p1, k1) * minkowski_product(p2, k2)
    crossed = minkowski_product(p1, k2) * minkowski_product(p2, k1)
    masses = M2 * minkowski_product(p1, p2) + m2 * minkowski_product(k1, k2) + 2 * m2 * M2
    return 8 * (direct + crossed + masses) / s**2
