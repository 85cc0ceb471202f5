"""How far rotations are from being a symmetry of dipoles in a field, from GFN2-xTB itself.

    OMP_NUM_THREADS=1 python datasets/qm9_xtb/field_violation.py --count 100

Prints the relative violation as discovery defines it (``semola_geo.lie_derivative_spectrum``), with
the labelling method in the place of trained teachers: its dipoles and their exact derivatives.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two threads a molecule are slower than one

import argparse
from collections.abc import Sequence

import numpy as np
import torch
from build_field import FIELDS
from torch import Tensor
from torch_geometric.data import Batch, Data
from torch_geometric.loader import DataLoader
from xtb_labels import dipole_derivatives, dipoles_in_fields

from semola_geo import lie_derivative_spectrum
from semola_geo.datasets import QM9XTB
from semola_geo.discovery import Spectrum


class Oracle:
    """GFN2-xTB as a teacher: dipoles of known molecules, with their derivatives to first order."""

    def __init__(self, graphs: Sequence[Data], strength: float) -> None:
        self.known: dict[int, tuple[Tensor, Tensor]] = {}
        for graph in graphs:
            numbers, pos = graph.z.numpy(), graph.pos.double().numpy()
            dipole = dipoles_in_fields(numbers, pos, [strength])[0]
            jacobian = dipole_derivatives(numbers, pos, strength)
            self.known[int(graph.idx)] = (torch.from_numpy(dipole), torch.from_numpy(jacobian))

    def __call__(self, batch: Batch) -> Tensor:
        """Return ``[B, 3]``, differentiable in ``pos``."""
        rows = [self.known[int(idx)] for idx in batch.idx]
        moved = batch.pos.double() - batch.pos.detach().double()
        parts = moved.split(batch.ptr.diff().tolist())
        return torch.stack(
            [
                mu + torch.einsum("inj,nj->i", jacobian, part)
                for (mu, jacobian), part in zip(rows, parts, strict=True)
            ]
        )


def violations(strength: float, count: int) -> tuple[Spectrum, list[float]]:
    """Spectrum in Aff(3), and relative violations of the rotations about x, y, z themselves."""
    dataset = QM9XTB("dipole", split="test", field=strength, limit=count)
    graphs = [dataset[i] for i in range(len(dataset))]
    oracle, loader = Oracle(graphs, strength), DataLoader(graphs, batch_size=50)
    spectrum = lie_derivative_spectrum([oracle, oracle], loader, dataset.fields, "dipole", "Aff(3)")
    alone = lie_derivative_spectrum([oracle, oracle], loader, dataset.fields, "dipole", "SE(3)")
    (form,) = alone.forms
    ratio = form.violation.diagonal() / form.scale.diagonal()  # rotations come first in SE(3)
    return spectrum, ratio[:3].tolist()


def main(argv: list[str] | None = None) -> None:
    """Print one line per strength."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=100, help="molecules of the test split")
    parser.add_argument("--fields", type=float, nargs="+", default=FIELDS)
    args = parser.parse_args(argv)
    for strength in args.fields:
        spectrum, rotations = violations(strength, args.count)
        values = np.array2string(spectrum.eigenvalues.numpy(), precision=4, suppress_small=True)
        about = ", ".join(f"{value:.4f}" for value in rotations)
        print(f"{strength} a.u.: rotations about x, y, z {about}; spectrum {values}", flush=True)


if __name__ == "__main__":
    main()
