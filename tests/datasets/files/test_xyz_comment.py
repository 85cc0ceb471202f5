"""The comment line of extended XYZ is cut where ASE cuts it."""

from __future__ import annotations

import pytest
from ase.io.extxyz import key_val_str_to_dict

from semola_geo.datasets.files._xyz_comment import comment_texts
from semola_geo.datasets.files.errors import RecordError

AGREED = [
    "",
    "water? no",
    "some [text",
    "a=x b = y c= z d =w",
    "smiles=C=C=O tag=x",
    r'who="the \"first\" one" tag=\[x',
    "a='x y' b=\"x y\" c={x y} d=[x y]",
    "matrix=[[x,y],[z,w]] tag=x",
    '"quoted key"="x = y" tag=x"y z"w',
]


@pytest.mark.parametrize("comment", AGREED)
def test_keys_and_texts_are_those_of_ase(comment: str) -> None:
    theirs = key_val_str_to_dict(comment)
    assert comment_texts("record 0", comment) == {
        key: text for key, text in theirs.items() if text is not True
    }


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ('a="x b=y', "a quote .* never closed: '\"x b=y'"),
        ("a='x", "a quote .* never closed"),
        ("name=Ala's b=y", "a quote .* never closed"),
        ("a={x b=y", "a bracket .* never closed"),
        ("a=[x b=y", "a bracket .* never closed"),
        (r'a="x\" b=y', "a quote .* never closed"),
        ("a=x b=y a=z", "'a': comes twice"),
        ("a= b=y", "'a': has no value"),
        ("a='' b=y", "'a': has no value"),
        ("b=y a=", "'a': has no value"),
    ],
)
def test_what_hides_keys_is_refused(comment: str, words: str) -> None:
    with pytest.raises(RecordError, match=f"record 3.*{words}"):
        comment_texts("record 3", comment)
