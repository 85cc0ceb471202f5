"""Products of ambient groups are split into their factors, or refused in words."""

from itertools import permutations

import pytest

from semola_geo.groups import parse_ambient, product_name, split_ambient


@pytest.mark.parametrize("continuous", ["E(3)", "SO(2)", "Aff(3)", "SO(1,3)", "Poincare(1,2)"])
@pytest.mark.parametrize(
    "text", ["{} x S({})", "{}xS({})", " {} × S({}) ", "S({1}) x {0}", "S({1})×{0}"]
)
def test_both_factors_in_either_order(continuous, text):
    factors = split_ambient(text.format(continuous, 12))
    assert factors == (parse_ambient(continuous), 12, False)
    assert split_ambient(product_name(continuous, 12)) == factors


@pytest.mark.parametrize("order", list(permutations(["E(3)", "S(5)", "time"])))
@pytest.mark.parametrize("count", [1, 2, 3])
def test_time_goes_with_any_factors_in_any_order(order, count):
    chosen = order[:count]
    factors = split_ambient(" x ".join(chosen))
    assert factors.continuous is (parse_ambient("E(3)") if "E(3)" in chosen else None)
    assert factors.num_slots == (5 if "S(5)" in chosen else None)
    assert factors.time is ("time" in chosen)
    assert split_ambient(factors.name) == factors


def test_one_factor():
    assert split_ambient("S(4)") == (None, 4, False)
    assert split_ambient("GL(2)") == (parse_ambient("GL(2)"), None, False)
    assert split_ambient(parse_ambient("E(3)")) == (parse_ambient("E(3)"), None, False)
    # Translations keep their name.
    assert split_ambient("T(3) x time") == (parse_ambient("T(3)"), None, True)


@pytest.mark.parametrize("ambient", ["time", "E(3) x time", "time x E(3)"])
def test_time_is_no_group_of_matrices(ambient):
    with pytest.raises(ValueError, match=r"is a single element|is no group of matrices"):
        parse_ambient(ambient)


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
        ("time x time", ValueError, "reverses time 2 times; say 'time' once"),
        ("E(3) x time x S(4) x time", ValueError, "reverses time 2 times"),
        ("E(3) x Time", ValueError, "unknown ambient group 'Time'; allowed: .*'time'"),
        (5, TypeError, "ambient is the name of a group, got int"),
    ],
)
def test_what_is_refused(ambient, error, text):
    with pytest.raises(error, match=text):
        split_ambient(ambient)
