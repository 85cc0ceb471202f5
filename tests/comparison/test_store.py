import json
from pathlib import Path

from semola_geo.comparison.store import CellStore, fingerprint, write_json

CONFIG = {"method": {"name": "none"}, "seed": 3, "target": "dipole"}


def test_any_change_changes_the_fingerprint() -> None:
    assert fingerprint(CONFIG) != fingerprint({**CONFIG, "target": "energy"})
    assert fingerprint(CONFIG) == fingerprint(dict(reversed(CONFIG.items())))


def test_a_cell_is_finished_once_its_result_is_there(tmp_path: Path) -> None:
    store = CellStore(tmp_path)
    folder = store.prepare(CONFIG)
    assert folder.name.startswith("none_seed3_")
    assert json.loads((folder / "config.json").read_text()) == CONFIG
    assert store.finished(CONFIG) is None
    write_json(folder / "result.json", {"test_error": 1.0})
    assert store.finished(CONFIG) == {"test_error": 1.0}
    assert store.finished({**CONFIG, "seed": 4}) is None


def test_a_result_cut_short_counts_as_unfinished(tmp_path: Path) -> None:
    store = CellStore(tmp_path)
    (store.prepare(CONFIG) / "result.json").write_text('{"test_error": 1.')
    assert store.finished(CONFIG) is None


def test_writing_leaves_no_temporary_file(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", [1])
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
