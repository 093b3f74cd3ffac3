"""The grid of interval capture, with a clock that the tests hold."""

from __future__ import annotations

import threading

import pytest

from octolab.server.ticks import Ticker, tick_after

NOON = 1_795_000_000.0


class Clock:
    """Time stands still but for what is slept."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Stop(threading.Event):
    """An event whose waiting moves the clock instead."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.now += timeout or 0.0
        return self.is_set()


def run(interval_s, takes, *, clock, **options):
    """The moments of the takes and the counts of missed ticks; each take lasts as said."""
    moments, missed = [], []
    durations = iter(takes)

    def take(moment):
        moments.append((moment, clock.now))
        clock.now += next(durations, 0.0)
        if len(moments) >= len(takes):
            ticker.stop()

    ticker = Ticker(interval_s, take, missed.append, clock=clock, **options)
    ticker._stopped = Stop(clock)
    ticker.run()
    return moments, missed


@pytest.mark.parametrize(
    ("now", "interval_s", "tick"),
    [
        (0.0, 60, 1),
        (59.9, 60, 1),
        (60.0, 60, 2),
        (61.0, 60, 2),
        (0.3, 0.1, 4),
        (1e9, 0.1, 10**10 + 1),
    ],
)
def test_the_next_tick_lies_after_now(now, interval_s, tick):
    assert tick_after(now, interval_s) == tick


def test_ticks_are_whole_multiples_of_the_interval():
    moments, missed = run(60, [0.5] * 5, clock=Clock(NOON + 17))
    first = (NOON + 17) // 60 * 60 + 60
    assert [moment for moment, _ in moments] == [first + 60 * i for i in range(5)]
    assert all(now == pytest.approx(moment, abs=0.01) for moment, now in moments)
    assert missed == []


def test_slow_takes_do_not_shift_the_grid():
    moments, _ = run(1, [0.9] * 100, clock=Clock())
    assert [moment for moment, _ in moments] == [NOON + 1 + i for i in range(100)]


def test_a_take_longer_than_the_interval_skips_ticks_and_never_bunches():
    moments, missed = run(1, [0.1, 3.5, 0.1, 0.1], clock=Clock())
    assert [moment - NOON for moment, _ in moments] == [1, 2, 5, 6]
    assert missed == [2]


def test_a_machine_that_slept_goes_on_with_the_newest_tick():
    moments, missed = run(10, [0.0, 3600.0, 0.0], clock=Clock(1000.0))
    assert [moment for moment, _ in moments] == [1010, 1020, 4620]
    assert missed == [359]


def test_a_clock_set_back_does_not_stop_the_ticks():
    clock = Clock(100_000.0)

    def back(moment):
        moments.append(moment)
        if len(moments) == 1:
            clock.now -= 50_000
        if len(moments) == 3:
            ticker.stop()

    moments = []
    ticker = Ticker(60, back, lambda count: None, clock=clock)
    ticker._stopped = Stop(clock)
    ticker.run()
    assert moments == [100_020, 50_040, 50_100]


def test_one_may_be_taken_at_once():
    moments, _ = run(60, [0.0] * 2, clock=Clock(NOON + 10), at_once=True)
    assert [moment - NOON for moment, _ in moments] == [10, -NOON % 60]
