from itertools import product

import pytest
import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser

from semola_geo.algebra.candidates import candidate_names
from semola_geo.cli.application import config_directory
from semola_geo.cli.arguments import quote_group_names


def shipped_names() -> set[str]:
    """All groups and algebras that experiments name."""
    found = set()
    for path in (config_directory() / "experiment").glob("*.yaml"):
        content = yaml.safe_load(path.read_text())
        found |= {content[key] for key in ("ambient", "reference") if content.get(key)}
    return found


def catalogue() -> set[str]:
    pairs = product((2, 3, 4), (False, True))
    return {name for dimension, affine in pairs for name in candidate_names(dimension, affine)}


OTHERS = {"SO(1,3)", "Poincare(1,3)", "SO(d)", "time x E(3)", "SE(3) x S(5) x time", "E(3) × S(5)"}


@pytest.mark.parametrize("name", sorted(shipped_names() | OTHERS))
@pytest.mark.parametrize("option", ["ambient", "+evaluation.group", "reference"])
def test_hydra_reads_the_name_that_the_shell_handed_over(option: str, name: str) -> None:
    (argument,) = quote_group_names([f"{option}={name}"])
    (override,) = OverridesParser.create().parse_overrides([argument])
    assert override.value() == name


def test_every_algebra_of_the_catalogue_may_be_the_reference() -> None:
    names = sorted(catalogue())
    overrides = OverridesParser.create().parse_overrides(
        quote_group_names([f"reference={name}" for name in names])
    )
    assert [override.value() for override in overrides] == names


def test_sweep_over_groups_keeps_commas_inside_names() -> None:
    (argument,) = quote_group_names(["ambient=Aff(3), SO(1,3),time"])
    (override,) = OverridesParser.create().parse_overrides([argument])
    assert override.is_sweep_override()
    assert list(override.sweep_string_iterator()) == ["'Aff(3)'", "'SO(1,3)'", "time"]


@pytest.mark.parametrize(
    "argument",
    [
        "target=dipole",
        "methods=[none,semola]",
        "seed=range(0,3)",
        "x=int(3)",
        "ambient='Aff(3)'",
        'ambient="E(3) x time"',
        "ambient=choice('Aff(3)','E(3)')",
        "reference=null",
        "evaluation.group=${ambient}",
        "--multirun",
        "+note=NO(3)",
        "data.path=so(2) about z.xyz",
    ],
)
def test_other_arguments_are_left_alone(argument: str) -> None:
    assert quote_group_names([argument]) == [argument]
