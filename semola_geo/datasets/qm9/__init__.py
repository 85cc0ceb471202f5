"""All of QM9, from the package ``qm9pack`` or from PyTorch Geometric."""

from semola_geo.datasets.qm9.dataset import QM9

__all__ = ["QM9"]
