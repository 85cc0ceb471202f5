"""Processor time and memory of reading users' files: 100,000 molecules of 18 atoms with labels.

SMILES are those of the shipped molecules, over and over, which RDKit has to embed; jets have 20 to
80 of the 200 constituents that their columns leave room for.

Each format is read in a process of its own, so that its peak memory, interpreter and libraries
included, is its own. The script exits with an error when one needs more than 2 GiB.

    python tests/benchmarks/bench_readers.py [MOLECULES [FORMAT ...]]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

MOLECULES, ATOMS = 100_000, 18
MOST_MEMORY = 2048.0
FORMATS = ("extxyz", "sdf", "npz", "pyg", "ase_db", "parquet", "h5", "csv")
CONSTITUENTS, CHUNK = 200, 5_000


def write(kind: str, path: Path, count: int) -> None:
    """Write a file of random molecules."""
    generator = np.random.default_rng(0)
    symbols = generator.choice(["H", "C", "N", "O"], ATOMS)
    pos = generator.normal(size=(count, ATOMS, 3)).astype(np.float32)
    dipole = generator.normal(size=(count, 3)).astype(np.float32)
    if kind == "npz":
        np.savez(path, pos=pos, dipole=dipole, forces=pos, z=np.arange(1, ATOMS + 1))
    elif kind == "pyg":
        import torch
        from torch_geometric.data import Data, InMemoryDataset

        graphs = [
            Data(pos=torch.from_numpy(x), forces=torch.from_numpy(x), dipole=torch.from_numpy(y))
            for x, y in zip(pos, dipole[:, None], strict=True)
        ]
        InMemoryDataset.save(graphs, str(path))
    elif kind == "ase_db":
        from ase import Atoms
        from ase.calculators.singlepoint import SinglePointCalculator
        from ase.db import connect

        with connect(path, type="db") as base:
            for x, y in zip(pos, dipole, strict=True):
                atoms = Atoms(symbols, x)
                atoms.calc = SinglePointCalculator(atoms, dipole=y, forces=x)
                base.write(atoms)
    elif kind == "csv":
        from semola_geo.datasets import QM9XTB

        smiles = [data.smiles for data in QM9XTB("energy")]
        rows = (f"{smiles[i % len(smiles)]},{i}" for i in range(count))
        path.write_text("\n".join(["smiles,energy", *rows, ""]))
    elif kind in ("parquet", "h5"):
        write_jets(path, count, generator)
    else:
        with path.open("w") as file:
            for x, y in zip(pos, dipole, strict=True):
                file.write(frame(kind, symbols, x, y))


def write_jets(path: Path, count: int, generator: np.random.Generator) -> None:
    """Write massless constituents in the public layout, zeros after the last one."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [f"{part}_{i}" for i in range(CONSTITUENTS) for part in ("E", "PX", "PY", "PZ")]
    writer = None
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        momenta = generator.normal(size=(size, CONSTITUENTS, 3)).astype(np.float32)
        energy = np.linalg.norm(momenta.astype(np.float64), axis=2, keepdims=True) * (1 + 1e-6)
        rows = np.concatenate([energy.astype(np.float32), momenta], axis=2)
        kept = generator.integers(20, 81, size)
        rows[np.arange(CONSTITUENTS) >= kept[:, None]] = 0
        table = pd.DataFrame(rows.reshape(size, -1), columns=names)
        table["is_signal_new"] = generator.integers(0, 2, size)
        if path.suffix == ".h5":
            table.to_hdf(path, key="table", format="table", append=start > 0, mode="a")
            continue
        arrow = pa.Table.from_pandas(table, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, arrow.schema)
        writer.write_table(arrow)
    if writer is not None:
        writer.close()


def frame(kind: str, symbols: np.ndarray, x: np.ndarray, y: np.ndarray) -> str:
    """Return the text of one molecule."""
    label = " ".join(f"{value:.8f}" for value in y)
    if kind == "extxyz":
        layout = "species:S:1:pos:R:3:forces:R:3"
        rows = [
            f"{symbol} " + " ".join(f"{value:.8f}" for value in (*row, *row))
            for symbol, row in zip(symbols, x, strict=True)
        ]
        return "\n".join([str(ATOMS), f'Properties={layout} dipole="{label}"', *rows, ""])
    rows = [
        "".join(f"{value:10.4f}" for value in row) + f" {symbol:3s} 0" + 11 * "  0"
        for symbol, row in zip(symbols, x, strict=True)
    ]
    head = ["", "  generated          3D", "", f"{ATOMS:3d}  0  0  0  0  0  0  0  0  0999 V2000"]
    return "\n".join([*head, *rows, "M  END", "> <dipole>", label, "", "$$$$", ""])


def measure(kind: str, path: Path) -> int:
    """Read a file and print one line; return 1 when too much memory was needed."""
    from semola_geo.datasets import NPZ, SDF, ASEDatabase, ExtXYZ, PyGFile, SmilesCSV, TopTagging

    kinds = (ExtXYZ, SDF, NPZ, PyGFile, ASEDatabase, TopTagging, TopTagging, SmilesCSV)
    readers = dict(zip(FORMATS, kinds, strict=True))
    start = time.process_time()
    data = readers[kind](path)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = path.stat().st_size / 2**20
    print(f"{kind:8s}{len(data):>9,}{size:8.0f} MB{seconds:8.1f} s{peak:8.0f} MB", flush=True)
    return int(peak > MOST_MEMORY)


def main(count: int, formats: Sequence[str]) -> int:
    """Write and read every format; return 1 when one needed too much memory."""
    print("format  molecules       file       time    memory", flush=True)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind in formats:
            path = Path(folder) / f"mine.{kind}"
            write(kind, path, count)
            command = [sys.executable, __file__, "read", kind, str(path)]
            failed |= subprocess.run(command, check=False).returncode
            path.unlink()
    return failed


if __name__ == "__main__":
    given = sys.argv[1:]
    if given[:1] == ["read"]:
        sys.exit(measure(given[1], Path(given[2])))
    sys.exit(main(int(given[0]) if given else MOLECULES, given[1:] or FORMATS))
