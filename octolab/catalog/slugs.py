"""Short ASCII names for file paths and addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_LONGEST = 60
_TABLE = """
а=a б=b в=v г=g д=d е=e ё=yo ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh
ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya і=i ї=yi є=ye ґ=g ў=u ј=j љ=lj њ=nj ћ=c џ=dz ђ=dj
"""
_CYRILLIC = {letter: latin for letter, _, latin in (p.partition("=") for p in _TABLE.split())}


def slug(name: str, fallback: str) -> str:
    """Turn a name into ``[a-z0-9-]``: "Камера 3" becomes "kamera-3".

    Examples
    --------
    >>> slug("Bench №3 / left", "camera")
    'bench-no3-left'
    >>> slug("«»", "camera")
    'camera'
    """
    composed = unicodedata.normalize("NFC", name).casefold()
    latin = "".join(_CYRILLIC.get(letter, letter) for letter in composed)
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-") or fallback


def unique(wanted: str, taken: Callable[[str], bool]) -> str:
    """The slug itself, or with the first free number behind it."""
    if not taken(wanted):
        return wanted
    number = 2
    while taken(f"{wanted}-{number}"):
        number += 1
    return f"{wanted}-{number}"
