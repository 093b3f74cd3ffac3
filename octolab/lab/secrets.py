"""User names and passwords of cameras: in the user's own configuration, never in the lab.

One file of mode 0600 holds them, keyed by lab and source, so a copied or published lab
carries none.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock
from platformdirs import user_config_path

from octolab.content import atomic_file
from octolab.errors import BadInput, LabError


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and password; ``url`` is the whole address when more of it is secret.

    Its repr shows none of them.
    """

    user: str | None = None
    password: str | None = None
    url: str | None = None

    def __repr__(self) -> str:
        return "Login(…)"


def split(url: str, user: str | None, password: str | None) -> tuple[str, Login]:
    """Part what may be shown of a camera's address from what may not.

    Raises
    ------
    BadInput
        If it is no address, or a password has no user name.
    """
    from octolab.capture import hide_fields, split_credentials

    bare, its_user, its_password = split_credentials(url.strip())
    user, password = user or its_user, password or its_password
    if password and not user:
        raise BadInput("a password needs a user name with it")
    shown = hide_fields(bare)
    return shown, Login(user, password, bare if shown != bare else None)


def save(lab_id: str, slug: str, login: Login) -> None:
    """Keep the login of one source; an empty one is forgotten."""
    if login == Login():
        remove(lab_id, slug)
    else:
        _change(lab_id, slug, asdict(login))


def remove(lab_id: str, slug: str) -> None:
    """Forget the login of one source."""
    if load(lab_id, slug):
        _change(lab_id, slug, None)


def load(lab_id: str, slug: str) -> Login | None:
    """Look up the login of one source; None when it has none."""
    entry = _read(_path()).get(lab_id, {}).get(slug)
    return Login(**entry) if entry else None


def _path() -> Path:
    return user_config_path("octolab") / "secrets.json"


def _read(path: Path) -> dict[str, dict[str, dict[str, str | None]]]:
    try:
        loaded: dict[str, dict[str, dict[str, str | None]]] = json.loads(path.read_text("utf-8"))
        return loaded
    except FileNotFoundError:
        return {}
    except (ValueError, OSError) as error:
        raise LabError(
            "the file of camera passwords {path} can't be read ({kind}); repair or delete it",
            path=str(path),
            kind=type(error).__name__,
        ) from None


def _change(lab_id: str, slug: str, entry: dict[str, str | None] | None) -> None:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(path.with_suffix(".lock"), timeout=10):
        known = _read(path)
        mine = known.setdefault(lab_id, {})
        if entry is None:
            mine.pop(slug, None)
        else:
            mine[slug] = entry
        with atomic_file(path) as file:
            file.path.chmod(0o600)
            file.write(json.dumps(known).encode())
