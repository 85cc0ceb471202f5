from __future__ import annotations

import json
from dataclasses import replace

import pytest

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery import Verdict

KEYS = {
    "ambient", "dimension", "name", "generators", "length_scale", "eigenvalues", "intervals",
    "noise", "ratio", "support", "verdicts", "components", "permutations", "teacher_r2", "seed",
    "versions",
}  # fmt: skip


def test_every_promised_key_is_there(cylinder_report):
    content = cylinder_report.to_dict()
    assert set(content) >= KEYS
    assert content["ambient"] == "SO(3)"
    assert [len(content[k]) for k in ("eigenvalues", "intervals", "verdicts")] == [3, 3, 3]
    assert len(content["generators"]) == content["dimension"] == 1
    assert len(content["teacher_r2"]) == 4
    entry = content["verdicts"][0]
    assert set(entry) >= {"direction", "verdict", "violation", "interval", "support"}
    assert entry["interval"][0] <= entry["violation"] <= entry["interval"][1]


def test_structure_is_that_of_the_algebra(cylinder_report):
    structure = cylinder_report.to_dict()["structure"]
    assert structure["name"] == "so(2)"
    assert structure["derived_series"] == [1, 0]
    assert len(structure["fixed_axes"]) == len(structure["invariant_planes"]) == 1
    nothing = replace(cylinder_report, algebra=LieAlgebra.from_name("trivial", 3))
    assert "structure" not in nothing.to_dict()


def test_numbers_agree_with_each_other(cylinder_report):
    content = cylinder_report.to_dict()
    said = [entry["verdict"] for entry in content["verdicts"]]
    assert said.count("symmetry") == cylinder_report.dimension == cylinder_report.algebra.dim
    assert cylinder_report.count(Verdict.SYMMETRY) == 1
    assert [entry["violation"] for entry in content["verdicts"]] == content["eigenvalues"]


def test_refinement_leaves_its_evidence(cylinder_report):
    details = cylinder_report.details
    evidence = details["evidence"][-1]
    assert evidence["algebra"] == "so(2)"
    assert evidence["loss_upper"] < 0.01
    assert evidence["ratio"] == pytest.approx(evidence["enforced_error"] / evidence["plain_error"])
    assert set(details["closure_defect"]) == {"before", "after"}
    assert details["closure_defect"]["after"] < 1e-9
    # A symmetry that was enforced is kept far from the identity; the plain model only learned it.
    curve = details["equivariance_curve"]
    assert curve["enforced"][-1] < curve["plain"][-1]
    assert min(details["extents"]) > 0.5
    assert details["extents_range_degrees"][0] > 30


def test_json_round_trip_and_files(cylinder_report, tmp_path):
    paths = cylinder_report.save(tmp_path / "out")
    names = {path.name for path in paths}
    assert {"report.json", "report.html"} <= names
    assert all(path.exists() for path in paths)
    loaded = json.loads((tmp_path / "out" / "report.json").read_text())
    assert set(loaded) >= KEYS
    content = cylinder_report.to_dict()
    for key in ("dimension", "name", "eigenvalues", "generators", "seed", "teacher_r2"):
        assert loaded[key] == content[key]
    assert "so(2)" in (tmp_path / "out" / "report.html").read_text()


def test_text(cylinder_report):
    text = str(cylinder_report)
    assert "so(2)" in text
    assert "symmetry" in text
