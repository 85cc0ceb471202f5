"""Confirmation with analytic teachers and evidence by hand: no network is trained."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest
import torch

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery import DiscoverySettings, Thresholds, Verdict, confirm
from semola_geo.discovery.evidence import Evidence
from semola_geo.discovery.problem import Problem
from semola_geo.groups import parse_ambient

LIMITS = Thresholds()
R2 = [0.95, 0.95, 0.94, 0.96]
S, D = Verdict.SYMMETRY, Verdict.UNDECIDED


def problem_of(graphs, ambient, **options):
    for graph in graphs:
        graph.y = torch.zeros(1)
    return Problem.prepare(
        graphs,
        "y",
        {"pos": "point", "y": "scalar"},
        parse_ambient(ambient),
        lambda: torch.nn.Identity(),
        0,
        DiscoverySettings(progress=False, **options),
    )


def said(loss_lower, upper=0.0, error=0.1):
    """Evidence by hand, apart from the name of the algebra."""
    return Evidence("", 0, 0.1, error, loss_lower + 0.02, loss_lower, upper)


@pytest.fixture
def confirmed(monkeypatch):
    """Confirm what an exact teacher proposes; evidence of each attempt is given."""

    def run(problem, teacher, evidence, turned=0.0, extents=()):
        remaining, reached = list(evidence), list(extents)

        def refine(tested, factory, algebra, settings, seed):
            transform = tested.augmentation(algebra)
            noise = torch.randn(
                transform.basis.shape,
                generator=torch.Generator().manual_seed(1),
                dtype=torch.float64,
            )
            transform.law.set_basis(transform.basis.detach() + turned * noise)
            transform.close()
            if reached:
                transform.law.set_extents(torch.full_like(transform.extents, reached.pop(0)))
            return None, transform

        def compare_on(enforced, plain, graphs, name, dimension, scatter, cluster):
            return dataclasses.replace(remaining.pop(0), name=name, dimension=dimension)

        monkeypatch.setattr(confirm, "refine", refine)
        monkeypatch.setattr(confirm, "compare_on", compare_on)
        monkeypatch.setattr(confirm, "train_teacher", lambda *args: None)
        monkeypatch.setattr(confirm, "_curves", lambda *args: {})
        monkeypatch.setattr(Problem, "training", lambda *args, **kw: SimpleNamespace())
        support = problem.measure_support()
        spectrum = problem.assemble(problem.forms([(teacher, teacher)]), support, LIMITS)
        result = confirm.confirm(problem, None, spectrum, support, LIMITS, [R2])
        assert not remaining, "as many candidates were tried as evidence was given"
        return result

    return run


def test_without_a_veto_teachers_that_leave_no_doubt_decide(confirmed, clouds, teacher):
    judged, details = confirmed(problem_of(clouds(60), "SO(3)"), teacher.so, [said(0.0, 0.5)])
    assert judged.verdicts == [S, S, S]
    assert details["algebra"].name == "so(3)"


def test_labels_veto_what_teachers_acquit(confirmed, clouds, teacher):
    # Two rotations span no group: enforcing them is no evidence, and what was refuted with all
    # three stays so.
    judged, details = confirmed(
        problem_of(clouds(60), "SO(3)"), teacher.so, [said(0.05), said(0.0)]
    )
    assert judged.verdicts == [D, D, D]
    assert "algebra" not in details
    assert any("labels refute so(3)" in note for note in details["notes"])
    refuted, smaller = details["evidence"]
    assert (refuted["telling"], refuted["refuted"]) == (True, True)
    assert (smaller["telling"], smaller["obstacle"]) == (False, "span not closed")


def test_after_a_veto_a_smaller_candidate_may_pass_on_its_own(confirmed, clouds, teacher):
    # The left-out translation looks as unviolated to the teachers; it stays undecided.
    judged, _ = confirmed(problem_of(clouds(60), "T(3)"), teacher.se, [said(0.05), said(0.001)])
    assert sorted(judged.verdicts) == sorted([S, S, D])
    assert [v is S for v in judged.verdicts] == judged.in_candidate.tolist()


def test_a_loss_that_epsilon_explains_is_no_veto(confirmed, clouds, teacher):
    judged, _ = confirmed(problem_of(clouds(60), "T(3)"), teacher.se, [said(0.009, 5.0)])
    assert judged.verdicts == [S, S, S]


@pytest.mark.parametrize(("extent", "left_out"), [(1.0, S), (0.1, D)])
def test_what_shrank_is_not_acquitted_by_being_left_out(
    confirmed, clouds, teacher, monkeypatch, extent, left_out
):
    # Translations along z are broken. Of three, first one along which nothing happens is left out.
    def tilted(batch):
        return teacher.se(batch) + batch.pos.reshape(batch.num_graphs, -1, 3)[:, 0, 2]

    def all_of_them(spectrum, limits):
        return torch.ones(3, dtype=torch.bool)

    def without_best(spectrum, chosen):
        return torch.arange(3) != spectrum.eigenvalues.argmin()

    monkeypatch.setattr(confirm, "propose", all_of_them)
    monkeypatch.setattr(confirm, "without_worst", without_best)
    judged, details = confirmed(
        problem_of(clouds(60), "T(3)"), tilted, [said(0.0), said(0.0)], extents=[extent, 1.0]
    )
    told = [(entry["telling"], entry["obstacle"]) for entry in details["evidence"]]
    assert told == [(False, "augmentation shrank") if extent < 0.5 else (True, ""), (True, "")]
    outside = [v for v, kept in zip(judged.verdicts, judged.in_candidate, strict=True) if not kept]
    assert outside == [left_out]


def test_training_that_never_started_refutes_nothing(confirmed, clouds, teacher):
    lost = said(0.8, 9.0, error=1.0)
    judged, details = confirmed(problem_of(clouds(60), "SO(3)"), teacher.so, [lost])
    assert judged.verdicts == [S, S, S]
    assert "learned nothing" in details["notes"][0]
    (entry,) = details["evidence"]
    assert (entry["telling"], entry["obstacle"]) == (False, "learned nothing")
    assert not entry["refuted"]


def test_generators_stay_where_the_data_can_test_them(confirmed, clouds, teacher):
    # Points of the plane z = 0. Whatever refinement does, columns that act on z, and rows that
    # lead out of the plane, are not the data's to tell.
    graphs = clouds(150, 3)
    for graph in graphs:
        graph.pos[:, 2] = 0
    judged, details = confirmed(
        problem_of(graphs, "Aff(3)"), teacher.se, [said(0.0, -0.1)], turned=0.02
    )
    se2 = LieAlgebra.from_name("se(2)", 3)
    found = details["algebra"]
    assert (judged.dimension, found.name) == (3, "se(2)")
    assert found.generators[:, :, 2].abs().max() < 1e-9
    assert found.generators[:, 2].abs().max() < 1e-9
    assert max(found.principal_angles(se2)) < 10
    assert judged.verdicts.count(Verdict.UNTESTED) == 6
