"""Networks, and the one rule that lets any other network take their place.

A model is an `nn.Module` with `forward(data) -> Tensor` that reads what it needs from a PyG `Data`
or `Batch` and returns `[B, *shape]` for a graph-level target or `[N, *shape]` for a node-level one,
in **normalised units** (the target divided by its spread; the training module converts). It must
not read the target. Nothing else is asked: any PyG network plugs in, in Python as
`discover_symmetry(..., model=net)` and from the shell by Hydra's `_target_`.
To serve as a teacher it must be differentiable in the declared input fields.

* `MPNN`: unconstrained message passing on raw coordinates. The default.
* `SlotMLP`: unconstrained, for graphs of one size with named nodes.
* `SlotDistances`: the same on distances: invariant under E(d), and under no permutation.
* `PointNet`: unconstrained, without edges.
* `DGCNN`: unconstrained, on nearest neighbours in space and among features.
* `FourierSet`: unconstrained, on sums of waves over weighted points: shapes from few samples.
* `E3NNModel`: strictly E(d)- or SE(d)-equivariant in two and three dimensions, the baseline.
* `SchNetModel`, `ViSNetModel`: PyTorch Geometric's, strictly E(3)-invariant scalars of molecules.
* `LorentzMPNN`: strictly O(1,3)-invariant scalars of particles with four-momenta.
* `ConservativeForces`: minus the gradient of an energy, which any of the others predicts.
* `default_models`: which of them suit a data set.
"""

from __future__ import annotations

from semola_geo.models.conservative import ConservativeForces
from semola_geo.models.default import default_model, default_models
from semola_geo.models.dgcnn import DGCNN
from semola_geo.models.e3nn_model import E3NNModel
from semola_geo.models.edges import complete_edges
from semola_geo.models.fourier_set import FourierSet
from semola_geo.models.lorentz import LorentzMPNN
from semola_geo.models.mpnn import MPNN
from semola_geo.models.pointnet import PointNet
from semola_geo.models.schnet import SchNetModel
from semola_geo.models.slot_distances import SlotDistances
from semola_geo.models.slot_mlp import SlotMLP
from semola_geo.models.visnet import ViSNetModel

__all__ = [
    "DGCNN",
    "MPNN",
    "ConservativeForces",
    "E3NNModel",
    "FourierSet",
    "LorentzMPNN",
    "PointNet",
    "SchNetModel",
    "SlotDistances",
    "SlotMLP",
    "ViSNetModel",
    "complete_edges",
    "default_model",
    "default_models",
]
