"""Langevin dynamics on the GFN2-xTB surface, which can be stopped at any frame and taken up again.

The same seed gives the same trajectory however often it was stopped: at every frame the electronic
structure starts from scratch, and the state of the random numbers is kept with the atoms. On
another machine rounding differs, and so does the trajectory after some hundred steps, as in any
dynamics.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms, units
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution
from ase.md.verlet import VelocityVerlet
from ase.optimize import BFGS
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import AllChem, rdMolTransforms
from tblite.ase import TBLite

__all__ = ["MOLECULES", "Molecule", "Protocol", "Trajectory", "energy_drift"]

_FORCE = 0.01  # eV/Å, at which the starting geometry counts as relaxed


@dataclass(frozen=True)
class Molecule:
    """What to simulate.

    Attributes:
        smiles: Its SMILES; atoms come in the order of RDKit, hydrogens last.
        flat: Torsions that start at 0°: the hydrogen bond of malonaldehyde is not found by chance.
    """

    smiles: str
    flat: tuple[tuple[int, int, int, int], ...] = ()

    def relaxed(self, seed: int) -> Atoms:
        """Return the nearest minimum of an embedded geometry."""
        mol = Chem.AddHs(Chem.MolFromSmiles(self.smiles))
        AllChem.EmbedMolecule(mol, randomSeed=seed)
        conformer = mol.GetConformer()
        for torsion in self.flat:
            rdMolTransforms.SetDihedralDeg(conformer, *torsion, 0.0)
        atoms = Atoms([a.GetSymbol() for a in mol.GetAtoms()], conformer.GetPositions())
        atoms.calc = _calculator()
        BFGS(atoms, logfile=None).run(fmax=_FORCE, steps=500)
        return atoms


MOLECULES = {
    "ethanol": Molecule("CCO"),
    "malonaldehyde": Molecule(r"O=C/C=C\O", flat=((0, 1, 2, 3), (2, 3, 4, 8))),
}


@dataclass(frozen=True)
class Protocol:
    """How to simulate.

    Attributes:
        frames: Frames to keep.
        burn_in: Frames before them that are thrown away.
        stride: Steps from one frame to the next.
        step: Time step, fs.
        temperature: K.
        friction: 1/fs.
    """

    frames: int = 2000
    burn_in: int = 100
    stride: int = 100
    step: float = 0.5
    temperature: float = 500.0
    friction: float = 0.005


class Trajectory:
    """A trajectory, as far as it has come.

    Args:
        molecule: What to simulate.
        protocol: How.
        seed: Of the start and of the thermostat.
        partial: File that keeps what was computed; an existing one is taken up.

    Attributes:
        pos: Positions of the frames so far, about their centroids, Å; burn-in first.
        temperature: Kinetic temperature at each of them, K.
    """

    def __init__(self, molecule: Molecule, protocol: Protocol, seed: int, partial: Path) -> None:
        self.protocol, self.partial = protocol, partial
        self.pos: list[NDArray[np.float64]] = []
        self.temperature: list[float] = []
        self._rng = np.random.default_rng(seed)
        self.atoms = molecule.relaxed(seed)
        if partial.is_file():
            self._load()
        else:
            MaxwellBoltzmannDistribution(
                self.atoms, temperature_K=protocol.temperature, rng=self._rng
            )

    @property
    def length(self) -> int:
        """Number of frames when done, burn-in included."""
        return self.protocol.burn_in + self.protocol.frames

    def frames(self) -> Iterator[int]:
        """Compute frame after frame, and yield how many there are."""
        protocol = self.protocol
        while len(self.pos) < self.length:
            # From scratch, so that nothing depends on where the trajectory was taken up.
            self.atoms.calc = _calculator()
            dynamics = Langevin(
                self.atoms,
                protocol.step * units.fs,
                temperature_K=protocol.temperature,
                friction=protocol.friction / units.fs,
                # Otherwise ASE holds the centre of mass in a way that distorts the distribution.
                fixcm=False,
                rng=self._rng,
            )
            dynamics.run(protocol.stride)
            positions = self.atoms.get_positions()
            self.pos.append(positions - positions.mean(0))
            # All 3 N degrees of freedom are thermal, as nothing is held.
            kinetic = 2 * self.atoms.get_kinetic_energy() / (3 * len(self.atoms))
            self.temperature.append(kinetic / units.kB)
            yield len(self.pos)

    def save(self) -> None:
        """Keep everything that is needed to go on."""
        fresh = self.partial.with_suffix(".new.npz")
        np.savez(
            fresh,
            pos=np.array(self.pos),
            temperature=np.array(self.temperature),
            positions=self.atoms.get_positions(),
            momenta=self.atoms.get_momenta(),
            rng=np.array(json.dumps(self._rng.bit_generator.state).encode()),
        )
        fresh.replace(self.partial)  # A run that is killed here leaves the old file or the new one.

    def _load(self) -> None:
        with np.load(self.partial) as kept:
            self.pos = list(kept["pos"])
            self.temperature = kept["temperature"].tolist()
            self.atoms.set_positions(kept["positions"])
            self.atoms.set_momenta(kept["momenta"])
            self._rng.bit_generator.state = json.loads(bytes(kept["rng"]))


def energy_drift(atoms: Atoms, step: float, picoseconds: float) -> tuple[float, float]:
    """Run without thermostat and say how well the time step conserves energy.

    Args:
        atoms: Where to start, with momenta; a copy is moved.
        step: Time step, fs.
        picoseconds: Length of the run.

    Returns:
        Slope of the total energy (meV per ps and atom) and its standard deviation about the
        slope (meV per atom).
    """
    free = atoms.copy()
    free.calc = _calculator()
    dynamics = VelocityVerlet(free, step * units.fs)
    energies = []
    steps = round(1000 * picoseconds / step)
    for _ in range(steps):
        dynamics.run(1)
        energies.append(free.get_total_energy())
    times = step / 1000 * np.arange(steps)
    per_atom = 1000 * np.array(energies) / len(free)
    slope, offset = np.polyfit(times, per_atom, 1)
    return float(slope), float((per_atom - slope * times - offset).std())


def _calculator() -> TBLite:
    return TBLite(method="GFN2-xTB", verbosity=0)
