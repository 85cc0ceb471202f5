"""What the tests of malformed public data share."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def refuses_raw() -> Callable[..., None]:
    """Check that a raw file is refused with the right words before anything is made of it."""

    def check(
        read: Callable[[], Any],
        path: Path,
        content: str | bytes,
        where: str | None,
        field: str | None,
        words: str,
    ) -> None:
        """``where`` is the line or the record that is to be named."""
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        before = path.read_bytes()
        with pytest.raises(ValueError, match=words) as caught:
            read()
        message = str(caught.value)
        assert type(caught.value) is ValueError
        assert message.startswith(str(path))
        if where is not None:
            assert re.search(rf", {where}(?!\w)", message), message
        if field is not None:
            assert f"field {field!r}:" in message, message
        assert "\n" not in message
        assert len(message) < 700
        assert path.read_bytes() == before

    return check
