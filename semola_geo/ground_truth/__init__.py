"""Discovery on data whose symmetry is known: tasks, runs, scores."""

from semola_geo.ground_truth.task import GroundTruthTask
from semola_geo.ground_truth.tasks import TASKS

__all__ = ["TASKS", "GroundTruthTask"]
