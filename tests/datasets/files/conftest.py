"""What all tests of malformed files share."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Content = str | bytes | Callable[[Path], Any]


@pytest.fixture
def refuses(tmp_path: Path) -> Callable[..., None]:
    """Check that a file is refused with the right words, and what skipping makes of it."""

    def check(
        reader: Callable[..., Any],
        name: str,
        case: tuple[Content, int | None, str | None, str],
        **options: Any,
    ) -> None:
        """A case is a file, the record and the field that are to be named, and further words.

        A wrong record does not spoil the others: skipping it must leave all of them, and count it.
        Where no record is given, the file cannot be read on, and skipping must not help.
        """
        content, record, field, words = case
        path = tmp_path / name
        if callable(content):
            content(path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        before = path.read_bytes()
        named = [words]
        if record is not None:
            named.append(rf"\brecord {record}\b")
        if field is not None:
            named.append(rf"\bfield '{re.escape(field)}':")
        for pattern in named:
            with pytest.raises(ValueError, match=pattern) as caught:
                reader(path, **options)
        message = str(caught.value)
        assert type(caught.value) is ValueError
        assert message.startswith(str(path))
        assert "\n" not in message
        assert len(message) < 700
        if record is None:
            with pytest.raises(ValueError, match=words):
                reader(path, **options, on_error="skip")
        else:
            with pytest.warns(UserWarning, match=rf"skipped 1 record\(s\).*record {record}\b"):
                data = reader(path, **options, on_error="skip")
            assert [told for told in data.skipped if f"record {record}" in told] == data.skipped
            assert record not in data.idx.tolist()
            assert data.idx.tolist() == [i for i in range(len(data) + 1) if i != record]
            assert "1 record(s) were skipped" in data.summary()
        assert path.read_bytes() == before

    return check
