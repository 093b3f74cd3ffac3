"""The CID of 300 MB against `hashlib.sha256` of the same bytes, in CPU time."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from _measure import paired, report

from octolab.content import PROFILES, bytes_cid, file_cid, write_car

SIZE = 300_000_000
LIMIT = 1.15


def main() -> None:
    """Print ratios in memory and from a file, for each profile; and that of a CAR."""
    data = hashlib.shake_128(b"octolab").digest(SIZE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data"
        path.write_bytes(data)

        def hash_file() -> None:
            with path.open("rb") as file:
                hashlib.file_digest(file, "sha256")

        for profile in PROFILES:
            memory = paired(lambda p=profile: bytes_cid(data, p), lambda: hashlib.sha256(data))
            report(f"CID in memory, {profile}", "CPU against sha256", memory.ratio, LIMIT)
            file = paired(lambda p=profile: file_cid(path, p), hash_file)
            report(f"CID of a file, {profile}", "CPU against file_digest", file.ratio, LIMIT)
        car = paired(lambda: write_car(path, Path(folder) / "a.car"), hash_file, rounds=3)
        report("writing a CAR", "CPU against file_digest", car.ratio, 2.5)


if __name__ == "__main__":
    main()
