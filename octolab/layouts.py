"""Channel layouts of libav, kept from crashing PyAV.

Channels in an order of their own, as QuickTime and AAC can have them, lie in memory that
belongs to the frame or the decoder; PyAV 18.1 frees it together with its `AudioLayout`, so
that it is freed twice and the process dies. Such a layout is found by its name, never let
go, and refused.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from octolab.errors import BadInput

if TYPE_CHECKING:
    from av import AudioLayout


def channel_count(layout: AudioLayout, name: str) -> int:
    """How many channels a layout has.

    Parameters
    ----------
    layout : av.AudioLayout
        Of a frame or a stream; to be looked at here before anywhere else.
    name : str
        The file's, for the error.

    Raises
    ------
    BadInput
        If the channels are in an order of their own.
    """
    if " channels (" in layout.name:  # "8 channels (FL+FR+…)", not "7.1"
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(layout))
        raise BadInput(
            "the channels of {name} are in an unusual order; convert it to WAV or FLAC first",
            name=name,
        )
    return layout.nb_channels
