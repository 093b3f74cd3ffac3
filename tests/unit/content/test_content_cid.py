"""CIDs against independent implementations and published vectors."""

from __future__ import annotations

import hashlib
from pathlib import Path

import aleph_cid
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octolab.content import PROFILES, Cid, CidStream, bytes_cid, file_cid, parse_cid
from octolab.errors import BadInput

MIB = 1 << 20
SIZES = [0, 1, MIB // 4 - 1, MIB // 4, MIB // 4 + 1, MIB - 1, MIB, MIB + 1, 5 * MIB + 12345]
TALL = 45 * MIB + 1  # more than 174 chunks of 256 KiB: two levels of nodes

# made with npm ipfs-unixfs-importer 17 from the bytes of `sample`
IMPORTER = {
    "unixfs-v1-2025": {
        1: "bafkreifb7tsdmocu76eiz72lrz4hlvqayjuchecbfkgppgzx2cyrcsfq7i",
        MIB - 1: "bafkreie4qu7e5nx2s7qv2tuzigr72buwyvmgaz326ys43fgck4iqylrqk4",
        MIB: "bafkreifwvpkaxepsdtbeo7hwexwps6oq7apb2hxtlnv4vyxkiy2enqhghi",
        MIB + 1: "bafybeietn2xztoj76yziqphsxzofl5oivwhrz5x2kswv676a53iw5ca6le",
        5255225: "bafybeifjp3wh4zo5cownmwgsnc45unkv6azcf7r6g3ridjzb6hs2q3tjk4",
        TALL: "bafybeibe2cvjnma4jijrqeaeggktejetullj5vr5iyo3czbkjrgbaej6b4",
    },
    "kubo-cidv1": {
        MIB: "bafybeigohiym3mlfigz7icdw7ttmu77bi3toajqk76efipzlepstlypina",
        TALL: "bafybeid6pko3z6nfqsoqpdcnnapzfuq5hhpnfp5erhwzlhgv2chmluznam",
    },
    "unixfs-v0-2015": {
        MIB: "QmWURQa68yrz5gELPVJgZJe7iTqpq2pVKJLyFdcAdTApBS",
        TALL: "Qmc5B5gpMcUa1zX38h7B4izvNcHQxYoqp6mNmEmy8zwL7J",
    },
}
# what the IPFS documentation and everybody's node say
PUBLISHED = [
    ("unixfs-v1-2025", b"", "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"),
    (
        "unixfs-v1-2025",
        b"hello world",
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
    ),
    ("unixfs-v0-2015", b"", "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"),
    ("unixfs-v0-2015", b"hello world", "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD"),
    ("unixfs-v0-2015", b"hello world\n", "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"),
]


def sample(size: int) -> bytes:
    return hashlib.shake_128(b"octolab").digest(size)


def aleph(data: bytes, profile: str) -> str:
    hasher = {
        "unixfs-v0-2015": aleph_cid.CidHasher.for_ipfs,
        "kubo-cidv1": aleph_cid.CidHasher.for_ipfs_v1_raw_leaves,
    }[profile]()
    hasher.update(data)
    return hasher.finalize()


@pytest.mark.parametrize(("profile", "data", "cid"), PUBLISHED)
def test_published_vectors_come_out(profile, data, cid):
    assert bytes_cid(data, profile) == cid


@pytest.mark.parametrize("profile", ["kubo-cidv1", "unixfs-v0-2015"])
@pytest.mark.parametrize("size", [*SIZES, TALL])
def test_a_cid_equals_that_of_aleph_cid(profile, size):
    data = sample(size)
    assert bytes_cid(data, profile) == aleph(data, profile)


@pytest.mark.parametrize("size", [0, 1, MIB // 4])
def test_one_raw_block_has_the_same_cid_whatever_the_chunk(size):
    data = sample(size)
    assert bytes_cid(data) == aleph(data, "kubo-cidv1")


@pytest.mark.parametrize("profile", list(IMPORTER))
def test_a_cid_equals_that_of_the_javascript_importer(profile):
    assert {size: bytes_cid(sample(size), profile) for size in IMPORTER[profile]} == IMPORTER[
        profile
    ]


def test_a_file_of_more_than_1024_chunks_has_the_importers_cid():
    stream, chunk = CidStream(), bytes(MIB)
    for _ in range(1024):
        stream.update(chunk)
    stream.update(b"\0")
    assert stream.cid() == "bafybeigx4uyebjbq65346xh6cjrt6yshbdudzudhnqecwbzvymslxj7gje"


@pytest.mark.parametrize("profile", list(PROFILES))
def test_a_file_has_the_cid_of_its_bytes(profile, tmp_path: Path):
    path = tmp_path / "имя с 'кавычками'.bin"
    path.write_bytes(sample(3 * MIB + 7))
    assert file_cid(path, profile) == bytes_cid(path.read_bytes(), profile)


@given(st.lists(st.integers(1, 700_000), min_size=1, max_size=8), st.sampled_from(list(PROFILES)))
def test_the_cid_does_not_depend_on_how_the_bytes_come(pieces, profile):
    data = sample(sum(pieces))
    stream, start = CidStream(profile), 0
    for piece in pieces:
        stream.update(memoryview(data)[start : start + piece])
        start += piece
    assert stream.cid() == bytes_cid(data, profile)
    assert stream.size == len(data)


def test_nothing_can_be_added_once_the_cid_was_taken():
    stream = CidStream()
    stream.update(b"abc")
    assert stream.cid() == stream.cid()
    with pytest.raises(BadInput, match="taken already"):
        stream.update(b"d")


def test_an_unknown_profile_is_named():
    with pytest.raises(BadInput, match="no CID profile 'v3'; there are unixfs-v1-2025"):
        bytes_cid(b"", "v3")


def test_a_missing_file_is_a_missing_file(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        file_cid(tmp_path / "gone")


def test_a_folder_has_no_file_cid(tmp_path: Path):
    with pytest.raises(BadInput, match="can't be read"):
        file_cid(tmp_path)


@pytest.mark.parametrize("profile", list(PROFILES))
@pytest.mark.parametrize("size", [0, 3, 2 * MIB])
def test_a_cid_reads_back_from_its_text(profile, size):
    text = bytes_cid(sample(size), profile)
    cid = parse_cid(text)
    assert str(cid) == text
    assert cid.version == (0 if profile == "unixfs-v0-2015" else 1)
    assert cid.codec == (0x55 if text.startswith("bafkrei") else 0x70)


def test_all_usual_spellings_of_a_cid_are_one_cid():
    text = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
    cid = Cid(1, 0x55, hashlib.sha256(b"hello world").digest())
    spellings = [
        text,
        text.upper(),
        f"ipfs://{text}",
        f"/ipfs/{text}\n",
        "f" + cid.bytes.hex(),
        "zb2rhj7crUKTQYRGCRATFaQ6YFLTde2YzdqbbhAASkL9uRDXn",
    ]
    assert {parse_cid(spelling) for spelling in spellings} == {cid}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "b",
        "hello world, this is no CID",
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5",
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5eaa",
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n51",
        "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyf0",
        "f0170",
        "fff",
        "k2k4r8l",
        "../../etc/passwd",
        "bafy" * 10_000,
    ],
)
def test_what_is_no_cid_is_refused(text):
    with pytest.raises(BadInput, match="is not a CID"):
        parse_cid(text)


@given(st.text(max_size=80))
def test_any_text_is_a_cid_or_bad_input(text):
    try:
        cid = parse_cid(text)
    except BadInput:
        return
    assert parse_cid(str(cid)) == cid
