"""Small files in the formats of published data sets, as the classes that read them expect."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from rdkit import Chem
from rdkit.Chem import AllChem
from torch_geometric.datasets.qm9 import HAR2EV, KCALMOL2EV, atomrefs

__all__ = [
    "CATEGORIES",
    "LEFT_OUT",
    "SMILES",
    "digits",
    "jets",
    "trajectory",
    "write_jets",
    "write_md17",
    "write_model_net",
    "write_qm9",
    "write_superpixels",
]

CATEGORIES = (
    *("bathtub", "bed", "chair", "desk", "dresser"),
    *("monitor", "night_stand", "sofa", "table", "toilet"),
)
_SQUARES = ("4 0 1 3 2", "4 4 6 7 5", "4 0 4 5 1", "4 2 3 7 6", "4 0 2 6 4", "4 1 5 7 3")

SMILES = ["C", "N", "O", "CC", "CO", "CN", "C#N", "C=O", "CF", "CCC", "CCO", "C1CC1", "CC=O", "OO"]
LEFT_OUT = 4  # Number, from 1, of the molecule that failed the consistency check.
_TOTAL = ("InternalEnergy_0K_au", "InternalEnergy_298K_au", "Enthalphy_298K_au")
_ELECTRONIC = ("HOMO_au", "LUMO_au", "HOMO_LUMO_gap_au", "R2_bohr2", "ZPVE_au")
_COLUMNS = (
    *("RotA_GHz", "RotB_GHz", "RotC_GHz", "Dipole_debye", "Polarizability_bohr3"),
    *(*_ELECTRONIC, *_TOTAL, "GibbsFreeEnergy_298K_au", "Heatcapacity_Cv_cal_mol_K"),
)


def write_model_net(folder: Path, train: int = 2) -> None:
    """``train`` training boxes and a test box of each category."""
    for number, category in enumerate(CATEGORIES):
        for part, count in (("train", train), ("test", 1)):
            (folder / "raw" / category / part).mkdir(parents=True)
            for shape in range(count):
                path = folder / "raw" / category / part / f"{category}_{shape:04d}.off"
                path.write_text(_box(number))


def _box(number: int) -> str:
    """A box of 1 × 2 × (3 + number), in squares, as an OFF file."""
    sides = (1.0, 2.0, 3.0 + number)
    corners = [" ".join(map(str, c)) for c in itertools.product(*((0.0, s) for s in sides))]
    return "\n".join(["OFF", "8 6 0", *corners, *_SQUARES, ""])


def trajectory(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions, energies and forces of springs between three atoms."""
    pos = np.random.default_rng(seed).normal(size=(count, 3, 3))
    centred = pos - pos.mean(1, keepdims=True)
    energies = -406_737.0 + 0.5 * np.square(centred).sum((1, 2))
    return pos, energies, -centred


def write_md17(folder: Path, count: int = 30) -> None:
    """``count`` frames as "revised ethanol" and "ethanol", and 20 + 10 as "ethanol CCSD(T)"."""
    z = np.array([8, 1, 1], np.uint8)
    pos, energies, forces = trajectory(count)
    revised = folder / "raw" / "rmd17" / "npz_data" / "rmd17_ethanol.npz"
    revised.parent.mkdir(parents=True)
    np.savez(revised, nuclear_charges=z, coords=pos, energies=energies, forces=forces)
    original = folder / "ethanol" / "raw" / "md17_ethanol.npz"
    original.parent.mkdir(parents=True)
    np.savez(original, z=z, R=pos, E=energies[:, None], F=forces)
    coupled = folder / "ethanol CCSD(T)" / "raw"
    coupled.mkdir(parents=True)
    for seed, (part, frames) in enumerate({"train": 20, "test": 10}.items()):
        r, e, f = trajectory(frames, seed + 1)
        np.savez(coupled / f"ethanol_ccsd_t-{part}.npz", z=z, R=r, E=e[:, None], F=f)


def digits(count: int, seed: int) -> list[dict[str, torch.Tensor]]:
    """Digits of six patches, as they lie in the published file."""
    generator = torch.Generator().manual_seed(seed)
    return [
        {
            "x": torch.rand(6, 1, generator=generator),
            "pos": 27 * torch.rand(6, 2, generator=generator),
            "edge_index": torch.tensor([[0, 1], [1, 0]]),
            "y": torch.tensor([i % 10]),
        }
        for i in range(count)
    ]


