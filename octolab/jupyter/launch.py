"""Open the workbench in Voila, or the labs in JupyterLab; both end with Ctrl-C."""

from __future__ import annotations

import atexit
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from pathlib import Path
from typing import Any

from octolab import resources
from octolab.errors import BadInput, Unavailable
from octolab.i18n import current_language, translate
from octolab.jupyter.pages import page_data
from octolab.jupyter.paths import add_jupyter_path

WORKBENCH = "dashboards/workbench.ipynb"
QUICKSTART = "labs/01_quickstart.ipynb"
PICTURES_PER_SECOND = 2000.0
STREAM_BYTES_PER_SECOND = 1e8
IDLE_KERNEL_S = 30 * 60


def open_workbench(
    lab_path: str | os.PathLike[str],
    *,
    port: int = 0,
    browser: bool = True,
    token: str | None = None,
    base_url: str = "/",
    warm_kernels: int = 1,
) -> None:
    """Serve the dashboards and labs with Voila until Ctrl-C.

    The pages can be used but not programmed. A kernel with the workbench in it is kept
    warm, so that the page opens at once.

    Parameters
    ----------
    lab_path : path-like
        The lab the pages work on.
    port : int
        On 127.0.0.1; 0 takes a free one.
    browser : bool
        Whether to open the workbench in the browser.
    token : str, optional
        Asked of every visitor; ``OCTOLAB_TOKEN``, else one is made and shown once.
    base_url : str
        The path the pages are under, for use behind a proxy.
    warm_kernels : int
        How many visitors find the workbench already running.

    Raises
    ------
    BadInput
        If there is no such port.
    Unavailable
        If the port is taken.
    """
    from octolab.jupyter.voila_app import OctolabVoila

    port = _free_port(port)
    _prepare(lab_path)
    root = resources.notebooks()
    given = token or os.environ.pop("OCTOLAB_TOKEN", "")
    token = given or secrets.token_hex(24)
    app = OctolabVoila(
        config=_voila_config(root, base_url, warm_kernels),
        ip="127.0.0.1",
        port=port,
        port_retries=0,
        base_url=base_url,
        root_dir=str(root),
        token=token,
        start_page=WORKBENCH,
        open_browser=browser,
    )
    app.initialize([])
    _warm_in_background()
    _end_cleanly_on_ctrl_c()
    url = app.page_url.removesuffix(f"?token={token}") if given else app.page_url
    _announce(url, translate("The workbench is open at"))
    app.start()


def open_lab(
    lab_path: str | os.PathLike[str],
    *,
    port: int = 0,
    browser: bool = True,
    token: str | None = None,
) -> None:
    """Open JupyterLab in the lab's folder, at the quickstart, until Ctrl-C.

    The notebooks that come with OctoLab are copied into ``notebooks/`` of the lab when
    they are not there; a user's own changes stay.

    Parameters
    ----------
    lab_path : path-like
        The lab; JupyterLab shows its folder.
    port : int
        On 127.0.0.1; 0 takes a free one.
    browser : bool
        Whether to open the browser.
    token : str, optional
        Asked of every visitor; ``OCTOLAB_TOKEN``, else one is made and shown once.

    Raises
    ------
    BadInput
        If there is no such port.
    Unavailable
        If the port is taken.
    """
    import voila  # noqa: F401
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]

    port = _free_port(port)
    lab = _prepare(lab_path)
    _warm_in_background()
    resources.copy_notebooks(lab / "notebooks")
    given = token or os.environ.pop("OCTOLAB_TOKEN", "")
    token = given or secrets.token_hex(24)
    start = f"/lab/tree/notebooks/{QUICKSTART}"
    url = f"http://127.0.0.1:{port}{start}" + ("" if given else f"?token={token}")
    _announce(url, translate("JupyterLab is open at"))
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": str(lab),
        "ServerApp.open_browser": browser,
        "ServerApp.allow_root": True,
        "ServerApp.log_level": "WARN",
        "ServerApp.jpserver_extensions": "{'octolab.jupyter': True}",
        "ZMQChannelsWebsocketConnection.iopub_data_rate_limit": STREAM_BYTES_PER_SECOND,
        "IdentityProvider.token": token,
        "LabApp.default_url": start,
        "LabApp.log_level": "WARN",
    }
    # voila has what is deprecated shown; that is for Jupyter's developers, not for users
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="traitlets")
    with tempfile.TemporaryDirectory(prefix="octolab-") as folder:
        _prefer_settings(Path(folder))
        server = LabApp.initialize_server([f"--{name}={value}" for name, value in options.items()])
        _end_cleanly_on_ctrl_c()
        server.start()


