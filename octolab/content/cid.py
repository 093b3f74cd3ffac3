"""Content identifiers: their bytes, their text, and back."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from octolab.errors import BadInput

RAW = 0x55
DAG_PB = 0x70
SHA2_256 = 0x12

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONGEST = 512


@dataclass(frozen=True, slots=True)
class Cid:
    """A content identifier.

    ``codec`` says what the block is (0x55 raw bytes, 0x70 dag-pb), ``hash_code`` which
    hash ``digest`` is (0x12 sha2-256). ``str(cid)`` is the usual text: base58 for
    version 0, base32 for version 1.
    """

    version: int
    codec: int
    digest: bytes
    hash_code: int = SHA2_256

    @property
    def bytes(self) -> bytes:
        """The binary form, as found in blocks and CAR files."""
        multihash = varint(self.hash_code) + varint(len(self.digest)) + self.digest
        if self.version == 0:
            return multihash
        return varint(self.version) + varint(self.codec) + multihash

    def __str__(self) -> str:
        return cid_text(self.bytes)


def parse_cid(text: str) -> Cid:
    """Read a CID from its text.

    Parameters
    ----------
    text : str
        Version 0 (``Qm…``) or version 1 in base32, base36, base58 or base16; an
        ``ipfs://`` or ``/ipfs/`` in front is ignored.

    Raises
    ------
    BadInput
        If it is not a CID.
    """
    word = text.strip()
    for prefix in ("ipfs://", "/ipfs/"):
        word = word.removeprefix(prefix)
    try:
        if not 8 <= len(word) <= _LONGEST:
            raise ValueError
        if len(word) == 46 and word.startswith("Qm"):
            binary = _from_digits(word, _BASE58)
        elif word[0] in "bB":
            padded = word[1:].upper() + "=" * (-len(word[1:]) % 8)
            binary = base64.b32decode(padded)
        elif word[0] == "z":
            binary = _from_digits(word[1:], _BASE58)
        elif word[0] in "kK":
            binary = _from_digits(word[1:].lower(), _BASE36)
        elif word[0] in "fF":
            binary = bytes.fromhex(word[1:])
        else:
            raise ValueError
        cid, end = read_cid(binary, 0)
        if end != len(binary):
            raise ValueError
    except (ValueError, binascii.Error):
        shown = word if len(word) <= 80 else word[:77] + "..."
        raise BadInput(
            "{text!r} is not a CID; one looks like bafkrei… or Qm…", text=shown
        ) from None
    return cid


def read_cid(data: bytes | memoryview, start: int) -> tuple[Cid, int]:
    """Read a binary CID at an offset; returns it and where it ends (ValueError if bad)."""
    if data[start : start + 2] == b"\x12\x20":
        end = start + 34
        if len(data) < end:
            raise ValueError("a CID is cut short")
        return Cid(0, DAG_PB, bytes(data[start + 2 : end])), end
    version, at = read_varint(data, start)
    codec, at = read_varint(data, at)
    code, at = read_varint(data, at)
    size, at = read_varint(data, at)
    end = at + size
    if version != 1 or size > 128 or len(data) < end or (code == SHA2_256 and size != 32):
        raise ValueError("not a CID this program understands")
    return Cid(1, codec, bytes(data[at:end]), code), end


def cid_bytes(version: int, codec: int, digest: bytes) -> bytes:
    """The binary CID of a sha2-256 digest."""
    multihash = b"\x12\x20" + digest
    return multihash if version == 0 else bytes((1, codec)) + multihash


def cid_text(binary: bytes) -> str:
    """The usual text of a binary CID."""
    if binary[:2] == b"\x12\x20":
        number, text = int.from_bytes(binary, "big"), ""
        while number:
            number, digit = divmod(number, 58)
            text = _BASE58[digit] + text
        return text
    return "b" + base64.b32encode(binary).decode("ascii").lower().rstrip("=")


def varint(number: int) -> bytes:
    """An unsigned LEB128 integer."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """Read an unsigned LEB128 integer; returns it and where it ends (ValueError if bad)."""
    number = shift = 0
    while True:
        if at >= len(data) or shift > 56:
            raise ValueError("a number is cut short or too long")
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
        shift += 7


def _from_digits(text: str, alphabet: str) -> bytes:
    number, radix = 0, len(alphabet)
    for letter in text:
        number = number * radix + alphabet.index(letter)
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