def write_superpixels(folder: Path, train: int = 24, test: int = 5) -> None:
    """``train`` and ``test`` digits."""
    (folder / "raw").mkdir(parents=True)
    torch.save([digits(train, 0), digits(test, 1)], folder / "raw" / "MNISTSuperpixels.pt")


def write_qm9(folder: Path, conformers: int = 1) -> None:
    """``qm9pack`` and ``pyg/raw``: the same molecules as both sources store them.

    Every molecule of :data:`SMILES` comes ``conformers`` times, with properties of its own.
    """
    raw, pack = folder / "pyg" / "raw", folder / "qm9pack"
    raw.mkdir(parents=True)
    pack.mkdir()
    made = [_molecule(smiles, 1 + k) for k in range(conformers) for smiles in SMILES]
    table = np.random.default_rng(0).uniform(0.1, 1.0, (len(made), len(_COLUMNS))).round(4)
    writer = Chem.SDWriter(str(raw / "gdb9.sdf"))
    with (raw / "gdb9.sdf.csv").open("w") as scalars:
        scalars.write("mol_id,A,B,C,mu,alpha,homo,lumo,gap,r2,zpve,u0,u298,h298,g298,cv,")
        scalars.write("u0_atom,u298_atom,h298_atom,g298_atom\n")
        for i, molecule in enumerate(made):
            molecule.SetProp("_Name", f"gdb_{i + 1}")
            writer.write(molecule)
            free = [_atomization(molecule, table[i, 10 + k], 7 + k) for k in range(4)]
            scalars.write(",".join([f"gdb_{i + 1}", *map(repr, map(float, [*table[i], *free]))]))
            scalars.write("\n")
    writer.close()
    lines = [*(9 * ["header"]), f"  {LEFT_OUT}  C  1  2", "1 compound", ""]
    (raw / "uncharacterized.txt").write_text("\n".join(lines))
    # Two files, the later molecules in the first.
    for part, chosen in ((1, range(7, len(made))), (2, range(7))):
        with (pack / f"qm9_part{part}.csv").open("w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["XYZ_file", "Index", "SMILES", "Elements", "XYZ_Ang", *_COLUMNS])
            for i in chosen:
                if i + 1 != LEFT_OUT:
                    out.writerow(_csv_row(i, made[i], table[i]))


def _molecule(smiles: str, seed: int) -> Chem.Mol:
    molecule = Chem.AddHs(Chem.MolFromSmiles(smiles))
    assert AllChem.EmbedMolecule(molecule, randomSeed=seed) == 0
    return molecule


def _atomization(molecule: Chem.Mol, total: float, column: int) -> float:
    """In kcal/mol, as the tables of PyG have it."""
    free = dict(zip((1, 6, 7, 8, 9), atomrefs[column], strict=True))
    atoms = sum(free[atom.GetAtomicNum()] for atom in molecule.GetAtoms())
    return (total * HAR2EV - atoms) / KCALMOL2EV


def _csv_row(i: int, molecule: Chem.Mol, values: np.ndarray) -> list[Any]:
    elements = [atom.GetSymbol() for atom in molecule.GetAtoms()]
    pos = molecule.GetConformer().GetPositions().round(4).tolist()
    smiles = SMILES[i % len(SMILES)]
    return [f"dsgdb9nsd_{i + 1:06d}.xyz", i + 1, smiles, str(elements), str(pos), *values]


def jets(count: int, code: int) -> pd.DataFrame:
    """Jets of three heavy constituents along one axis, wide or narrow.

    Of massless ones a square of the momentum is rounding alone, and LorentzMPNN looks at it.
    """
    generator = np.random.default_rng(code)
    label = np.arange(count) % 2
    momenta = generator.normal(size=(count, 3, 3)) * (10 + 40 * label)[:, None, None]
    momenta[..., 0] += 50
    masses = generator.uniform(20, 60, size=(count, 3, 1))
    energies = np.hypot(np.linalg.norm(momenta, axis=2, keepdims=True), masses)
    flat = np.concatenate([energies, momenta], 2).reshape(count, -1)
    names = [f"{part}_{i}" for i in range(3) for part in ("E", "PX", "PY", "PZ")]
    return pd.DataFrame(flat, columns=names).assign(ttv=code, is_signal_new=label)


def write_jets(path: Path, count: int) -> None:
    """One Parquet file with the column that tells the published splits apart."""
    parts = [jets(count // (1 if code == 0 else 4), code) for code in range(3)]
    pd.concat(parts).to_parquet(path)
