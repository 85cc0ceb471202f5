"""``Scattering``: electron and positron become a pair of muons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch_geometric.data import Data, InMemoryDataset

from semola_geo.datasets._choice import check_choice
from semola_geo.datasets._targets import check_targets
from semola_geo.datasets.scattering.amplitude import muon_pair_amplitude
from semola_geo.datasets.scattering.phase_space import boosts, directions, two_to_two
from semola_geo.datasets.split import cut

__all__ = ["Scattering"]

_FRAMES = ("random", "centre_of_mass", "beam_axis")
_PARTICLES = 4


class Scattering(InMemoryDataset):  # type: ignore[misc]
    """Events e⁻e⁺ → μ⁻μ⁺ with their squared amplitude, at tree level of QED.

    Every ``Data`` holds ``pos`` [4, 4], the four-momenta (E, p) in GeV (``pos`` is where networks
    look for coordinates; it moves as a vector), ``z`` [4] (long), the kind of particle: 0 e⁻,
    1 e⁺, 2 μ⁻, 3 μ⁺, always in this order, and ``amplitude`` [1]: the squared amplitude in units
    of e⁴, averaged over spins before and summed over spins behind. It is smooth, without dimension,
    and lies between 1 and 2.

    The total energy √s is uniform in a range near the threshold, where the mass of the muon
    matters: far above it the amplitude depends on the angle only, and scaling all momenta would be
    another symmetry. Directions are uniform on the sphere in the centre-of-mass frame; weight an
    event by the velocity of its muons to turn that into Lorentz-invariant phase space.

    The symmetry is the Lorentz group SO(1,3). In ``frame="random"`` the data move along all of
    it; in the centre-of-mass frame along rotations only, and with the beam kept on the z axis along
    rotations about z. No event leaves the mass shells, so that the ten other directions of GL(4)
    are not supported.

    Args:
        targets: ``"amplitude"``.
        split: ``"train"`` (75 %), ``"val"`` (10 %), ``"test"`` (15 %), ``"all"`` / None.
        count: Number of events, over all splits.
        energies: Range of √s in GeV; both ends above twice the heavier mass.
        frame: ``"random"`` (any direction of the beam, boosted in a random direction by a rapidity
            uniform in [0, ``max_rapidity``]), ``"centre_of_mass"`` (any direction of the beam) or
            ``"beam_axis"`` (centre of mass, electrons come along z).
        max_rapidity: For ``frame="random"``; 1 is 76 % of the speed of light.
        muon_mass: In GeV.
        electron_mass: In GeV.
        seed: Of the events.
        dtype: Of floating-point fields.
        transform: Applied at every access, as in PyTorch Geometric.

    Raises:
        ValueError: For an option out of range.

    Source: Peskin and Schroeder, *An Introduction to Quantum Field Theory* (1995), 5.1; masses:
    Particle Data Group. Invariance of such amplitudes as a test of symmetry discovery:
    Bogatskiy et al. (arXiv 2006.04780), Yang et al., LieGAN (arXiv 2302.00236).

    >>> events = Scattering(count=20)
    >>> events[0].pos.shape, events[0].z.tolist(), events[0].amplitude.shape, events.fields
    (torch.Size([4, 4]), [0, 1, 2, 3], torch.Size([1]), {'pos': 'vector', 'amplitude': 'scalar'})
    """

    UNITS: ClassVar[dict[str, str]] = {"pos": "GeV", "amplitude": "e⁴"}

    def __init__(
        self,
        targets: str | Sequence[str] = ("amplitude",),
        split: Literal["train", "val", "test", "all"] | None = None,
        *,
        count: int = 4000,
        energies: Sequence[float] = (0.22, 0.5),
        frame: Literal["random", "centre_of_mass", "beam_axis"] = "random",
        max_rapidity: float = 1.0,
        muon_mass: float = 0.1056583755,
        electron_mass: float = 0.00051099895,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
        transform: Callable[[Data], Data] | None = None,
    ) -> None:
        super().__init__(root=None, transform=transform)
        self.targets = check_targets(targets, ["amplitude"])
        if not isinstance(count, int) or count < 10:
            raise ValueError(f"count is a number of events, at least 10; got {count!r}")
        check_choice("frame", frame, _FRAMES)
        if not 0 <= max_rapidity <= 10:
            raise ValueError(f"max_rapidity must lie in [0, 10], got {max_rapidity}")
        masses = (_mass("electron_mass", electron_mass), _mass("muon_mass", muon_mass))
        low, high = _range(energies, 2 * max(masses))
        begin, end = cut(count, split)
        generator = torch.Generator().manual_seed(seed)
        energy = low + (high - low) * torch.rand(count, generator=generator, dtype=torch.float64)
        momenta = _events(energy, masses, frame, max_rapidity, generator)
        amplitude = muon_pair_amplitude(momenta, *masses)
        number = end - begin
        self._data = Data(
            pos=momenta[begin:end].flatten(0, 1).to(dtype),
            z=torch.arange(_PARTICLES).repeat(number),
            amplitude=amplitude[begin:end].to(dtype),
        )
        graph = torch.arange(number + 1)
        node = _PARTICLES * graph
        self.slices = {"pos": node, "z": node, "amplitude": graph}

    @property
    def fields(self) -> dict[str, str]:
        """Representations of the floating-point fields under linear maps of space-time."""
        return {"pos": "vector", "amplitude": "scalar"}


def _events(
    energy: Tensor,
    masses: tuple[float, float],
    frame: str,
    max_rapidity: float,
    generator: torch.Generator,
) -> Tensor:
    count = len(energy)
    # Everything is drawn in any frame, so that an event stays the same one in all of them.
    outgoing, beam, way = (directions(count, generator) for _ in range(3))
    rapidity = max_rapidity * torch.rand(count, generator=generator, dtype=torch.float64)
    if frame == "beam_axis":
        beam = torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64).expand(count, 3)
    momenta = two_to_two(energy, masses, beam, outgoing)
    return momenta @ boosts(rapidity, way).mT if frame == "random" else momenta


def _mass(name: str, mass: float) -> float:
    if not 0 <= mass < float("inf"):
        raise ValueError(f"{name} is a mass in GeV, at least 0; got {mass!r}")
    return float(mass)


def _range(energies: Sequence[float], threshold: float) -> tuple[float, float]:
    if len(energies) != 2 or not threshold < energies[0] <= energies[1] < float("inf"):
        raise ValueError(
            f"energies is a range of √s in GeV that begins above the threshold of {threshold:g}, "
            f"such as [0.22, 0.5]; got {list(energies)!r}"
        )
    return float(energies[0]), float(energies[1])