def _end_cleanly_on_ctrl_c() -> None:
    """Let Ctrl-C do what SIGTERM does: stop the loop, not break off whatever runs just now."""
    signal.signal(signal.SIGINT, signal.getsignal(signal.SIGTERM))


def _prefer_settings(folder: Path) -> None:
    """JupyterLab in the user's language and without its question about news."""
    settings = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
    if current_language() == "ru":
        settings["@jupyterlab/translation-extension:plugin"] = {"locale": "ru_RU"}
    (folder / "labconfig").mkdir()
    (folder / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(settings))
    known = os.environ.get("JUPYTER_CONFIG_PATH", "")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [str(folder), known]))


def _warm_in_background() -> None:
    """Compile what the first sound needs while the page loads, out of everything else's way.

    It ends with this process at the latest.
    """
    warming = subprocess.Popen(
        [sys.executable, "-c", "import os; os.nice(19); from octolab.audio import warm; warm()"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    atexit.register(warming.kill)
    threading.Thread(target=warming.wait, daemon=True).start()


def _prepare(lab_path: str | os.PathLike[str]) -> Path:
    """Tell the kernels which lab it is, in which language to speak, where templates are.

    Cameras go on with what they did before a reboot.
    """
    from octolab.lab import Lab

    lab = Path(lab_path).expanduser().resolve()
    lab.mkdir(parents=True, exist_ok=True)
    os.environ["OCTOLAB_LAB"] = str(lab)
    os.environ["OCTOLAB_LANG"] = current_language()
    add_jupyter_path()
    if (lab / "lab.db").is_file():
        with Lab(lab) as opened:
            opened.wake()
    return lab


def _voila_config(root: Path, base_url: str, warm_kernels: int) -> Any:
    return _config(
        VoilaConfiguration={
            "template": "octolab",
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
            "file_allowlist": [],
            "extension_allowlist": [
                "@jupyter-widgets/jupyterlab-manager",
                "@voila-dashboards/widgets-manager8",
                "anywidget",
            ],
            "preheat_kernel": warm_kernels > 0,
            "default_pool_size": warm_kernels,
            "show_tracebacks": False,
            "resources": {
                "octolab": {"page": page_data(root, base_url)},
                "language_code": current_language(),
            },
        },
        VoilaKernelManager={"preheat_denylist": ["labs/"], "fill_delay": 3.0},
        MappingKernelManager={
            "cull_idle_timeout": IDLE_KERNEL_S,
            "cull_interval": 60,
            "cull_connected": False,
        },
        ZMQChannelsWebsocketConnection={
            "iopub_msg_rate_limit": PICTURES_PER_SECOND,
            "iopub_data_rate_limit": STREAM_BYTES_PER_SECOND,
        },
        KernelManager={"transport": _transport()},
        Voila={"log_level": "ERROR"},
    )


def _transport() -> str:
    """Sockets only this user can read, where their paths are short enough to be allowed."""
    short = len(tempfile.gettempdir()) < 40
    return "ipc" if os.name == "posix" and short else "tcp"


def _config(**sections: dict[str, Any]) -> Any:
    from traitlets.config import Config

    return Config(sections)


def _free_port(wanted: int) -> int:
    """The port, after a look whether it is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OverflowError:
            raise BadInput("{port} is no port: a number from 0 to 65535", port=wanted) from None
        except OSError as error:
            raise Unavailable("port {port} is taken; choose another", port=wanted) from error
        return int(probe.getsockname()[1])


def _announce(url: str, text: str) -> None:
    """Show the address, with the token when it was made just now."""
    print(f"{text}\n    {url}\n{translate('Ctrl-C ends it.')}", file=sys.stderr, flush=True)
