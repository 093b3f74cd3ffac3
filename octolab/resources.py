"""The notebooks and teaching data that come with OctoLab.

In a checkout they are the folders ``notebooks/`` and ``datasets/`` beside the package; in
an installed wheel they lie in the package. A dataset is a small script that draws its
files, with the truth written beside them; it is run when it is first asked for.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from octolab.errors import NotFound

_PACKAGE = Path(__file__).parent


def notebooks() -> Path:
    """The folder with ``labs/`` (teaching) and ``dashboards/`` (Voila)."""
    return _folder("notebooks")


def datasets() -> Path:
    """The folder of the scripts that make the teaching data."""
    return _folder("datasets")


def dataset(name: str) -> Path:
    """A folder of teaching data, made on first use and kept in the user's cache.

    Parameters
    ----------
    name : str
        ``"plant-growth"``, ``"hive-sound"`` or ``"field-sounds"``: a script of `datasets`.

    Returns
    -------
    Path
        The folder; its ``truth.json`` says what is in the files.

    Raises
    ------
    NotFound
        If there is no such dataset.
    """
    script = _script(name)
    version = hashlib.sha256()
    for source in sorted(datasets().glob("*.py")):  # scripts use each other
        version.update(source.read_bytes())
    folder = _cache() / f"{name}-{version.hexdigest()[:8]}"
    if not folder.is_dir():
        _make(script, folder)
    return folder


def dataset_script(name: str) -> ModuleType:
    """The script behind a dataset, as a module: to make more data of its sort.

    Parameters
    ----------
    name : str
        As for `dataset`.

    Returns
    -------
    module
        ``dataset_script("field-sounds").scene(("bird",), snr_db=5, seed=3)``, say.

    Raises
    ------
    NotFound
        If there is no such dataset.
    """
    return _module(_script(name))


def _script(name: str) -> Path:
    script = datasets() / f"{name.replace('-', '_')}.py"
    if not script.is_file():
        known = sorted(path.stem.replace("_", "-") for path in datasets().glob("*.py"))
        raise NotFound(
            "there is no dataset {name!r}; there are: {names}", name=name, names=", ".join(known)
        )
    return script


def _module(script: Path) -> ModuleType:
    """Import a script; as when it is run, it can import those beside it."""
    name = f"octolab_dataset_{script.stem}"
    spec = importlib.util.spec_from_file_location(name, script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where its dataclasses look for it
    sys.path.insert(0, str(script.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(script.parent))
    return module


def copy_notebooks(into: Path) -> list[Path]:
    """Copy the labs and dashboards that a folder does not have yet.

    Notebooks already there are the user's own and stay as they are.

    Parameters
    ----------
    into : Path
        Where ``labs/`` and ``dashboards/`` shall be; made when missing.

    Returns
    -------
    list of Path
        The files that were copied.
    """
    copied = []
    for source in sorted(notebooks().glob("*/*.ipynb")):
        target = into / source.parent.name / source.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            copied.append(target)
    return copied


def _folder(name: str) -> Path:
    checkout = _PACKAGE.parent / name
    if (_PACKAGE.parent / "pyproject.toml").is_file() and checkout.is_dir():
        return checkout
    return _PACKAGE / "share" / name


def _cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("octolab") / "datasets"


def _make(script: Path, folder: Path) -> None:
    """Run the script's ``make(folder)`` beside the place, then rename: all or nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        _module(script).make(building)
        building.chmod(0o755)
        try:
            building.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another process was faster
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
