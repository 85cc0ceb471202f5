import pytest
import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.comparison.metrics import mean_score, moved_score
from semola_geo.comparison.score import ACCURACY, MEAN_ABSOLUTE_ERROR, score_for, score_of
from semola_geo.transforms import RandomSymmetryTransform

FIELDS = {"pos": "point", "side": "scalar"}


def points(count: int) -> Batch:
    """One point of the plane each; the class says whether it lies to the left or to the right."""
    pos = torch.randn(count, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    side = torch.eye(2)[(pos[:, 0] > 0).long()]
    return Batch.from_data_list(
        [Data(pos=p[None], side=s[None]) for p, s in zip(pos, side, strict=True)]
    )


def by_side(batch: Data) -> Tensor:
    return torch.stack([-batch.pos[:, 0], batch.pos[:, 0]], dim=1)


def test_a_target_chooses_its_score() -> None:
    assert score_for(True) is ACCURACY and ACCURACY.higher_is_better
    assert score_for(False) is MEAN_ABSOLUTE_ERROR and not MEAN_ABSOLUTE_ERROR.higher_is_better


def test_cells_of_earlier_versions_have_errors() -> None:
    assert score_of([{"test_error": 0.1}]) is MEAN_ABSOLUTE_ERROR
    assert score_of([{"error": "killed"}, {"score": "accuracy"}]) is ACCURACY


def test_a_heading_has_the_unit_of_the_target_or_its_own() -> None:
    assert MEAN_ABSOLUTE_ERROR.heading("eV") == "MAE [eV]"
    assert MEAN_ABSOLUTE_ERROR.heading("") == "MAE"
    assert ACCURACY.heading("eV") == "accuracy [%]"


def test_validation_is_told_in_the_same_unit() -> None:
    assert ACCURACY.validation({"val/accuracy": 0.25}) == {"validation_accuracy": 25.0}
    assert MEAN_ABSOLUTE_ERROR.validation({"val/mae": 0.25}) == {"validation_error": 0.25}
    assert ACCURACY.validation({"val/mae": 0.25}) == {"validation_accuracy": None}


def test_accuracy_counts_graphs_in_per_cent() -> None:
    batch = points(8)
    flipped = by_side(batch)
    flipped[:2] *= -1
    assert mean_score(by_side, [batch], "side", ACCURACY) == 100.0
    assert mean_score(lambda _: flipped, [batch], "side", ACCURACY) == 75.0
    flipped[2] = float("nan")
    assert mean_score(lambda _: flipped, [batch], "side", ACCURACY) == 62.5
    # Batches count by their graphs: 8 of 8 and 0 of 2.
    parts = [batch, points(2)]
    wrong = mean_score(
        lambda b: by_side(b) * (1 if b.num_graphs == 8 else -1), parts, "side", ACCURACY
    )
    assert wrong == 80.0


def test_turned_points_change_sides_half_of_the_time() -> None:
    turn = RandomSymmetryTransform(FIELDS, "SO(2)")
    accuracy, violation = moved_score(by_side, [points(4000)], "side", turn, ACCURACY)
    # Three turns of 4,000 points: a binomial of standard deviation 0.46 %.
    assert accuracy == pytest.approx(50.0, abs=2.3)
    # x − (Rx)₁ has variance 2 per component, whether classes change or not.
    assert violation == pytest.approx(2**0.5, rel=0.05)
    assert moved_score(by_side, [points(400)], "side", turn)[0] > 0.5


def test_wrong_shapes_and_targets_without_classes_are_named() -> None:
    batch = points(4)
    with pytest.raises(ValueError, match=r"shape \(4, 1\) for target 'side' of shape \(4, 2\)"):
        mean_score(lambda b: b.side[:, :1], [batch], "side", ACCURACY)
    with pytest.raises(ValueError, match="1 at one class"):
        mean_score(lambda b: b.pos, [batch], "pos", ACCURACY)
    with pytest.raises(ValueError, match="no test data"):
        mean_score(by_side, [], "side", ACCURACY)
