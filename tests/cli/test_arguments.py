import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from semola_geo.cli.arguments import quote_group_names


@pytest.mark.parametrize(
    "name", ["Aff(3)", "SO(1,3)", "Poincare(1,3)", "E(3) x S(5)", "so(2) + t(1)", "SE(2)", "SO(d)"]
)
def test_hydra_reads_the_name_that_the_shell_handed_over(name: str) -> None:
    (argument,) = quote_group_names([f"ambient={name}"])
    (override,) = OverridesParser.create().parse_overrides([argument])
    assert override.value() == name


def test_sweep_over_groups_keeps_commas_inside_names() -> None:
    (argument,) = quote_group_names(["ambient=Aff(3),SO(1,3)"])
    (override,) = OverridesParser.create().parse_overrides([argument])
    assert override.is_sweep_override()
    assert list(override.sweep_string_iterator()) == ["'Aff(3)'", "'SO(1,3)'"] or list(
        override.sweep_iterator()
    ) == ["Aff(3)", "SO(1,3)"]


@pytest.mark.parametrize(
    "argument",
    [
        "target=dipole",
        "methods=[none,semola]",
        "seed=range(0,3)",
        "x=int(3)",
        "ambient='Aff(3)'",
        "--multirun",
        "+note=NO(3)",
    ],
)
def test_other_arguments_are_left_alone(argument: str) -> None:
    assert quote_group_names([argument]) == [argument]
