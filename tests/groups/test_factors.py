"""Products of ambient groups are split into their factors, or refused in words."""

import pytest

from semola_geo.groups import parse_ambient, product_name, split_ambient


@pytest.mark.parametrize("continuous", ["E(3)", "SO(2)", "Aff(3)", "SO(1,3)", "Poincare(1,2)"])
@pytest.mark.parametrize(
    "text", ["{} x S({})", "{}xS({})", " {} × S({}) ", "S({1}) x {0}", "S({1})×{0}"]
)
def test_both_factors_in_either_order(continuous, text):
    group, slots = split_ambient(text.format(continuous, 12))
    assert group is parse_ambient(continuous) and slots == 12
    assert split_ambient(product_name(group.name, slots)) == (group, slots)


def test_one_factor():
    assert split_ambient("S(4)") == (None, 4)
    assert split_ambient("GL(2)") == (parse_ambient("GL(2)"), None)
    assert split_ambient(parse_ambient("E(3)")) == (parse_ambient("E(3)"), None)


@pytest.mark.parametrize(
    ("ambient", "error", "text"),
    [
        ("S(2) x S(3)", ValueError, r"2 factors that permute node slots; give one S\(n\)"),
        ("E(3) x S(2) x S(3)", ValueError, "2 factors that permute node slots"),
        ("E(3) x SO(2)", ValueError, r"2 continuous factors.* one group that holds both"),
        ("E(3) x S(5) x E(3)", ValueError, "2 continuous factors"),
        ("E(3) x S(1)", ValueError, "at least two slots"),
        ("E(3) x", ValueError, "unknown ambient group ''"),
        ("SU(2) x S(3)", ValueError, r"unknown ambient group 'SU\(2\)'"),
        (5, TypeError, "ambient is the name of a group, got int"),
    ],
)
def test_what_is_refused(ambient, error, text):
    with pytest.raises(error, match=text):
        split_ambient(ambient)
