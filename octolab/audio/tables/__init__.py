"""Tables of marks in sounds: read from and written for the programs that people use.

Each format is a module with ``encode`` and ``decode`` between bytes and `Sheet`; see
`octolab.audio.tables.formats` for all of them.
"""

from octolab.audio.tables.formats import (
    FORMATS,
    Format,
    decode_table,
    format_named,
    format_of,
    read_table,
    write_table,
)
from octolab.audio.tables.sheet import Mark, Sheet, SoundFile, identifiers, iso, moment_of

__all__ = [
    "FORMATS",
    "Format",
    "Mark",
    "Sheet",
    "SoundFile",
    "decode_table",
    "format_named",
    "format_of",
    "identifiers",
    "iso",
    "moment_of",
    "read_table",
    "write_table",
]
