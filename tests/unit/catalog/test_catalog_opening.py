"""Opening: new, again, older, newer, damaged, not a catalog, no room."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from octolab.catalog import Catalog, Query, opening
from octolab.catalog.bits import BLOCK, DAY, MARK
from octolab.catalog.opening import config, differences, told
from octolab.catalog.tables import HEAD, artifact, bitmap
from octolab.errors import BadInput, LabError

ROOT = Path(__file__).parents[3]


def contents(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def run(code: str, *args: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )


def test_the_migrations_make_exactly_the_tables_we_use(catalog: Catalog, place: str):
    engine = sa.create_engine(place if "://" in place else f"sqlite:///{place}")
    assert differences(engine) == []
    engine.dispose()


def test_the_head_of_the_migrations_is_the_one_we_name():
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(config()).get_current_head() == HEAD


def test_a_closed_catalog_is_one_file(tmp_path: Path, make):
    folder = tmp_path / "теплица 'A' #1"
    catalog = Catalog.open(folder / "lab.db")
    kept = catalog.add_artifact(make())
    number = catalog.lab_id
    catalog.close()
    assert [path.name for path in folder.iterdir()] == ["lab.db"]
    again = Catalog.open(str(folder / "lab.db"))
    assert again.find(Query()) == [kept]
    assert again.lab_id == number
    again.close()


def test_a_catalog_may_be_named_by_url(tmp_path: Path, make):
    catalog = Catalog.open(f"sqlite:///{tmp_path / 'lab.db'}")
    assert catalog.add_artifact(make()).id == 1
    catalog.close()


def test_two_processes_may_create_it_at_once(tmp_path: Path):
    code = (
        "import sys; from octolab.catalog import Catalog; print(Catalog.open(sys.argv[1]).lab_id)"
    )
    children = [run(code, tmp_path / "lab.db") for _ in range(4)]
    told = {child.communicate(timeout=120)[0] for child in children}
    assert [child.returncode for child in children] == [0] * 4
    assert len(told) == 1


def test_an_empty_file_becomes_a_catalog(tmp_path: Path):
    (tmp_path / "lab.db").touch()
    catalog = Catalog.open(tmp_path / "lab.db")
    assert catalog.count(Query()) == 0
    catalog.close()


def test_an_older_catalog_is_brought_up_to_date(catalog: Catalog, place: str, make):
    early = datetime(1969, 12, 31, 23, 59, tzinfo=UTC)
    catalog.add_artifact(make(captured_at=early, kind="clip", source="bench-3", tags=("a", "b")))
    catalog.add_artifact(make(1, source="hive", tags=("a",)))
    catalog.add_artifacts([make(2), make(3, tags=("a", "b"))])
    with catalog.write() as connection:  # one in another block
        row = connection.execute(sa.select(artifact).where(artifact.c.id == 2)).mappings().one()
        far = {"id": 2 * BLOCK, "path": "far", "cid": "bafkreifar"}
        connection.execute(sa.insert(artifact).values({**row, **far}))
    catalog.gallery("Growth", create=True)
    catalog.add_to_gallery("growth", [1, 3, 2 * BLOCK])
    catalog.add_tags([2 * BLOCK], ["b"])
    catalog.delete([4])
    all_bits = sa.select(bitmap).where(bitmap.c.bits != b"").order_by(*bitmap.primary_key)
    with catalog.write() as connection:
        before = connection.execute(all_bits).all()
        bitmap.drop(connection)
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0002'"))
    again = Catalog.open(place)
    with again.read() as connection:
        assert connection.execute(all_bits).all() == before
    again.close()
    assert {(row.about, row.block) for row in before} >= {(MARK, 0), (MARK, 2), (DAY, 2)}


def test_a_newer_catalog_is_left_as_it_is(tmp_path: Path, make):
    path = tmp_path / "lab.db"
    catalog = Catalog.open(path)
    catalog.add_artifact(make())
    catalog.close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = contents(tmp_path)
    with pytest.raises(LabError, match=r"made by a newer OctoLab .*9999.*; update OctoLab"):
        Catalog.open(path)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("data", [b"x", b"a picture, perhaps" * 100, b"SQLite format 3\0"])
def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path, data):
    (tmp_path / "lab.db").write_bytes(data)
    with pytest.raises(LabError, match="is not an OctoLab catalog"):
        Catalog.open(tmp_path / "lab.db")
    assert contents(tmp_path) == {"lab.db": data}


def test_a_database_of_another_program_is_left_as_it_is(tmp_path: Path):
    connection = sqlite3.connect(tmp_path / "lab.db")
    connection.execute("CREATE TABLE bookmarks (url)")
    connection.commit()
    connection.close()
    before = contents(tmp_path)
    with pytest.raises(LabError, match="is not an OctoLab catalog"):
        Catalog.open(tmp_path / "lab.db")
    assert contents(tmp_path) == before


def test_a_folder_is_no_catalog(tmp_path: Path):
    with pytest.raises(LabError, match="can't be opened"):
        Catalog.open(tmp_path)


@pytest.mark.parametrize("place", [20, 5000, 4096 * 3])
def test_a_damaged_catalog_says_so(tmp_path: Path, make, place):
    path = tmp_path / "lab.db"
    catalog = Catalog.open(path)
    catalog.add_artifacts(make(n) for n in range(200))
    catalog.close()
    data = bytearray(path.read_bytes())
    data[place:] = os.urandom(len(data) - place)
    path.write_bytes(data)
    with pytest.raises(LabError, match="damaged"):
        Catalog.open(path).find(Query())


WRITER = """
import hashlib, sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from octolab.catalog import Catalog, Query
from octolab.model import Artifact
catalog = Catalog.open(sys.argv[1])
gallery = catalog.gallery("Both", create=True).slug
for n in range(500):
    name = f"{sys.argv[2]}-{n}"
    kept = catalog.add_artifact(Artifact(
        id=0, kind="frame", cid="bafkrei" + hashlib.sha256(name.encode()).hexdigest(), path=name,
        media_type="image/jpeg", size=1, captured_at=datetime(2026, 11, 22, tzinfo=UTC)
        + timedelta(seconds=n), source=sys.argv[2], tags=("one", "two"),
    ))
    if n % 10 == 0:
        catalog.add_to_gallery(gallery, [kept.id])
    if n % 25 == 0:
        catalog.find(Query(tags=("one",)))
        catalog.log("info", name)
