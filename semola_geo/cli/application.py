"""What the three console scripts share: where configurations lie and how mistakes are told."""

from __future__ import annotations

import functools
import os
import sys
import warnings
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import hydra
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from semola_geo.cli.arguments import quote_group_names

__all__ = ["config_directory", "run_application"]

# Mistakes of a user are raised as these throughout the library, with a text that says what to do.
_USER_ERRORS = (
    ValueError,
    TypeError,
    FileNotFoundError,
    FloatingPointError,
    ImportError,
    OmegaConfBaseException,
)


def config_directory() -> Path:
    """Return the folder with the packaged configurations.

    An installed wheel holds it inside the package; a clone or an editable installation keeps it at
    the top level of the source tree.

    Raises:
        FileNotFoundError: If neither exists.

    >>> (config_directory() / "discover.yaml").is_file()
    True
    """
    package = Path(str(files("semola_geo")))
    for folder in (package / "configs", package.parent / "configs"):
        if (folder / "discover.yaml").is_file():
            return folder
    raise FileNotFoundError(f"no configurations beside or inside {package}; reinstall semola_geo")


def run_application(name: str, task: Callable[[DictConfig], None]) -> None:
    """Run a Hydra application on ``configs/<name>.yaml``.

    A user's mistake ends the process with one line on standard error and exit code 2; set
    ``HYDRA_FULL_ERROR=1`` to see where it arose.

    Args:
        name: Name of the primary configuration, and of the script behind ``semola-``.
        task: What to do with the composed configuration.
    """
    sys.argv[1:] = quote_group_names(sys.argv[1:])
    _silence_neighbours()
    hydra.main(version_base="1.3", config_path=str(config_directory()), config_name=name)(
        _tell_mistakes(name, task)
    )()


def _tell_mistakes(name: str, task: Callable[[DictConfig], None]) -> Callable[[DictConfig], None]:
    @functools.wraps(task)
    def wrapped(config: DictConfig) -> None:
        try:
            _refuse_suite(name, config)
            task(config)
        except _USER_ERRORS as error:
            if os.environ.get("HYDRA_FULL_ERROR") == "1":
                raise
            message = " ".join(str(error).split())
            print(f"semola-{name}: error: {message}", file=sys.stderr)
            raise SystemExit(2) from None

    return wrapped


def _refuse_suite(name: str, config: DictConfig) -> None:
    if name != "discover" and config.get("suite") is not None:
        raise ValueError(
            f"the experiment is a suite of discoveries, which semola-{name} cannot run; "
            "run it with semola-discover"
        )


def _silence_neighbours() -> None:
    """Hide warnings of dependencies about themselves, which a user can do nothing about."""
    warnings.filterwarnings("ignore", message=r".*(TorchScript|torch\.jit).*")
    warnings.filterwarnings("ignore", message=r".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=r".*isinstance.*LeafSpec.*")
