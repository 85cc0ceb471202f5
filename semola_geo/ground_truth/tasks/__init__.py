"""The tasks of the suite, by kind of symmetry."""

from semola_geo.ground_truth.tasks.catalogue import TASKS

__all__ = ["TASKS"]
