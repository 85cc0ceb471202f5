"""Which graphs have a label: the boolean graph-level field ``labelled``."""

from __future__ import annotations

import copy

from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.fields import row_graphs

__all__ = ["hide_unlabelled", "labelled_graphs", "labelled_rows", "labelled_targets"]


def labelled_graphs(batch: Data) -> Tensor | None:
    """Return the mask ``[graphs]`` of what is labelled; ``None``: everything.

    >>> labelled_graphs(Batch()) is None
    True
    """
    labelled = batch.get("labelled")
    return labelled.flatten().bool() if isinstance(labelled, Tensor) else None


def labelled_rows(batch: Batch, name: str) -> Tensor | None:
    """Return the mask of the rows of a field whose graphs are labelled; ``None``: all."""
    labelled = labelled_graphs(batch)
    return None if labelled is None else labelled[row_graphs(batch, name)]


def labelled_targets(batch: Batch, name: str) -> tuple[Tensor, Batch]:
    """Return the targets and graphs that are labelled.

    Raises:
        ValueError: If no graph is labelled.
    """
    labelled = labelled_graphs(batch)
    if labelled is not None and not bool(labelled.all()):
        chosen = labelled.nonzero().flatten().tolist()
        if not chosen:
            raise ValueError("no graph is labelled: field 'labelled' is False everywhere")
        batch = Batch.from_data_list([batch[i] for i in chosen])
    return batch[name], batch


def hide_unlabelled(batch: Batch, name: str) -> Batch:
    """Return the batch with zeros for targets that are not known, which may be NaN.

    A transform moves all rows, and refuses values that are not finite.
    """
    labelled = labelled_rows(batch, name)
    if labelled is None:
        return batch
    batch, target = copy.copy(batch), batch[name]
    hidden = ~labelled.to(target.device)
    batch[name] = target.masked_fill(hidden.view(-1, *(1,) * (target.dim() - 1)), 0)
    return batch
