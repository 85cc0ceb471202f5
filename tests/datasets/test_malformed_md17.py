"""Trajectories of MD17 with a mistake: each is refused by file, frame and array."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semola_geo.datasets import MD17

FRAMES = 12
Z = np.array([8, 1, 1], np.uint8)
POS = np.eye(3) + 0.1 * np.random.default_rng(0).uniform(size=(FRAMES, 3, 3))
E = np.linspace(-406_737.0, -406_730.0, FRAMES)[:, None]
OPTIONS: dict[str, Any] = {"sizes": (4, 2, 3)}
ORIGINAL = {"z": Z, "R": POS, "E": E, "F": -POS}
REVISED = {"nuclear_charges": Z, "coords": POS, "energies": E[:, 0], "forces": -POS}


def archive(given: dict[str, Any] = ORIGINAL, **arrays: Any) -> bytes:
    """The trajectory with further arrays, or with others in their place."""
    buffer = io.BytesIO()
    kept = {name: array for name, array in (given | arrays).items() if array is not None}
    np.savez(buffer, **kept)
    return buffer.getvalue()


def at(array: np.ndarray[Any, Any], frame: int, value: float) -> np.ndarray[Any, Any]:
    changed = array.copy()
    changed[frame].flat[-1] = value
    return changed


def member(name: str, content: bytes, **arrays: Any) -> bytes:
    """A trajectory with one more file inside."""
    buffer = io.BytesIO(archive(**arrays))
    with zipfile.ZipFile(buffer, "a") as target:
        target.writestr(name, content)
    return buffer.getvalue()


def header(shape: tuple[int, ...]) -> bytes:
    """An array of six numbers that says it has this shape."""
    buffer = io.BytesIO()
    told = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, told)
    return buffer.getvalue() + bytes(48)


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]


def collapsed() -> np.ndarray[Any, Any]:
    pos = POS.copy()
    pos[7, 2] = pos[7, 0]
    return pos


GOOD = archive()
OBJECTS = np.array([{}] * FRAMES)
HUGE = (10**14, 3, 3)

# Content, the frame and the array that are to be named, and further words.
CASES: dict[str, tuple[str | bytes, str | None, str | None, str]] = {
    "empty": (b"", None, None, "is empty"),
    "text": ("z,R,E,F\r\n", None, None, r"is no \.npz archive"),
    "web page": ("<!DOCTYPE html>\n", None, None, r"is no \.npz archive.* fetch the file again"),
    "binary rubbish": (bytes(range(256)) * 9, None, None, r"is no \.npz archive"),
    "compressed": (b"\x1f\x8b" + GOOD, None, None, "is compressed with gzip; unpack it"),
    "cut off early": (GOOD[:100], None, None, r"is no \.npz archive.* cut off"),
    "cut off late": (GOOD[:-40], None, None, r"is no \.npz archive.* cut off"),
    "damaged": (flipped(GOOD, GOOD.index(POS.tobytes()) + 9), None, None, "damaged: .*Bad CRC"),
    "no arrays": (archive({}), None, "z", "is missing; the file has nothing; original"),
    "no species": (archive(z=None), None, "z", "is missing; the file has R, E, F; orig"),
    "no positions": (archive(R=None), None, "R", "is missing; the file has z, E, F; original"),
    "no energies": (archive(E=None), None, "E", "is missing; the file has z, R, F; original"),
    "no forces": (archive(F=None), None, "F", "is missing; the file has z, R, E; original"),
    "revised file": (archive(REVISED), None, "z", "is missing.* revised ones nuclear_charges"),
    "pickle": (member("z.npy", b"\x80\x04].", z=None), None, "z", "is no array with a name"),
    "objects": (archive(E=OBJECTS), None, "E", "is an array of Python objects, which could run"),
    "header too long": (member("E.npy", header((7,)), E=None), None, "E", "cannot be read: .*56"),
    "header of terabytes": (member("R.npy", header(HUGE), R=None), None, "R", "larger than the m"),
    "padding": (archive(z=np.array([8, 0, 1])), None, "z", "atom 1 has atomic number 0"),
    "unknown element": (archive(z=np.array([8, 1, 200])), None, "z", "atom 2 has .* 200, which is"),
    "negative element": (archive(z=np.array([-8, 1, 1])), None, "z", "atom 0 has .* -8, which is"),
    "float species": (archive(z=Z / 2), None, "z", "atomic numbers are integers, .* got float64"),
    "symbols": (archive(z=np.array(["O", "H", "H"])), None, "z", "numbers are integers, .* <U1"),
    "species of frames": (archive(z=np.tile(Z, (12, 1))), None, "z", r"shape \[n\].* \[12, 3\]"),
    "no atoms": (archive(z=Z[:0], R=POS[:, :0], F=POS[:, :0]), None, "z", r"\[n\], .* got \[0\]"),
    "other species": (archive(z=Z[:2]), None, "R", r"needs shape \[N, 2, 3\].* got \[12, 3, 3\]"),
    "no frames": (archive(R=POS[:0], E=E[:0], F=POS[:0]), None, "R", r"at least one, got \[0, 3"),
    "flat positions": (archive(R=POS.reshape(12, 9)), None, "R", r"needs .* got \[12, 9\]"),
    "plane": (archive(R=POS[..., :2]), None, "R", r"needs shape \[N, 3, 3\].* got \[12, 3, 2\]"),
    "text positions": (archive(R=POS.astype(str)), None, "R", "needs real numbers, got <U"),
    "complex": (archive(R=POS + 0j), None, "R", "needs real numbers, got complex128"),
    "logical forces": (archive(F=POS > 0), None, "F", "needs real numbers, got bool"),
    "byte order": (archive(R=POS.astype(">f8")), None, "R", "no numbers of type '>f8'; save them"),
    "NaN": (archive(R=at(POS, 5, np.nan)), "record 5", "R", r"1 value\(s\) are NaN or infinite"),
    "infinite": (archive(R=at(POS, 0, np.inf)), "record 0", "R", r"1 value\(s\) are NaN"),
    "huge": (archive(R=at(POS, 11, 1e30)), "record 11", "R", r"1e\+30 Å is too large, .* 1e\+06"),
    "all zero": (archive(R=0 * POS), "record 0", "R", "atoms 0 and 1 are in one place"),
    "atom on atom": (archive(R=collapsed()), "record 7", "R", "atoms 0 and 2 are in one place"),
    "NaN energy": (archive(E=at(E, 3, np.nan)), "record 3", "E", r"1 value\(s\) are NaN"),
    "huge energy": (archive(E=at(E, 3, -1e30)), "record 3", "E", r"1e\+30 kcal/mol is too large"),
    "energies too few": (archive(E=E[:9]), None, "E", r"has shape \[9, 1\], but 'R' has 12 frames"),
    "one energy": (archive(E=E[0, 0]), None, "E", r"has shape \[\], but 'R' has 12 frames"),
    "two energies": (archive(E=np.tile(E, 2)), None, "E", r"has shape \[12, 2\], .* one energy"),
    "NaN force": (archive(F=at(-POS, 4, np.nan)), "record 4", "F", r"1 value\(s\) are NaN"),
    "huge force": (archive(F=at(-POS, 4, 1e30)), "record 4", "F", "1e.30 kcal/mol/Å is too large"),
    "forces too few": (archive(F=POS[:9]), None, "F", r"has shape \[9, 3, 3\], but 'R' has \[12"),
    "forces of two": (archive(F=POS[:, :2]), None, "F", r"has shape \[12, 2, 3\], but 'R' has"),
}


def place(root: Path, molecule: str, part: str = "") -> Path:
    path = (
        root
        / {
            "ethanol": Path("ethanol", "raw", "md17_ethanol.npz"),
            "revised ethanol": Path("raw", "rmd17", "npz_data", "rmd17_ethanol.npz"),
            "ethanol CCSD(T)": Path("ethanol CCSD(T)", "raw", f"ethanol_ccsd_t-{part}.npz"),
        }[molecule]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@pytest.mark.parametrize("case", CASES)
def test_malformed_trajectories_are_refused_by_name(
    tmp_path: Path, refuses_raw: Callable[..., None], case: str
) -> None:
    path = place(tmp_path, "ethanol")
    refuses_raw(lambda: MD17("ethanol", tmp_path, **OPTIONS), path, *CASES[case])
    assert not list(tmp_path.rglob("data.pt"))


@pytest.mark.parametrize(
    ("arrays", "where", "field", "words"),
    [
        ({"nuclear_charges": at(Z[None], 0, 0)[0]}, None, "nuclear_charges", "atomic number 0"),
        ({"coords": at(POS, 2, 1e30)}, "record 2", "coords", "is too large"),
        ({"energies": E[:5, 0]}, None, "energies", r"has shape \[5\]"),
        ({"forces": None}, None, "forces", "is missing"),
    ],
)
def test_arrays_of_revised_files_have_other_names(
    tmp_path: Path,
    refuses_raw: Callable[..., None],
    arrays: dict[str, Any],
    where: str | None,
    field: str,
    words: str,
) -> None:
    path, content = place(tmp_path, "revised ethanol"), archive(REVISED, **arrays)
    read = lambda: MD17("revised ethanol", tmp_path, **OPTIONS)  # noqa: E731
    refuses_raw(read, path, content, where, field, words)
    path.write_bytes(archive(REVISED))
    assert len(read()) == FRAMES


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"E": E[:, 0]},
        {"z": Z.astype(np.int64), "R": POS.astype(np.float32)},
        {"F": np.asfortranarray(-POS)},
        {"name": np.array("ethanol"), "theory": np.array(b"PBE"), "old": OBJECTS},
    ],
)
def test_what_published_files_look_like_is_read(tmp_path: Path, arrays: dict[str, Any]) -> None:
    place(tmp_path, "ethanol").write_bytes(archive(**arrays))
    assert len(MD17("ethanol", tmp_path, **OPTIONS)) == FRAMES


def test_both_published_parts_are_checked(tmp_path: Path, refuses_raw: Callable[..., None]) -> None:
    train, test = (place(tmp_path, "ethanol CCSD(T)", part) for part in ("train", "test"))
    train.write_bytes(GOOD)
    read = lambda: MD17("ethanol CCSD(T)", tmp_path, **OPTIONS)  # noqa: E731
    refuses_raw(read, test, archive(R=at(POS, 2, np.nan)), "record 2", "R", "are NaN")
    refuses_raw(read, test, archive(z=Z[::-1]), None, "z", r"other atoms than .*-train\.npz")


def test_files_that_were_exchanged_or_damaged_later_are_noticed(tmp_path: Path) -> None:
    path = place(tmp_path, "ethanol")
    path.write_bytes(GOOD)
    MD17("ethanol", tmp_path, **OPTIONS)
    path.write_bytes(archive(R=POS[:9], E=E[:9], F=-POS[:9]))
    with pytest.raises(ValueError, match=r"9 energies, but 12 frames .* delete .*processed"):
        MD17("ethanol", tmp_path, **OPTIONS)
    path.write_bytes(GOOD[:-40])
    with pytest.raises(ValueError, match=r"md17_ethanol\.npz is no \.npz archive"):
        MD17("ethanol", tmp_path, **OPTIONS)
    path.write_bytes(archive(E=None))
    with pytest.raises(ValueError, match=r"md17_ethanol\.npz, field 'E': is missing"):
        MD17("ethanol", tmp_path, **OPTIONS)
