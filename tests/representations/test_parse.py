"""Names of representations."""

import copy
import pickle

import pytest

from semola_geo.representations import parse_representation


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("scalar", ()),
        ("pseudoscalar", ()),
        ("point", (3,)),
        ("vector", (3,)),
        ("covector", (3,)),
        ("pseudovector", (3,)),
        ("ij", (3, 3)),
        ("ij=ji", (3, 3)),
        ("ij=-ji", (3, 3)),
        ("ijk", (3, 3, 3)),
        ("ijk=jik=ikj", (3, 3, 3)),
        ("1x0e+1x1o", (4,)),
        ("2x1o", (6,)),
    ],
)
def test_names_and_shapes(text, shape):
    representation = parse_representation(text)
    assert str(representation) == text
    assert representation.shape(3) == shape
    assert parse_representation(representation) is representation
    assert parse_representation(str(representation)) == representation
    assert pickle.loads(pickle.dumps(representation)) == representation
    assert copy.deepcopy(representation) == representation
    slot = parse_representation(f"{text}@slot")
    assert slot.slot and str(slot) == f"{text}@slot" and slot != representation
    assert not representation.slot


def test_irreps_texts_are_canonical():
    assert parse_representation("0e + 1o") == parse_representation("1x0e+1x1o")
    assert parse_representation("1o").orthogonal_only
    assert not parse_representation("vector").orthogonal_only


@pytest.mark.parametrize(
    "text", ["", "tensor", "Vector", "ii", "ij=ik", "i", "1z", "0x1o", "@slot", "vector@node", "1"]
)
def test_unknown_names_are_refused_with_the_allowed_ones(text):
    with pytest.raises(ValueError, match=r"unknown representation .*'covector'.*'ij=ji'.*'0e\+1o'"):
        parse_representation(text)


@pytest.mark.parametrize("thing", [None, 3, ["vector"]])
def test_other_types_are_refused(thing):
    with pytest.raises(TypeError, match="a representation is a string"):
        parse_representation(thing)


def test_pseudovector_needs_three_dimensions():
    with pytest.raises(ValueError, match="d = 3 only"):
        parse_representation("pseudovector").shape(2)


def test_suffixes_come_in_any_order_and_once():
    one, two = parse_representation("vector@odd@slot"), parse_representation("vector@slot@odd")
    assert one == two and str(one) == "vector@slot@odd" and one.odd and one.slot
    assert pickle.loads(pickle.dumps(one)) == one
    assert parse_representation("scalar@odd") != parse_representation("scalar")
    for text in ("vector@odd@odd", "vector@even", "point@odd"):
        with pytest.raises(ValueError, match=text.split("@")[0]):
            parse_representation(text)