catalog.close()
print("done")
"""


def test_two_processes_write_five_hundred_artifacts_each_at_once(catalog: Catalog, place: str):
    children = [run(WRITER, place, name) for name in ("bench", "hive")]
    told = [child.communicate(timeout=220)[0] for child in children]
    assert told == ["done\n", "done\n"]
    facets = catalog.facets(Query(tags=("one",)))
    assert facets.by_source == {"bench": 500, "hive": 500}
    assert facets.by_tag == {"one": 1000, "two": 1000}
    assert len({artifact.path for artifact in catalog.find(Query(limit=5000))}) == 1000
    assert catalog.gallery("both").count == 100
    assert len(catalog.logs()) == 40
    before = facets
    catalog.recount()
    assert catalog.facets(Query(tags=("one",))) == before


BRIEF = """
import sys
from datetime import UTC, datetime
from octolab.catalog import Catalog
from octolab.model import Artifact
catalog = Catalog.open(sys.argv[1])
print(catalog.add_artifact(Artifact(
    id=0, kind="frame", cid=sys.argv[2], path=sys.argv[2], media_type="image/jpeg", size=1,
    captured_at=datetime(2026, 11, 22, tzinfo=UTC),
)).id)
catalog.close()
"""


def test_a_catalog_opened_twice_in_a_process_shares_its_log_with_others(tmp_path: Path, make):
    path = tmp_path / "lab.db"
    first = Catalog.open(path)
    assert first.add_artifact(make(1)).id == 1
    second = Catalog.open(path)  # as a notebook cell that is run again does
    told = [run(BRIEF, path, name).communicate(timeout=120)[0] for name in ("a", "b")]
    assert told == ["2\n", "3\n"]
    assert first.add_artifact(make(2)).id == 4
    for catalog in (first, second):
        assert [one.id for one in catalog.find(Query(newest_first=False))] == [2, 3, 1, 4]
    second.close()
    first.close()


def test_many_threads_share_a_catalog(catalog: Catalog, make):
    from concurrent.futures import ThreadPoolExecutor

    def work(worker: int) -> int:
        for n in range(25):
            catalog.add_artifact(make(n, path=f"{worker}-{n}", tags=("t",)))
            catalog.find(Query(tags=("t",), limit=5))
        return worker

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(work, range(8))) == list(range(8))
    assert catalog.count(Query(tags=("t",))) == 200


def test_a_killed_writer_leaves_whole_transactions(tmp_path: Path):
    path = tmp_path / "lab.db"
    Catalog.open(path).close()
    code = WRITER.replace('print("done")', "").replace(
        "    if n % 10 == 0:", "    print(n, flush=True)\n    if n % 10 == 0:"
    )
    child = run(code, path, "bench")
    assert child.stdout is not None
    acknowledged = 0
    for line in child.stdout:
        acknowledged = int(line) + 1
        if acknowledged == 60:
            break
    child.kill()
    child.communicate(timeout=120)
    catalog = Catalog.open(path)
    total = catalog.count(Query())
    assert total >= acknowledged
    assert catalog.facets(Query()).by_tag == {"one": total, "two": total}
    assert len(catalog.find(Query(limit=1000))) == total
    catalog.close()


FULL = """
import resource, sys
from pathlib import Path
from datetime import UTC, datetime, timedelta
from octolab.catalog import Catalog, Query
from octolab.errors import LabError
from octolab.model import Artifact
catalog = Catalog.open(sys.argv[1])
limit = Path(sys.argv[1]).stat().st_size + 100_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
n = 0
try:
    while n < 5000:
        catalog.add_artifact(Artifact(
            id=0, kind="frame", cid=f"bafkrei{n}", path=f"{n}", media_type="image/jpeg", size=1,
            captured_at=datetime(2026, 11, 22, tzinfo=UTC) + timedelta(seconds=n),
            note="x" * 1000, tags=("one",),
        ))
        n += 1
