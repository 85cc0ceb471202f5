"""Find a shipped data file and prove that it is the one that was shipped."""

from __future__ import annotations

import hashlib
from pathlib import Path

__all__ = ["CHECKSUM_FILE", "locate", "verify"]

CHECKSUM_FILE = "SHA256SUMS"
_PACKAGE = Path(__file__).resolve().parent


def locate(name: str, file: str, root: str | Path | None = None) -> Path:
    """Find ``file`` of the data set ``name``.

    Args:
        name: folder of the data set, for example ``"qm9_xtb"``.
        file: file name inside that folder.
        root: look only in this folder. By default the installed package is searched
            (``semola_geo/datasets/_data/<name>``), then a source checkout (``datasets/<name>``).

    Returns:
        The path of an existing file.

    Raises:
        FileNotFoundError: when the file is nowhere; says where it was looked for.

    Example:
        >>> locate("qm9_xtb", "qm9_xtb.npz").name
        'qm9_xtb.npz'
    """
    folders = (
        [_PACKAGE / "_data" / name, _PACKAGE.parents[1] / "datasets" / name]
        if root is None
        else [Path(root).expanduser()]
    )
    for folder in folders:
        if (folder / file).is_file():
            return folder / file
    looked = ", ".join(str(folder) for folder in folders)
    builder = f"build{Path(file).stem.removeprefix(name)}.py"
    raise FileNotFoundError(
        f"data file {file!r} was not found; looked in: {looked}. Reinstall semola_geo, pass root= "
        f"with the folder that holds it, or rebuild it from a source checkout: "
        f"pip install 'semola_geo[build-data]' && python datasets/{name}/{builder}"
    )


def verify(path: Path) -> None:
    """Compare the SHA-256 of ``path`` with the ``SHA256SUMS`` file beside it.

    Raises:
        FileNotFoundError: when there is no ``SHA256SUMS``, or it does not list the file.
        ValueError: when the checksums differ; names the file, the expected and the found checksum.

    Example:
        >>> verify(locate("qm9_xtb", "qm9_xtb.npz"))
    """
    sums = path.parent / CHECKSUM_FILE
    if not sums.is_file():
        raise FileNotFoundError(f"{path} has no {CHECKSUM_FILE} beside it; copy both, or rebuild")
    entries = (line.split(maxsplit=1) for line in sums.read_text().splitlines() if line.strip())
    # sha256sum marks binary files by an asterisk before the name.
    expected = {entry[1].lstrip("*"): entry[0] for entry in entries if len(entry) == 2}
    if path.name not in expected:
        raise FileNotFoundError(f"{sums} does not list {path.name!r}; copy both, or rebuild")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected[path.name]:
        raise ValueError(
            f"{path} is corrupted or was changed: expected sha256 {expected[path.name]}, found "
            f"{found}. Restore the file (reinstall semola_geo, or git checkout), or rebuild it in "
            f"a source checkout (build.py or its like in datasets/), which also rewrites "
            f"{CHECKSUM_FILE}."
        )
