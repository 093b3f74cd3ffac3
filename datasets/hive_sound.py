"""Twelve seconds at a hive: the hum of wings, one queen toots, another quacks.

The hum lies at 190-250 Hz with its harmonics; toots at 400 Hz open with a long pulse and
go on with short ones, quacks are short and lie at 350 Hz. ``truth.json`` says when and at
which frequency each pulse sounds.

    python datasets/hive_sound.py FOLDER
"""

from __future__ import annotations

import json
import sys
import wave
from pathlib import Path

import numpy as np
from field_sounds import edged, hive, tone

SR = 16000
DURATION_S = 12.0
TOOT_HZ, QUACK_HZ = 400.0, 350.0
TOOT = [(2.0, 1.0), (3.3, 0.25), (3.8, 0.25), (4.3, 0.25), (4.8, 0.25)]
QUACK = [(7.0, 0.16), (7.5, 0.16), (8.0, 0.16), (8.5, 0.16), (9.0, 0.16), (9.5, 0.16)]


def make(folder: Path) -> None:
    """Write ``hive.wav`` and ``truth.json`` into `folder`."""
    sound = 0.05 * hive(int(SR * DURATION_S), SR, np.random.default_rng(7))
    events = []
    for label, hz, pulses in (("toot", TOOT_HZ, TOOT), ("quack", QUACK_HZ, QUACK)):
        for start, length in pulses:
            hertz = np.full(int(length * SR), hz)
            pulse = sum(tone(k * hertz, SR) / k for k in (1, 2, 3))
            begin = int(start * SR)
            sound[begin : begin + len(pulse)] += 0.18 * edged(pulse, SR, 0.02, 0.02)
            end = round(start + length, 3)
            events.append({"label": label, "start": start, "end": end, "peak_hz": hz})
    with wave.open(str(folder / "hive.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SR)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    truth = {"sr": SR, "duration_s": DURATION_S, "hum_hz": [190, 250], "events": events}
    (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    make(target)