except LabError as error:
    print(n, error)
print(catalog.count(Query()), catalog.facets(Query()).by_tag)
"""


def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost(tmp_path: Path):
    path = tmp_path / "lab.db"
    Catalog.open(path).close()
    first, second = run(FULL, path).communicate(timeout=120)[0].splitlines()
    count = int(first.split()[0])
    assert 0 < count < 5000
    assert "the disk is full" in first or "can't be read or written" in first
    assert second == f"{count} {{'one': {count}}}"
    catalog = Catalog.open(path)
    assert catalog.count(Query()) == count
    catalog.close()


@pytest.mark.parametrize(
    ("said", "told_"),
    [
        ("attempt to write a readonly database", "can't be written: attempt to write"),
        ("database is locked", "in use by another program"),
        ("database or disk is full", "the disk is full"),
        ("database disk image is malformed", "is damaged"),
        ("disk I/O error", "can't be read or written"),
    ],
)
def test_what_the_database_says_is_said_in_our_words(said, told_):
    with pytest.raises(LabError, match=told_) as caught, told("lab.db"):
        raise sqlite3.OperationalError(said)
    assert caught.value.localized("ru") != caught.value.localized("en")


def test_a_database_that_does_not_answer_is_told_without_its_password(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        url = f"postgresql://teacher:s3cret@127.0.0.1:{taken.getsockname()[1]}/lab"
        with pytest.raises(LabError, match=r"teacher:\*\*\*@.*can't be used: .*refused") as caught:
            Catalog.open(url)
    assert "s3cret" not in str(caught.value) + caught.value.localized("ru")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://teacher:s3cret@host:port/lab", "none of a database"),
        ("://s3cret", "none of a database"),
        ("mysql://teacher:s3cret@host/lab", "not in mysql"),
        ("sqlite://", "not in sqlite"),
    ],
)
def test_an_address_of_something_else_is_refused(url, why):
    with pytest.raises(BadInput, match=why) as caught:
        Catalog.open(url)
    assert "s3cret" not in str(caught.value)


def test_what_postgresql_needs_is_named(monkeypatch):
    monkeypatch.setattr(opening, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match="pip install psycopg"):
        Catalog.open("postgresql://127.0.0.1/lab")


def test_a_fault_of_ours_is_not_hidden():
    with pytest.raises(sqlite3.OperationalError, match="malformed JSON"), told("lab.db"):
        raise sqlite3.OperationalError("malformed JSON")
    with pytest.raises(sqlite3.OperationalError, match="no such column"), told("lab.db"):
        raise sqlite3.OperationalError("no such column: x")


def test_a_forked_child_gets_connections_of_its_own(catalog: Catalog, make):
    catalog.add_artifact(make(0))
    child = os.fork()
    if child == 0:
        try:
            catalog.add_artifact(make(1))
            os._exit(0 if catalog.count(Query()) == 2 else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert catalog.count(Query()) == 2
