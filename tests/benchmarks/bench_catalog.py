"""A catalog of 1,000,000 named frames with 3 million tags: pages, counts, facets, jumps.

``python tests/benchmarks/bench_catalog.py [FRAMES]``; building it takes a few minutes.
Figures are CPU milliseconds of one call, the median of many.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from _measure import median_s, report

from octolab.catalog import Catalog, Query
from octolab.model import Artifact

FRAMES = 1_000_000
CAMERAS = 10
TAGS = [f"tag {number:02}" for number in range(40)]
START = datetime(2026, 3, 1, tzinfo=UTC)
BATCH = 20_000


def build(catalog: Catalog, frames: int) -> None:
    """One frame a minute from each of ten cameras, each with one to five tags."""
    rng = random.Random(7)
    weights = [1 / (1 + rank) ** 0.7 for rank in range(len(TAGS))]
    cameras = [
        catalog.add_source("camera", f"Bench {number}", "synthetic://plant").slug
        for number in range(CAMERAS)
    ]
    batch = []
    for number in range(frames):
        tags = set(rng.choices(TAGS, weights, k=rng.choice((2, 3, 4, 5))))
        batch.append(
            Artifact(
                id=0,
                kind="clip" if number % 500 == 0 else "frame",
                cid=f"bafkrei{rng.getrandbits(260):052x}"[:59],
                path=f"frames/{number}.jpg",
                media_type="image/jpeg",
                size=200_000,
                captured_at=START + timedelta(minutes=number // CAMERAS, milliseconds=number % 997),
                source=cameras[number % CAMERAS],
                tags=tuple(tags),
                meta={"name": f"IMG_{number:07}.JPG"},
                note="bench three, leaf of a young plant" if number % 5000 == 0 else "",
            )
        )
        if len(batch) == BATCH or number == frames - 1:
            catalog.add_artifacts(batch)
            batch.clear()


def main() -> None:
    """Build, measure, print."""
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else FRAMES
    with tempfile.TemporaryDirectory() as folder:
        catalog = Catalog.open(Path(folder) / "lab.db")
        begin, cpu = time.perf_counter(), time.process_time()
        build(catalog, frames)
        print(
            f"build: {frames:,} frames in {time.perf_counter() - begin:.0f} s, "
            f"{1e6 * (time.process_time() - cpu) / frames:.0f} us CPU a frame in bulk; "
            f"{(Path(folder) / 'lab.db').stat().st_size / 1e6:.0f} MB",
            flush=True,
        )
        days = frames / CAMERAS / 1440
        since = START + timedelta(days=days * 0.2, hours=9, minutes=17)
        until = START + timedelta(days=days * 0.8, hours=21, minutes=3)
        begin = time.process_time()
        catalog.gallery("Growth", create=True)
        catalog.add_to_gallery("growth", range(1, frames + 1, 20))
        print(f"gallery of {frames // 20:,}: {time.process_time() - begin:.1f} s CPU to fill")
        narrow = Query(tags=("tag 03",), sources=("bench-4",), since=since, until=until)
        queries = {
            "tag + camera + dates": narrow,
            "tag + camera + whole days": Query(
                tags=("tag 03",),
                sources=("bench-4",),
                since=since.replace(hour=0, minute=0),
                until=until.replace(hour=0, minute=0),
            ),
            "camera + dates": Query(sources=("bench-4",), since=since, until=until),
            "tag": Query(tags=("tag 00",)),
            "everything": Query(),
            "dates": Query(since=since, until=until),
            "kind": Query(kinds=("clip",)),
            "gallery": Query(gallery="growth"),
            "gallery + tag + camera + dates": replace(
                narrow, gallery="growth", sources=("bench-0",)
            ),
            "two tags + camera + dates": replace(narrow, tags=("tag 00", "tag 03")),
            "gallery + tag": Query(gallery="growth", tags=("tag 00",)),
            "two tags": Query(tags=("tag 00", "tag 01")),
            "two tags + dates": Query(tags=("tag 00", "tag 01"), since=since, until=until),
            "three tags": Query(tags=("tag 00", "tag 01", "tag 02")),
        }

        def ms(name: str, run: object, limit: float) -> None:
            report(name, "CPU", 1e3 * median_s(run), limit, " ms")  # type: ignore[arg-type]

        for name, query in queries.items():
            ms(f"page of 100 by {name}", lambda query=query: catalog.find(query), 5)
        for name, query in queries.items():
            ms(f"count by {name}", lambda query=query: catalog.count(query), 50)
            ms(f"facets by {name}", lambda query=query: catalog.facets(query), 50)
        ms("jump to the middle", lambda: catalog.page(Query(), frames // 2 + 345, 100), 50)
        ms("jump within a tag", lambda: catalog.page(Query(tags=("tag 00",)), frames // 9, 100), 50)
        texts = {
            "no such word": Query(text="nosuchword"),
            "a name": Query(text=f"img_{frames // 3:07}"),
            "a note": Query(text="leaf bench"),
            "what every name has": Query(text="img"),
            "two letters": Query(text="jp"),
            "a common word + tag + camera + dates": replace(narrow, text="img"),
            "a note + tag": Query(text="leaf", tags=("tag 00",)),
        }
        for name, query in texts.items():
            ms(f"page of 100 by text: {name}", lambda query=query: catalog.find(query), 5)
        for name, query in texts.items():
            ms(f"count by text: {name}", lambda query=query: catalog.count(query), 50)
            ms(f"facets by text: {name}", lambda query=query: catalog.facets(query), 50)
        for by in ("at", "note", "pins"):
            ms(f"all CIDs by {by}", lambda by=by: catalog.cid_order(by=by), frames / 150)
        ms("revisions", lambda: [catalog.revisions() for _ in range(10)], 2)
        catalog.close()


if __name__ == "__main__":
    main()
