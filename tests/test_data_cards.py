"""docs/data.md has a card for every data set, and every card says the same things."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import semola_geo
from semola_geo import datasets

PAGE = Path(semola_geo.__file__).resolve().parents[1] / "docs" / "data.md"
PARTS = ("Size", "Fields", "Targets", "Split", "Symmetry", "Shifts", "Source")
CLASSES = {
    name: getattr(datasets, name)
    for name in datasets.__all__
    if inspect.isclass(getattr(datasets, name))
}


@pytest.fixture
def cards() -> dict[str, str]:
    """Title → text of every card."""
    if not PAGE.is_file():
        pytest.skip("not a source tree")
    titled = PAGE.read_text().split("\n## ")[1:]
    return {card.split("\n", 1)[0]: card for card in titled}


def card_of(name: str, cards: dict[str, str]) -> str:
    """The card titled with a class, or else the one that names it first."""
    if name in cards:
        return cards[name]
    found = [card for card in cards.values() if f"`{name}`" in card]
    assert len(found) == 1, f"{name} is named on {len(found)} cards"
    return found[0]


@pytest.mark.parametrize("name", CLASSES)
def test_every_data_set_has_a_card_that_names_its_fields(name: str, cards: dict[str, str]) -> None:
    card = card_of(name, cards)
    for field in (*getattr(CLASSES[name], "UNITS", {}), *getattr(CLASSES[name], "TARGETS", {})):
        assert f"`{field}`" in card, f"the card of {name} does not name {field}"


@pytest.mark.parametrize("name", CLASSES)
def test_every_unit_stands_on_the_card(name: str, cards: dict[str, str]) -> None:
    for unit in getattr(CLASSES[name], "UNITS", {}).values():
        assert unit in card_of(name, cards)


@pytest.mark.parametrize("name", CLASSES)
def test_options_that_shift_data_stand_on_the_card(name: str, cards: dict[str, str]) -> None:
    options = set(inspect.signature(CLASSES[name].__init__).parameters)
    for option in options & {"orientation", "test_orientation", "frame", "shuffle_targets"}:
        assert f"`{option}`" in card_of(name, cards)


def test_every_card_says_the_same_things_and_is_in_the_table(cards: dict[str, str]) -> None:
    head = PAGE.read_text().split("\n## ")[0]
    listed = re.findall(r"^\| \[([^]]+)\]\(#([\w-]+)\)", head, re.MULTILINE)
    assert [title for title, _ in listed] == list(cards)
    assert all(link == title.lower().replace(" ", "-") for title, link in listed)
    for title, card in cards.items():
        missing = [part for part in PARTS if f"- **{part}.**" not in card]
        assert not missing, f"{title} says nothing of {missing}"


def test_the_readme_links_the_cards() -> None:
    readme = PAGE.parents[1] / "README.md"
    if not readme.is_file():
        pytest.skip("not a source tree")
    other = readme.read_text().split("\n## Other data\n")[1].split("\n## ")[0]
    assert "(docs/data.md)" in other
