"""Pickled objects in HDF5: found before anything unpickles them."""

from __future__ import annotations

import io
import pickle
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

__all__ = ["check_plain"]

_LOCK = threading.Lock()
_REMEDY = "ask for it as Parquet, or convert it where its source is trusted"


def check_plain(tables: Any, path: Path) -> None:
    """Check that an HDF5 file holds nothing that could run code when PyTables or pandas read it.

    pandas keeps names of columns as pickled lists, and PyTables unpickles every attribute of every
    object that it opens, the file itself first. Lists, numbers and text are harmless; whatever has
    to import something is refused here. While the file is looked through, the unpickler of PyTables
    is one that imports nothing.

    Args:
        tables: The library, PyTables.
        path: The file.

    Raises:
        ValueError: If an attribute holds an object of a class, or there are arrays of Python
            objects, links to other files, groups inside themselves or what cannot be looked at.
        Exception: Whatever PyTables raises for damaged files.
    """
    guard = _Guard()
    with guard.instead(tables), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with tables.open_file(str(path), mode="r") as file:
                _walk(tables, file.root, path, guard)
        except Exception:
            guard.check(path)
            raise


class _Plain(pickle.Unpickler):
    """Reads lists, numbers and text, and tells of everything else."""

    def __init__(self, content: bytes, refused: list[str], **options: Any) -> None:
        super().__init__(io.BytesIO(content), **options)
        self._refused = refused

    def find_class(self, module: str, name: str) -> NoReturn:
        self._refused.append(f"{module}.{name}")
        raise pickle.UnpicklingError(f"{module}.{name} is not imported")


class _Guard:
    """Stands where PyTables expects the module ``pickle``.

    Attributes:
        refused: Names of what would have been imported; PyTables passes over exceptions.
        place: Name of what is being opened.
    """

    def __init__(self) -> None:
        self.place = "/"
        self.refused: list[str] = []

    def loads(self, content: bytes, **options: Any) -> Any:
        return _Plain(bytes(content), self.refused, **options).load()

    def __getattr__(self, name: str) -> NoReturn:
        self.refused.append(f"pickle.{name}")
        raise AttributeError(name)

    @contextmanager
    def instead(self, tables: Any) -> Iterator[None]:
        # The attributes of the root are unpickled as the file is opened, before anybody could look
        # at them, and there is no option against it.
        with _LOCK:
            places = (tables.attributeset, tables.atom)
            before = [place.pickle for place in places]
            try:
                for place in places:
                    place.pickle = self
                yield
            finally:
                for place, module in zip(places, before, strict=True):
                    place.pickle = module

    def check(self, path: Path) -> None:
        if self.refused:
            raise ValueError(
                f"{path}: an attribute of {self.place!r} is a pickled Python object that imports "
                f"{self.refused[0]!r}, which could run any code when it is read. Nothing of it was "
                f"run; if you expected no such thing, do not open the file, else {_REMEDY}"
            )


def _walk(tables: Any, root: Any, path: Path, guard: _Guard) -> None:
    """Open everything, what PyTables hides included."""
    stack, seen = [(root, "")], set()
    while stack:
        parent, name = stack.pop()
        guard.place = f"{parent._v_pathname.rstrip('/')}/{name}"
        node = parent._f_get_child(name) if name else root
        if isinstance(node, tables.link.ExternalLink):
            raise ValueError(
                f"{path}: {guard.place!r} is a link to another file, which is not followed; "
                "copy the table into one file"
            )
        if isinstance(node, tables.Unknown):
            raise ValueError(
                f"{path}: {guard.place!r} is of a kind that PyTables does not know and that "
                f"cannot be checked; {_REMEDY}"
            )
        getattr(node, "_v_attrs", None)  # Reads all of them.
        guard.check(path)
        if isinstance(getattr(node, "atom", None), tables.ObjectAtom):
            raise ValueError(
                f"{path}: {guard.place!r} is an array of Python objects, which could run any "
                "code when it is read; save one table of numbers, with "
                "DataFrame.to_hdf(path, key='table', format='table')"
            )
        if isinstance(node, tables.Group):
            # A group that is inside itself would be walked through forever, by pandas, too.
            address = node._get_obj_info().addr
            if address in seen:
                raise ValueError(
                    f"{path}: {guard.place!r} is another name of a group that was there "
                    "before; save the table in a file of its own"
                )
            seen.add(address)
            stack.extend((node, name) for name in [*node._v_children, *node._v_hidden])
