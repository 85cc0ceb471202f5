"""Fields: the named tensors of a PyG ``Data`` and the representation of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Batch, Data, HeteroData

from semola_geo.levels import num_graphs, num_nodes, row_graphs
from semola_geo.representations import Representation, parse_representation

__all__ = ["Fields", "num_graphs", "row_graphs", "space_dimension"]


def space_dimension(declaration: Mapping[str, str | Representation], data: Data) -> int:
    """Return the dimension of space, where no group tells it.

    It is the length of the first field of points or vectors, and 3 where there is none.

    >>> space_dimension({"mass": "scalar@slot", "pos": "point@slot"}, Data(pos=torch.zeros(4, 2)))
    2
    """
    for name, text in declaration.items():
        values = data.get(name)
        if (
            parse_representation(text).name in ("point", "vector", "covector")
            and isinstance(values, Tensor)
            and values.dim()
        ):
            return int(values.shape[-1])
    return 3


class Fields(Mapping[str, Representation]):
    """Declared fields: name → representation.

    Args:
        declaration: Name → representation (text or object).
        dimension: Dimension d of space.

    Raises:
        TypeError: If the declaration is no mapping of names.
        ValueError: If it is empty, a representation is unknown or does not exist for d, or PyG
            would change the field's values in a ``Batch`` because of its name.

    >>> fields = Fields({"pos": "point", "dipole": "vector"}, dimension=3)
    >>> fields
    Fields(pos='point', dipole='vector')
    >>> fields.validate(Data(pos=torch.zeros(2, 3), dipole=torch.zeros(1, 3)))
    """

    def __init__(self, declaration: Mapping[str, str | Representation], dimension: int) -> None:
        if not isinstance(declaration, Mapping):
            raise TypeError(
                "fields must map names to representations, for example {'pos': 'point'}, got "
                f"{type(declaration).__name__}"
            )
        if not declaration:
            raise ValueError("fields is empty: declare at least one field, such as 'pos': 'point'")
        self.dimension = dimension
        self._representations: dict[str, Representation] = {}
        for name, text in declaration.items():
            if not isinstance(name, str):
                raise TypeError(
                    f"field names are strings, got {name!r}; fields keyed by node type "
                    "(HeteroData) are not supported"
                )
            if "index" in name or "batch" in name or name in ("face", "ptr"):
                raise ValueError(
                    f"field {name!r} needs another name: PyG shifts or joins attributes named "
                    "'face', 'ptr' or with 'index' or 'batch' in the name when it makes a Batch"
                )
            try:
                representation = parse_representation(text)
                representation.shape(dimension)
            except ValueError as error:
                raise ValueError(f"field {name!r}: {error}") from None
            except TypeError as error:
                raise TypeError(f"field {name!r}: {error}") from None
            self._representations[name] = representation

    def __getitem__(self, name: str) -> Representation:
        try:
            return self._representations[name]
        except KeyError:
            raise KeyError(
                f"field {name!r} is not declared; declared: {', '.join(self._representations)}"
            ) from None

    def __contains__(self, name: object) -> bool:
        return name in self._representations

    def __iter__(self) -> Iterator[str]:
        return iter(self._representations)

    def __len__(self) -> int:
        return len(self._representations)

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={str(rep)!r}" for name, rep in self.items())
        return f"Fields({inner})"

    def declaration(self) -> dict[str, str]:
        """Return name → text, ready for JSON and for checkpoints."""
        return {name: str(representation) for name, representation in self.items()}

    def validate(self, data: Data, strict: bool = True) -> None:
        """Check that the data carry what was declared, and nothing silently more.

        Args:
            data: A ``Data`` or ``Batch``.
            strict: Refuse floating-point fields that were not declared.

        Raises:
            TypeError: For ``HeteroData``, for anything that is no ``Data`` and for integer
                fields under a representation other than ``"scalar"`` or ``"scalar@slot"``.
            ValueError: For a missing field, a wrong trailing shape, NaN or infinite values, a
                graph without nodes, a ``batch`` that does not number the graphs of the nodes, or
                an undeclared floating-point field.
        """
        if isinstance(data, HeteroData):
            raise TypeError(
                "HeteroData is not supported; convert it with data.to_homogeneous() and declare "
                "the fields of the result"
            )
        if not isinstance(data, Data):
            raise TypeError(f"expected a torch_geometric Data or Batch, got {type(data).__name__}")
        for name, representation in self.items():
            self._validate_field(data, name, representation)
        self._validate_nodes(data)
        if strict:
            self._validate_undeclared(data)

    def _validate_field(self, data: Data, name: str, representation: Representation) -> None:
        if name not in data or data[name] is None:
            present = ", ".join(sorted(str(key) for key in data.keys())) or "nothing"  # noqa: SIM118
            raise ValueError(
                f"declared field {name!r} is missing from the data, which has {present}"
            )
        values = data[name]
        if not isinstance(values, Tensor):
            raise TypeError(
                f"field {name!r} must be a tensor, got {type(values).__name__}; convert it with "
                "torch.as_tensor before"
            )
        expected = representation.shape(self.dimension)
        trailing = tuple(values.shape[1:])[-len(expected) :] if expected else ()
        if trailing != expected:
            raise ValueError(
                f"field {name!r} has shape {tuple(values.shape)}, but representation "
                f"{str(representation)!r} in d = {self.dimension} needs trailing axes {expected} "
                "behind a leading axis of nodes, edges or graphs"
            )
        if not values.is_floating_point():
            if not representation.is_invariant or representation.odd:
                raise TypeError(
                    f"field {name!r} has dtype {values.dtype}, but representation "
                    f"{str(representation)!r} needs floating-point values"
                )
        elif not bool(torch.isfinite(values).all()):
            bad = int((~torch.isfinite(values)).sum())
            raise ValueError(
                f"field {name!r} has {bad} NaN or infinite value(s); remove them first"
            )

    def _validate_nodes(self, data: Data) -> None:
        batch, pointers = data.get("batch"), data.get("ptr")
        if batch is not None:
            _check_batch(batch)
        nodes = num_nodes(data)
        if nodes == 0:
            raise ValueError("the data has a graph without nodes; remove empty graphs first")
        if batch is not None and nodes is not None and len(batch) != nodes:
            raise ValueError(f"batch has {len(batch)} entries for {nodes} nodes; it needs one each")
        if pointers is None and batch is None:
            if isinstance(data, Batch) and not hasattr(data, "_num_graphs"):
                raise ValueError(
                    "the Batch does not say how many graphs it has; make it with "
                    "Batch.from_data_list, or give it a batch vector"
                )
            return
        # Negative numbers would be told in the words of PyTorch.
        if pointers is None and int(batch.min()) < 0:
            raise ValueError(f"batch numbers graphs from 0, got {int(batch.min())}")
        sizes = torch.bincount(batch) if pointers is None else pointers.diff()
        if bool((sizes == 0).any()):
            empty = (sizes == 0).nonzero().flatten().tolist()
            raise ValueError(f"graph(s) {empty} of the batch have no nodes; remove them first")

    def _validate_undeclared(self, data: Data) -> None:
        undeclared = [
            str(name)
            for name, values in data.to_dict().items()
            if name not in self and _is_floating(values)
        ]
        if undeclared:
            raise ValueError(
                f"floating-point field(s) {', '.join(map(repr, undeclared))} have no declared "
                "representation and would be left behind; declare each (as 'scalar' if it does "
                "not change) or pass strict=False"
            )


def _check_batch(batch: Any) -> None:
    """Refuse what numbers no graphs; without a look at the values, which takes time on a GPU."""
    if not isinstance(batch, Tensor) or batch.dtype not in (torch.int64, torch.int32):
        kind = batch.dtype if isinstance(batch, Tensor) else type(batch).__name__
        raise TypeError(f"batch must be a tensor of dtype torch.int64, got {kind}")
    if batch.dim() != 1:
        raise ValueError(f"batch must have one entry per node, got shape {tuple(batch.shape)}")


def _is_floating(values: Any) -> bool:
    """Whether something holds real or complex numbers that a group may move."""
    if isinstance(values, Tensor):
        return values.is_floating_point() or values.is_complex()
    if isinstance(values, np.ndarray):
        return values.dtype.kind in "fc"
    # One entry tells: PyG makes lists of what it cannot join, and texts may be many.
    return isinstance(values, list | tuple) and len(values) > 0 and _is_floating(values[0])
