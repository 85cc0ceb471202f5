"""Discovery of experiments whose data are at hand, with hardly any training."""

import json
import sys
from pathlib import Path

import pytest

from semola_geo.cli import discover

TINY = ["discovery=tiny", "discovery.spectrum_graphs=20", "hydra.run.dir=out"]


@pytest.mark.parametrize(
    ("experiment", "options", "ambient"),
    [
        ("two_body", ["data.count=80"], "GL(2)"),
        ("charged_bodies", ["data.count=60", "data.bodies=3"], "Aff(3)"),
        ("charged_bodies_field", ["data.count=60", "data.bodies=3"], "E(3)"),
        ("scattering", ["data.count=80"], "GL(4)"),
        ("product_bodies_energy", ["data.size=80"], "E(3) x S(5)"),
        ("product_bodies_force", ["data.size=80"], "E(3) x S(5)"),
        ("time_reversal_magnetic", ["data.count=60"], "E(3) x time"),
        ("qm9_xtb_forces", ["data.limit=60"], "Aff(3)"),
        ("qm9_xtb_polarizability", ["data.limit=60"], "Aff(3)"),
        ("qm9_xtb_dipole_field", ["data.limit=60", "data.field=0.04"], "SE(3)"),
        ("digits", [], "GL(2)"),
        ("digits_restricted", [], "GL(2)"),
    ],
)
def test_an_experiment_runs_and_is_compared_with_its_reference(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    experiment: str,
    options: list[str],
    ambient: str,
) -> None:
    if experiment.startswith("digits"):
        pytest.importorskip("sklearn.datasets")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["semola", f"experiment={experiment}", *options, *TINY])
    discover.main()
    content = json.loads((tmp_path / "out" / "report.json").read_text())
    assert content["ambient"] == ambient
    compared = content["reference"]
    assert len(compared["angles"]) == min(compared["reference_dim"], content["dimension"])
    assert f"Compared with {compared['reference']}" in capsys.readouterr().out


def test_an_unknown_reference_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["experiment=two_body", "data.count=80", "reference=so(3)", *TINY]
    monkeypatch.setattr(sys, "argv", ["semola", *arguments])
    with pytest.raises(SystemExit):
        discover.main()
    assert "reference='so(3)' cannot be compared" in capsys.readouterr().err
    assert not (tmp_path / "out" / "report.json").exists()
