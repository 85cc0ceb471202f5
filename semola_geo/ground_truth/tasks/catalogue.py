"""All tasks by name."""

from __future__ import annotations

from semola_geo.ground_truth.task import GroundTruthTask
from semola_geo.ground_truth.tasks.affine import AFFINE
from semola_geo.ground_truth.tasks.approximate import APPROXIMATE
from semola_geo.ground_truth.tasks.linear import LINEAR
from semola_geo.ground_truth.tasks.none import NONE
from semola_geo.ground_truth.tasks.rotations import ROTATIONS
from semola_geo.ground_truth.tasks.spacetime import SPACETIME
from semola_geo.ground_truth.tasks.targets import TARGETS
from semola_geo.ground_truth.tasks.untested import UNTESTED

__all__ = ["TASKS"]

TASKS: dict[str, GroundTruthTask] = {
    task.name: task
    for task in (
        *ROTATIONS,
        *AFFINE,
        *LINEAR,
        *SPACETIME,
        *TARGETS,
        *NONE,
        *UNTESTED,
        *APPROXIMATE,
    )
}
