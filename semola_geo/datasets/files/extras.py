"""Libraries that only some readers need, and that are extras."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["import_extra"]


def import_extra(module: str, library: str, extra: str) -> Any:
    """Import a module of a library that comes with an extra of this package.

    Args:
        module: Its full name.
        library: What the library is called, for the message.
        extra: The extra that installs it.

    Raises:
        ImportError: If it is not installed; says how to install it.

    >>> import_extra("no_such_module", "Nothing", "jets")
    Traceback (most recent call last):
    ImportError: reading this file needs Nothing (...); install it with pip install ...
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"reading this file needs {library} ({error}); install it with "
            f"pip install 'semola_geo[{extra}]'"
        ) from None
