from __future__ import annotations

import pytest
import torch

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery import Thresholds, Verdict, sequential
from semola_geo.discovery.family import Family
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.sequential import discover_sequentially
from semola_geo.discovery.settings import DiscoverySettings
from semola_geo.groups import parse_ambient

SE2 = LieAlgebra.from_name("se(2)")


def problem_on(graphs, ambient="Aff(2)"):
    for graph in graphs:
        graph.pos = graph.pos.float()
        graph.y = torch.zeros(1)
    return Problem.prepare(
        graphs, "y", {"pos": "point", "y": "scalar"}, parse_ambient(ambient), None, 0,
        DiscoverySettings(progress=False),
    )  # fmt: skip


def families(monkeypatch, *teachers, reliable=(True, True)):
    """Replace training: each family consists of exact teachers; return the helpers asked for."""
    helpers = []

    def train_family(problem, factory, limits, algebra=None):
        number = len(helpers)
        helpers.append(algebra)
        pair = (teachers[number], teachers[number])
        return Family([pair, pair], [0.9] * 4, reliable[number])

    monkeypatch.setattr(sequential, "train_family", train_family)
    return helpers


def run(problem):
    return discover_sequentially(
        problem, lambda seed: None, problem.measure_support(), Thresholds()
    )


def test_each_family_judges_what_it_was_not_moved_along(clouds, teacher, monkeypatch):
    helpers = families(monkeypatch, teacher.se, teacher.se)
    found = run(problem_on(clouds(60, 4, 2)))
    assert found.helpers == ["t(2)", "so(2)"]
    assert helpers[0].principal_angles(LieAlgebra.from_name("t(2)"))[-1] < 1e-6
    assert found.spectrum.dimension == 3
    assert max(found.spectrum.algebra.principal_angles(SE2)) < 1e-3
    assert found.spectrum.verdicts.count(Verdict.NONE) == 3


def test_a_family_cannot_confirm_its_own_augmentation(clouds, teacher, monkeypatch):
    # Augmented by translations, the first family became invariant to them although the labels are
    # not; the second one, which was not, has kept what the labels say.
    helpers = families(monkeypatch, teacher.se, teacher.so)
    found = run(problem_on(clouds(60, 4, 2, offset=1.5)))
    assert found.spectrum is None
    assert "helped along one of t(2), so(2) refute the other" in found.obstacle
    assert len(helpers) == 2


@pytest.mark.parametrize("reliable", [(False, True), (True, False)])
def test_weak_families_decide_nothing(clouds, teacher, monkeypatch, reliable):
    families(monkeypatch, teacher.se, teacher.se, reliable=reliable)
    found = run(problem_on(clouds(60, 4, 2)))
    assert found.spectrum is None
    assert "explain too little of held-out labels (R² 0.90" in found.obstacle


def test_without_translations_there_is_no_help(clouds, teacher, monkeypatch):
    helpers = families(monkeypatch, teacher.se, teacher.se)
    assert "no translation" in run(problem_on(clouds(60, 4, 2), "GL(2)")).obstacle
    centred = clouds(60, 4, 2)
    for graph in centred:
        graph.pos = graph.pos - graph.pos.mean(0)
    assert run(problem_on(centred)).spectrum is None
    assert helpers == []


def test_nothing_beside_translations_leaves_them_undecided(clouds, teacher, monkeypatch):
    weights = torch.tensor([[1.0, 2.0], [-0.5, 0.3], [0.7, -1.1], [0.2, 0.9]])
    ragged = teacher.dense(
        lambda pos: (torch.sin(teacher.centred(pos)) * weights).sum((1, 2)).exp(), "pos"
    )
    helpers = families(monkeypatch, ragged, ragged)
    assert "see no symmetry in other directions" in run(problem_on(clouds(60, 4, 2))).obstacle
    assert len(helpers) == 1


def test_a_helper_does_not_turn(clouds):
    problem = problem_on(clouds(60, 4, 2))
    helper = problem.augmentation(SE2, learn=False)
    assert not helper.law.raw_basis.requires_grad
    assert helper.law.raw_extents.requires_grad
    assert max(helper.algebra.principal_angles(SE2)) < 1e-6
    assert all(parameter.requires_grad for parameter in problem.augmentation(SE2).parameters())
