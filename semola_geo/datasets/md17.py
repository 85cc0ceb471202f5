"""``MD17``: molecules in motion, with energies and forces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
import torch_geometric.datasets
from torch import Tensor
from torch_geometric.data import Data, InMemoryDataset

from semola_geo.datasets._choice import check_choice
from semola_geo.datasets._index_file import check_disjoint, read_indices
from semola_geo.datasets._md17_archive import Names, check_trajectory, read_energies
from semola_geo.datasets._pose import turn
from semola_geo.datasets._pyg import from_pyg
from semola_geo.datasets._split_pose import SplitPose
from semola_geo.datasets._targets import check_targets

__all__ = ["MD17"]

_EV = 0.0433641153087705  # kcal/mol: 4184 / (Avogadro's number · elementary charge)
_SPLITS = ("train", "val", "test", None)


class MD17(InMemoryDataset):  # type: ignore[misc]
    """Frames of one molecule's trajectory, through PyTorch Geometric's class of the same name.

    Every ``Data`` holds ``pos`` [N, 3] (Å), ``z`` [N] (long), ``idx`` [1] (long, number of the
    frame), ``energy`` [1] (eV) and ``forces`` [N, 3] (eV/Å), as far as ``targets`` names them. The
    files have kcal/mol, with energies near −400,000 kcal/mol, which float32 (and so PyTorch
    Geometric's class) rounds to 0.03 kcal/mol: they are read again in float64, and the mean over
    the training frames, :attr:`mean_energy`, is subtracted.

    Training, validation and test frames are drawn at random from the whole trajectory, as in the
    literature: frames next to each other are nearly the same, so that test errors measure
    interpolation. More than 1,000 training frames are advised against by the authors of the
    revised energies. Where there are published parts (``CCSD``), test frames come from theirs; the
    revised MD17 has published lists, ``index_train_01.csv`` … ``index_test_05.csv``, to be named in
    ``index_files``.

    Args:
        molecule: As PyTorch Geometric names it, such as ``"revised aspirin"`` or ``"ethanol
            CCSD(T)"``; plain names are the original MD17, whose energies are noisy.
        root: Folder of PyTorch Geometric's class.
        targets: ``"energy"``, ``"forces"``, or both.
        split: ``"train"``, ``"val"``, ``"test"``; None: all frames.
        sizes: Number of frames of the three splits; a list of test frames may be shorter.
        index_files: Files that list training and test frames, one number from 0 a line. Training
            and validation frames are drawn from the first.
        download: Let PyTorch Geometric fetch missing files from the network.
        orientation: ``"random"`` (uniform on SO(3)), ``"canonical"``, ``"restricted"``, or
            ``"original"``: that of the trajectory, where the molecule hardly turns, so that
            rotations are not supported. Molecules are centred first.
        test_orientation: That of the test frames where it differs; None: the same.
        max_angle: Degrees in [0, 180], for ``"restricted"`` only; 30 by default.
        offset: Standard deviation (Å) of a Gaussian displacement; by default 1 for random poses
            and 0 for the others.
        seed: Of the splits and the poses.
        dtype: Of floating-point fields.
        transform: Applied at every access, as in PyTorch Geometric.

    Attributes:
        mean_energy: What was subtracted from energies, in eV.

    Raises:
        ValueError: For an option out of range, a trajectory that is malformed or has too few
            frames, or lists of frames that are out of range, come twice, or are in both; names
            file, array and frame, or line.
        FileNotFoundError: If files are missing.

    Source: Chmiela et al., Sci. Adv. 3, e1603015 (2017); revised: Christensen and von Lilienfeld,
    Mach. Learn.: Sci. Technol. 1, 045018 (2020).

    >>> MD17.UNITS
    {'pos': 'Å', 'energy': 'eV', 'forces': 'eV/Å'}
    >>> MD17("benzol", "nowhere")
    Traceback (most recent call last):
    ValueError: molecule='benzol' is unknown; choose one of aspirin, ...
    """

    FIELDS: ClassVar[dict[str, str]] = {"pos": "point", "energy": "scalar", "forces": "covector"}
    UNITS: ClassVar[dict[str, str]] = {"pos": "Å", "energy": "eV", "forces": "eV/Å"}

    def __init__(
        self,
        molecule: str,
        root: str | Path,
        targets: str | Sequence[str] = ("energy",),
        split: Literal["train", "val", "test"] | None = None,
        *,
        sizes: Sequence[int] = (950, 50, 1000),
        index_files: Sequence[str | Path] | None = None,
        download: bool = False,
        orientation: Literal["random", "canonical", "restricted", "original"] = "random",
        test_orientation: Literal["random", "canonical", "restricted", "original"] | None = None,
        max_angle: float | None = None,
        offset: float | None = None,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
        transform: Callable[[Data], Data] | None = None,
    ) -> None:
        super().__init__(root=None, transform=transform)
        self.targets = check_targets(targets, ["energy", "forces"])
        if split not in _SPLITS:
            raise ValueError(f"split={split!r} is unknown; choose one of train, val, test, or None")
        if len(sizes) != 3 or min(sizes) < 1:
            raise ValueError(
                f"sizes are the frames for training, validation and testing, each at least 1; got "
                f"{list(sizes)!r}"
            )
        known = sorted(torch_geometric.datasets.MD17.file_names)
        check_choice("molecule", molecule, known)
        pose = SplitPose.check(orientation, test_orientation, max_angle, offset)
        if index_files is not None and (isinstance(index_files, str) or len(index_files) != 2):
            raise ValueError(
                "index_files are two files, of training and of test frames, such as "
                f"['index_train_01.csv', 'index_test_01.csv']; got {index_files!r}"
            )
        pos, z, energy, forces, published = _load(molecule, root, download)
        frames, count = pos.shape[:2]
        generator = torch.Generator().manual_seed(seed)
        listed = _listed(frames, published, index_files, molecule)
        parts = _parts(frames, listed, sizes, generator, molecule)
        owner = torch.arange(frames).repeat_interleave(count)
        testing = torch.zeros(frames, dtype=torch.bool)
        testing[parts["test"]] = True
        placed, rotation = pose.place(
            pos.flatten(0, 1), z.repeat(frames), owner, frames, generator, testing
        )
        self.mean_energy = float(energy[parts["train"]].mean())
        rows = torch.arange(frames) if split is None else parts[split]
        labels = {
            "energy": energy[rows] - self.mean_energy,
            "forces": turn(forces.flatten(0, 1), rotation[owner]).view_as(pos)[rows].flatten(0, 1),
        }
        graph = torch.arange(len(rows) + 1)
        node = count * graph
        self._data = Data(
            pos=placed.view_as(pos)[rows].flatten(0, 1).to(dtype),
            z=z.repeat(len(rows)),
            idx=rows,
            **{name: labels[name].to(dtype) for name in self.targets},
        )
        slices = {"pos": node, "z": node, "idx": graph, "energy": graph, "forces": node}
        self.slices = {name: slices[name] for name in self._data.to_dict()}

    @property
    def fields(self) -> dict[str, str]:
        """Representations of the floating-point fields that are served: pos, then the targets."""
        return {name: self.FIELDS[name] for name in ("pos", *self.targets)}


def _load(
    molecule: str, root: str | Path, download: bool
) -> tuple[Tensor, Tensor, Tensor, Tensor, int | None]:
    """Return positions, species, energies, forces, and how many frames come before a test file."""
    first = "CCSD" in molecule
    kinds = (True, False) if first else (None,)
    sources = [
        from_pyg(torch_geometric.datasets.MD17, root, download, molecule, check=_check, train=kind)
        for kind in kinds
    ]
    z: Tensor = sources[0][0].z
    columns = [_columns(source, len(z)) for source in sources]
    pos, forces = (torch.cat([column[name] for column in columns]) for name in ("pos", "force"))
    names = Names.of(molecule)
    energies = [read_energies(path, names) for path in sources[0].raw_paths]
    energy = torch.cat([torch.from_numpy(values) for values in energies])
    if len(energy) != len(pos):
        raise ValueError(
            f"{', '.join(sources[0].raw_paths)}: {len(energy)} energies, but {len(pos)} frames "
            f"were processed before; delete {sources[0].processed_dir} to process the files again"
        )
    if not all(bool(values.isfinite().all()) for values in (pos, forces, energy)):
        raise ValueError(f"{sources[0].raw_paths[0]} holds numbers that are not finite")
    return pos, z, _EV * energy, _EV * forces, len(sources[0]) if first else None


def _check(source: Any) -> None:
    names = Names.of(source.name)
    first, *others = source.raw_paths
    z = check_trajectory(first, names)
    for path in others:
        if not np.array_equal(check_trajectory(path, names), z):
            raise ValueError(
                f"{path}, field {names.z!r}: has other atoms than {first}; fetch the files again"
            )


def _columns(source: Any, atoms: int) -> dict[str, Tensor]:
    data = source._data
    return {name: data[name].double().reshape(-1, atoms, 3) for name in ("pos", "force")}


def _listed(
    frames: int, published: int | None, files: Sequence[str | Path] | None, molecule: str
) -> tuple[Tensor, Tensor] | None:
    """Return the frames to train on and to test on, where they are published."""
    if files is not None:
        if published is not None:
            raise ValueError(
                f"{molecule!r} has training and test frames of its own; leave out index_files"
            )
        train, test = (read_indices(file, frames) for file in files)
        check_disjoint(train, test, (str(files[0]), str(files[1])))
        return train, test
    if published is None:
        return None
    return torch.arange(published), torch.arange(published, frames)


def _parts(
    frames: int,
    listed: tuple[Tensor, Tensor] | None,
    sizes: Sequence[int],
    generator: torch.Generator,
    molecule: str,
) -> dict[str, Tensor]:
    train, val, test = sizes
    pool = torch.arange(frames) if listed is None else listed[0]
    order = pool[torch.randperm(len(pool), generator=generator)]
    last = order[train + val :] if listed is None else listed[1]
    if len(order) < train + val or len(last) < (test if listed is None else 1):
        where = f"{frames} frames" if listed is None else f"{len(pool)} training frames"
        raise ValueError(f"{molecule!r} has {where}, too few for sizes={list(sizes)}; take fewer")
    return {"train": order[:train], "val": order[train : train + val], "test": last[:test]}
