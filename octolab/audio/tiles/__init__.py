"""A sound of any length as a pyramid of small pictures, made once in one pass.

Level 0 has columns of about 171 ms; each level above pools two columns into one, until the
whole sound fits one tile of 512 columns. A column holds the mean and the highest power of
each of 128 mel bands and the lowest and highest sample. Finer pictures are made on demand
from the file (`detail_tile`).
"""

from __future__ import annotations

from octolab.audio.tiles.details import LONGEST_S, detail_power, detail_tile, detail_wave
from octolab.audio.tiles.grid import COLUMNS, ROWS, grid_for
from octolab.audio.tiles.making import estimate, make_tiles
from octolab.audio.tiles.pack import Tiles, TilesInfo, open_tiles
from octolab.audio.tiles.segments import wav_segment
from octolab.audio.tiles.sharing import SharedSound

__all__ = [
    "COLUMNS",
    "LONGEST_S",
    "ROWS",
    "SharedSound",
    "Tiles",
    "TilesInfo",
    "detail_power",
    "detail_tile",
    "detail_wave",
    "estimate",
    "grid_for",
    "make_tiles",
    "open_tiles",
    "wav_segment",
]
