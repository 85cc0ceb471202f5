"""Lines of text files, whatever editor wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

__all__ = ["text_lines"]


def text_lines(path: Path, newline: str | None = None) -> Iterator[str]:
    r"""Stream the lines of a text file in UTF-8; a byte-order mark at its beginning is no content.

    Args:
        path: The file.
        newline: As for :func:`open`: ``None`` turns all line ends into ``"\n"``.

    Raises:
        ValueError: At a line that is not UTF-8, or holds a zero byte, as UTF-16 and binary files
            and those that a crash left behind do; names file and line.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "mine.txt"
    >>> _ = file.write_bytes(b"\xef\xbb\xbfone\r\ntwo")
    >>> list(text_lines(file))
    ['one\n', 'two']
    """
    # Decoding fails in blocks of lines: bytes that are no text are carried along to their own line.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline=newline) as file:
        for number, line in enumerate(file, start=1):
            if not line.isascii():
                try:
                    line.encode()
                except UnicodeEncodeError as error:
                    byte = ord(line[error.start]) - 0xDC00
                    raise ValueError(
                        f"{path}, line {number}: is no text in UTF-8 (byte 0x{byte:02x}); save the "
                        "file in UTF-8"
                    ) from None
            if "\0" in line:
                raise ValueError(
                    f"{path}, line {number}: holds a zero byte, so that the file is binary, in "
                    "UTF-16 or damaged; save it as text in UTF-8"
                )
            yield line
