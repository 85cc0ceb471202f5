"""Build ``qm9_xtb.npz``: 4,980 QM9 molecules with GFN2-xTB labels.

    pip install 'semola_geo[build-data]'
    OMP_NUM_THREADS=1 python datasets/qm9_xtb/build.py             # writes file and SHA256SUMS
    OMP_NUM_THREADS=1 python datasets/qm9_xtb/build.py --check 40  # recomputes 40 molecules

A seed fixes the molecules, their order, the split and the jitter, whatever the number of processes.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two threads a molecule are slower than one

import argparse
import importlib.metadata
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import archives
import command
import numpy as np
from qm9_csv import B3LYP, Molecule, csv_files, read_molecules

SPLIT_SIZES = {"train": 3780, "val": 400, "test": 800}
SPARE = 20  # molecules drawn beyond the split sizes, to replace SCF failures
JITTER = (0.05, 0.10)  # Å: each molecule's standard deviation is uniform in this range
FILE_NAME = "qm9_xtb.npz"

#: largest |rebuilt − shipped| that --check accepts, in the shipped units
TOLERANCES = {
    "energy": 1e-4,  # eV
    "dipole": 1e-4,  # e·Å
    "polarizability": 5e-3,  # Å³, a finite difference
    "energy_jittered": 1e-4,  # eV
    "pos_jittered": 1e-6,  # Å
    "forces": 1e-3,  # eV/Å
}

Labelled = tuple[Molecule, dict[str, Any]]


def label(molecule: Molecule, seed: int) -> Labelled | None:
    """Label one molecule, or return None when its SCF does not converge."""
    from xtb_labels import label_molecule

    rng = np.random.default_rng([seed, molecule.index])
    displacement = rng.normal(scale=rng.uniform(*JITTER), size=molecule.pos.shape)
    # Labels belong to the coordinates as shipped, so these are rounded first.
    jittered = (molecule.pos + displacement).astype(np.float32)
    try:
        labels = label_molecule(
            molecule.numbers, molecule.pos.astype(np.float64), jittered.astype(np.float64)
        )
    except RuntimeError as error:
        print(f"dropped QM9 {molecule.index} ({molecule.smiles}): {error}", file=sys.stderr)
        return None
    return molecule, {"pos_jittered": jittered, **labels}


def label_all(molecules: list[Molecule], seed: int, processes: int) -> list[Labelled | None]:
    """Label in parallel; the order is kept."""
    if processes == 1:
        return [label(molecule, seed) for molecule in molecules]
    seeds = [seed] * len(molecules)
    with ProcessPoolExecutor(processes) as pool:
        return list(pool.map(label, molecules, seeds, chunksize=20))


def pack(labelled: list[Labelled], meta: dict[str, Any]) -> dict[str, Any]:
    """Lay molecules out as flat arrays: atoms are concatenated, ``ptr`` [M + 1] delimits them."""
    molecules = [molecule for molecule, _ in labelled]
    labels = [entry for _, entry in labelled]
    counts = [len(molecule.numbers) for molecule in molecules]
    arrays: dict[str, Any] = {
        "ptr": np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        "z": np.concatenate([molecule.numbers for molecule in molecules]),
        "pos": np.concatenate([molecule.pos for molecule in molecules]),
        "idx": np.array([molecule.index for molecule in molecules], dtype=np.int32),
        "smiles": np.array([molecule.smiles.encode() for molecule in molecules]),
        "split": np.repeat(np.arange(3, dtype=np.int8), list(SPLIT_SIZES.values()))[: len(counts)],
        "meta": np.array(json.dumps(meta, sort_keys=True).encode()),
    }
    for name in ("pos_jittered", "forces"):
        arrays[name] = np.concatenate([entry[name] for entry in labels]).astype(np.float32)
    for name in ("dipole", "polarizability"):
        arrays[name] = np.stack([entry[name] for entry in labels]).astype(np.float32)
    for name in ("energy", "energy_jittered"):
        arrays[name] = np.array([float(entry[name]) for entry in labels])
    for name in B3LYP:
        arrays[name] = np.array([molecule.b3lyp[name] for molecule in molecules])
    return arrays


def build(args: argparse.Namespace) -> None:
    """Label all molecules, write the archive and its checksum."""
    wanted = sum(SPLIT_SIZES.values())
    drawn = read_molecules(csv_files(args.csv), wanted + SPARE, args.seed)
    results = label_all(drawn, args.seed, args.processes)
    labelled = [result for result in results if result is not None]
    if len(labelled) < wanted:
        raise SystemExit(
            f"only {len(labelled)} of {len(drawn)} SCFs converged, {wanted} are needed"
        )
    meta = {
        "seed": args.seed,
        "method": "GFN2-xTB",
        "scf_failures": len(drawn) - len(labelled),
        "jitter_angstrom": JITTER,
        "tblite": importlib.metadata.version("tblite"),
        "splits": SPLIT_SIZES,
    }
    args.out.mkdir(parents=True, exist_ok=True)
    archives.save(args.out / FILE_NAME, pack(labelled[:wanted], meta), wanted)
    print(f"SCF failures: {meta['scf_failures']} of {len(drawn)}")


def check(args: argparse.Namespace) -> bool:
    """Rebuild ``args.check`` random molecules and compare them with the shipped file."""
    shipped = archives.load(args.out / FILE_NAME)
    seed = json.loads(bytes(shipped["meta"]))["seed"]
    drawn = read_molecules(csv_files(args.csv), sum(SPLIT_SIZES.values()) + SPARE, seed)
    position = {int(index): row for row, index in enumerate(shipped["idx"])}
    candidates = [molecule for molecule in drawn if molecule.index in position]
    picks = np.random.default_rng(args.check_seed).choice(
        len(candidates), size=min(args.check, len(candidates)), replace=False
    )
    results = label_all([candidates[i] for i in picks], seed, args.processes)
    worst = dict.fromkeys(TOLERANCES, 0.0)
    for result in results:
        if result is None:
            raise SystemExit("an SCF that converged when the file was built no longer does")
        molecule, labels = result
        row = position[molecule.index]
        atoms = slice(*shipped["ptr"][row : row + 2])
        if not np.array_equal(shipped["pos"][atoms], molecule.pos):
            raise SystemExit(f"QM9 {molecule.index}: the shipped geometry is another one")
        for name in TOLERANCES:
            stored = shipped[name][atoms if name in ("pos_jittered", "forces") else row]
            worst[name] = max(worst[name], float(np.abs(labels[name] - stored).max()))
    for name, tolerance in TOLERANCES.items():
        verdict = "ok" if worst[name] <= tolerance else "DIFFERS"
        print(f"{name:16s} worst {worst[name]:.1e}  tolerance {tolerance:.0e}  {verdict}")
    return all(worst[name] <= tolerance for name, tolerance in TOLERANCES.items())


def main(argv: list[str] | None = None) -> int:
    """Parse the command line; exit status 1 when --check finds a difference."""
    parser = command.parser("Build or check the qm9_xtb data file.")
    parser.add_argument("--csv", type=Path, help="folder with qm9_part*.csv (default: qm9pack's)")
    return command.run(parser, argv, build, check)


if __name__ == "__main__":
    sys.exit(main())
