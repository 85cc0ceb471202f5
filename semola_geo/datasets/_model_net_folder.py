"""Whether the folder of ModelNet is whole, before PyTorch Geometric reads it."""

from __future__ import annotations

from pathlib import Path

from semola_geo.datasets._off import check_off

__all__ = ["check_folder", "list_categories"]


def list_categories(folder: str | Path) -> list[str]:
    """Return the names of the folders, in the order in which PyTorch Geometric numbers them.

    It passes over hidden folders, which file managers and notebooks leave behind.
    """
    paths = [path for path in Path(folder).iterdir() if path.is_dir()]
    return sorted(path.name for path in paths if not path.name.startswith("."))


def check_folder(folder: str | Path, name: str) -> None:
    """Refuse shapes that are malformed, missing, or would be passed over for their names.

    Args:
        folder: With ``CATEGORY/train/CATEGORY_0001.off`` and ``CATEGORY/test/...``.
        name: ``"10"`` or ``"40"``: the number of categories.

    Raises:
        ValueError: For another number of categories, a category without training or test shapes, a
            name that does not begin with the category, or a malformed mesh.
    """
    categories = list_categories(folder)
    if len(categories) != int(name):
        raise ValueError(
            f"{folder} has {len(categories)} folders ({', '.join(categories)}), "
            f"but ModelNet{name} has {name} categories; give the other name, or correct the folder"
        )
    for category in categories:
        for part in ("train", "test"):
            _check_part(Path(folder) / category / part, category)


def _check_part(folder: Path, category: str) -> None:
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    shapes = [f for f in files if f.suffix.lower() == ".off" and not f.name.startswith(".")]
    for file in shapes:
        # Names as PyTorch Geometric looks for them.
        if not (file.name.startswith(f"{category}_") and file.name.endswith(".off")):
            raise ValueError(
                f"{file} would be passed over: shapes are named {category}_0001.off; rename or "
                "remove it"
            )
    if not shapes:
        raise ValueError(
            f"{folder} holds no shapes {category}_*.off; unpack the archive of ModelNet again"
        )
    for file in shapes:
        check_off(file)
