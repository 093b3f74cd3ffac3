"""The part of the panel of sounds that is made of samples: pictures, waves, sound."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np

from octolab.errors import BadInput, Unavailable
from octolab.lab.sounds import tiles_job
from octolab.widgets.hearing import Heard, tiles_row
from octolab.widgets.panel import Answer, Panel, action
from octolab.widgets.plain import artifact_name

if TYPE_CHECKING:
    from octolab.lab import Lab

AT_ONCE_S = 120.0  # longer sounds are worked on by jobs
LONGEST_AUDIO_S = 30.0
MOST_OPEN = 8
MOST_DETAILS = 400
MOST_PIXELS = 2048

Key = tuple[int, int | None]


class Listening(Panel):
    """Shows sounds and plays them.

    An ``id`` is that of a sound, or of a clip for its sound track. ``channel`` (from 0)
    chooses one; without it, it is the mean of all.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self._lock = threading.Lock()
        self._heard: OrderedDict[Key, Heard] = OrderedDict()
        self._details: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            heard = [*self._heard.values()]
            self._heard.clear()
        for one in heard:
            one.close()

    # --- sounds that are open ---------------------------------------------------------------

    def heard(self) -> list[Heard]:
        """The sounds that are open."""
        with self._lock:
            return [*self._heard.values()]

    def one(self, id: int, channel: int | None = None) -> Heard:
        """A sound, opened when it is not; those that were used longest ago are closed."""
        key = (int(id), None if channel is None else int(channel))
        with self._lock:
            if key in self._heard:
                self._heard.move_to_end(key)
                return self._heard[key]
        item = self.lab.get(key[0])
        if item.kind == "frame":
            raise BadInput("{path} is a picture, not a sound", path=item.record.path)
        opened = Heard(self.lab, item, key[1])
        with self._lock:
            one = self._heard.setdefault(key, opened)
            idle = [key for key, old in self._heard.items() if old.job is None and old is not one]
            for old_key in idle[: max(0, len(self._heard) - MOST_OPEN)]:
                self._heard.pop(old_key).close()
        if one is not opened:
            opened.close()
        return one

    def ready(self, one: Heard) -> None:
        """See to it that its tiles are made, or that a job makes them."""
        with one.making:
            if one.tiles is None and one.job is None:
                self._make(one)

    def _make(self, one: Heard) -> None:
        if one.sound.duration_s <= AT_ONCE_S:
            one.make()
            return
        title = self.text("Spectrogram of {name}", name=artifact_name(one.item.record))
        one.job = tiles_job(self.lab, one.item, title, one.channel)

    def follow(self, one: Heard) -> None:
        """Tell how far the job is that makes tiles, and how it ended."""
        if (job := one.job) is None:
            return
        record = job.record
        known = {"id": one.item.id, "channel": one.channel}
        if record.state in ("queued", "running"):
            share = record.done / record.total if record.total else 0.0
            if share != one.told:
                one.told = share
                self.push("progress", {**known, "share": share})
            return
        one.job = None
        if one.tiles is not None:
            self.push("ready", {**known, "tiles": tiles_row(one.info)})
        else:
            self.push("stopped", {**known, "error": record.error})

    @action
    def cancel(self, id: int, channel: int | None = None) -> None:
        """Stop making its tiles; the next `open` begins anew."""
        if (job := self.one(id, channel).job) is not None:
            job.cancel()

    # --- pictures and sound ---------------------------------------------------------------

    @action
    def tile(self, id: int, level: int, index: int, channel: int | None = None) -> Answer:
        """One tile of the overview: the means above, the peaks below."""
        tiles = self.one(id, channel).tiles
        if tiles is None:
            raise _not_yet()
        data = tiles.tile(int(level), int(index))
        return Answer({"empty": not data}, [data] if data else [])

    @action
    def detail(
        self,
        id: int,
        start_s: float,
        end_s: float,
        low_hz: float,
        high_hz: float,
        columns: int = 512,
        rows: int = 256,
        peaks: bool = False,
        channel: int | None = None,
    ) -> Answer:
        """A finer picture of a part of up to a minute, linear in frequency."""
        from octolab.audio.tiles import detail_tile

        columns, rows = (max(1, min(int(n), MOST_PIXELS)) for n in (columns, rows))
        one = self.one(id, channel)
        info = one.info
        place = (start_s, end_s, low_hz, high_hz, columns, rows, peaks)
        key = (one.item.id, channel, *place, info.db_low, info.db_high)
        with self._lock:
            if (data := self._details.get(key)) is not None:
                self._details.move_to_end(key)
                return Answer(None, [data])
        data = detail_tile(
            one.sound,
            start_s,
            end_s,
            low_hz,
            high_hz,
            columns=columns,
            rows=rows,
            db_low=info.db_low,
            db_high=info.db_high,
            peaks=peaks,
        )
        with self._lock:
            self._details[key] = data
            while len(self._details) > MOST_DETAILS:
                self._details.popitem(last=False)
        return Answer(None, [data])

    @action
    def wave(self, id: int, level: int, index: int, channel: int | None = None) -> Answer:
        """The lowest and highest sample of each of 512 columns; 127 is ``full``, the peak."""
        from octolab.audio.tiles import COLUMNS, detail_wave

        one = self.one(id, channel)
        if (tiles := one.tiles) is not None and level >= 0:
            wave = tiles.wave(int(level), int(index))
        elif level <= 0:
            wave = detail_wave(one.sound, int(level), int(index))
        else:
            raise _not_yet()
        if wave is None:
            return Answer({"empty": True})
        full = one.info.peak or 1.0
        pairs = np.zeros((COLUMNS, 2), np.int8)
        pairs[: len(wave)] = np.rint(wave * (127 / full)).clip(-127, 127)
        return Answer({"empty": False, "columns": len(wave), "full": full}, [pairs.tobytes()])

    @action
    def audio(self, id: int, start_s: float, end_s: float, channel: int | None = None) -> Answer:
        """A piece of up to half a minute to play, as WAV."""
        from octolab.audio.tiles import wav_segment

        if not 0 < end_s - start_s <= LONGEST_AUDIO_S:
            raise BadInput("up to {limit} s are played at once", limit=int(LONGEST_AUDIO_S))
        one = self.one(id, channel)
        y = one.sound.read(round(start_s * one.sound.sr), round(end_s * one.sound.sr))
        return Answer({"sr": one.sound.sr}, [wav_segment(y, one.sound.sr, peak=one.info.peak)])


def _not_yet() -> Unavailable:
    return Unavailable("the overview is still being made; zoom in, or wait")
