"""Whether the file of superpixels is whole, before PyTorch Geometric reads it."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from semola_geo.datasets.files.errors import existing_file, why

__all__ = ["check_superpixels"]

_PARTS = ("training", "test")
_CLASSES = 10
_LOW, _HIGH = -1.0, 29.0  # Middles of patches of an image of 28 pixels, with a margin.
_BRIGHTEST = 255.0


def check_superpixels(path: str | Path) -> None:
    """Refuse a file that PyTorch Geometric would read wrongly or not at all.

    It is read without running any code that it may hold, and let go of again.

    Args:
        path: A file of ``torch.save``: training and test digits, two lists of dictionaries with
            ``x`` [n, 1], ``pos`` [n, 2] (pixels), ``edge_index`` [2, E] and ``y`` [1].

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is anything else, or damaged; if shapes do not fit, numbers are not
            finite or out of range, or an edge or a class does not exist. Names file, part, record
            and field.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "MNISTSuperpixels.pt"
    >>> torch.save([[{"x": torch.ones(3, 1)}], []], file)
    >>> check_superpixels(file)
    Traceback (most recent call last):
    ValueError: ...MNISTSuperpixels.pt, training record 0, field 'pos': is missing; ...
    """
    file = existing_file(path)
    parts = _load(file)
    if not isinstance(parts, list | tuple) or len(parts) != len(_PARTS):
        found = f"{len(parts)} entries" if isinstance(parts, Sequence) else type(parts).__name__
        raise ValueError(
            f"{file} needs two lists of digits, for training and for testing, got {found}; fetch "
            "it again"
        )
    for part, digits in zip(_PARTS, parts, strict=True):
        if not isinstance(digits, list | tuple) or len(digits) == 0:
            raise ValueError(f"{file} has no list of {part} digits; fetch it again")
        for number, digit in enumerate(digits):
            problem = _problem(digit)
            if problem is not None:
                field, words = problem
                where = "" if field is None else f", field {field!r}"
                raise ValueError(f"{file}, {part} record {number}{where}: {words}")


def _load(file: Path) -> Any:
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(
            f"{file} cannot be read as tensors: {why(error)[:200]}; it is another file, or could "
            "run any code when it is read; fetch it again"
        ) from None
    # Whatever a damaged file makes of the reader: EOFError, RuntimeError, KeyError, ...
    except Exception as error:
        raise ValueError(
            f"{file} is damaged or cut off: {why(error)[:200]}; fetch it again"
        ) from None


def _problem(digit: Any) -> tuple[str | None, str] | None:
    """Return the field that is wrong, and how."""
    if not isinstance(digit, dict):
        return None, f"needs a dictionary of tensors, got {type(digit).__name__}"
    for name in ("x", "pos", "edge_index", "y"):
        if name not in digit:
            present = ", ".join(map(str, digit)) or "nothing"
            return name, f"is missing; the record has {present}; is it the file of other data?"
        if not isinstance(digit[name], Tensor):
            return name, f"needs a tensor, got {type(digit[name]).__name__}"
    x, pos, edges, y = (digit[name] for name in ("x", "pos", "edge_index", "y"))
    if pos.dim() != 2 or len(pos) == 0 or pos.shape[1] != 2:
        return "pos", f"needs shape [n, 2], a place for each patch, got {list(pos.shape)}"
    if x.shape not in ((len(pos),), (len(pos), 1)):
        return "x", f"has shape {list(x.shape)}, but 'pos' has {len(pos)} patches"
    return (
        _range("pos", pos, _LOW, _HIGH, "pixels of an image of 28")
        or _range("x", x, 0.0, _BRIGHTEST, "a brightness")
        or _edge_problem(edges, len(pos))
        or _label_problem(y)
    )


def _range(
    name: str, values: Tensor, low: float, high: float, meaning: str
) -> tuple[str, str] | None:
    if not values.is_floating_point():
        return name, f"needs floating-point numbers, got {values.dtype}"
    least, most = (float(value) for value in values.aminmax())
    if low <= least and most <= high:
        return None
    wrong = int((~values.isfinite()).sum())
    if wrong:
        return name, f"{wrong} value(s) are NaN or infinite; fetch the file again"
    return name, f"reaches from {least:.3g} to {most:.3g}, but is {meaning}; fetch the file again"


def _edge_problem(edges: Tensor, patches: int) -> tuple[str, str] | None:
    if edges.dim() != 2 or len(edges) != 2 or edges.dtype != torch.long:
        return "edge_index", (
            f"needs shape [2, E] and whole numbers (torch.long), got {list(edges.shape)} of "
            f"{edges.dtype}"
        )
    for end in (edges.amin(), edges.amax()) if edges.numel() else ():
        if not 0 <= int(end) < patches:
            return "edge_index", (
                f"patch {int(end)} is not among the {patches} patches, which are counted from 0"
            )
    return None


def _label_problem(y: Tensor) -> tuple[str, str] | None:
    if y.numel() != 1:
        return "y", f"needs one class, got shape {list(y.shape)}"
    label = y.item()
    if label not in range(_CLASSES):
        return "y", f"class {label} is no digit from 0 to {_CLASSES - 1}"
    return None
