"""How a group of permutations that was found lies to a known one."""

import pytest

from semola_geo import PermutationSubgroup
from semola_geo.comparison.exchange_reference import compare_exchanges
from semola_geo.reporting.exchange import read_exchange

YOUNG = PermutationSubgroup.from_orbits([[0, 1], [2, 3, 4]], 5)
TURN = PermutationSubgroup([[0, 1, 3, 4, 2]])
MISSED = {"image": [1, 0, 2, 3, 4], "verdict": "untested by this data"}


@pytest.mark.parametrize(
    ("found", "known", "relation", "words"),
    [
        (YOUNG, YOUNG, "equal", "the same group was found"),
        (TURN, YOUNG, "subgroup", "a subgroup of index 4 was found; of it, (0 1) untested"),
        (YOUNG, TURN, "contains", "a larger group was found"),
        (TURN, PermutationSubgroup([[1, 0, 2, 3, 4]]), "neither", "another group was found"),
    ],
)
def test_relation(found, known, relation, words):
    compared = compare_exchanges(found, known, {"nearest_others": [MISSED]})
    assert compared["relation"] == relation and compared["order"] == known.order
    facts = dict(read_exchange(found.to_dict() | {"known": compared}).facts)
    assert words in facts["known"] and facts["known"].startswith(known.name)


def test_other_sizes_are_refused():
    with pytest.raises(ValueError, match="permute 5 slots, but what was found permutes 3"):
        compare_exchanges(PermutationSubgroup([[1, 0, 2]]), YOUNG, {})
