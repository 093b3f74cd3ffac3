"""From rows of power to spans, page by page, with no more than two minutes of rows at hand.

A page (10 s) is worked on once as much of what follows is there as its statistics need.
Nothing but the absolute number of a page and the rows around it decides what is found.
"""

from __future__ import annotations

import numpy as np

from octolab.audio.events.background import Rows, excess_db, usual
from octolab.audio.events.layout import Layout
from octolab.audio.events.methods import WAYS
from octolab.audio.events.settings import Settings
from octolab.audio.events.spans import Overlap, Span
from octolab.audio.events.template import Template, likeness, matches
from octolab.errors import BadInput


def rows_before(lay: Layout) -> int:
    """How many rows before a page have a say in what is found in it: whole pages."""
    return _floor_pages(lay) * lay.page + lay.notice


def rows_needed(lay: Layout, end: int) -> int:
    """Up to which row all have a say in what is found before row `end`."""
    return _floor_reach(lay) + max(end + lay.notice // 2, lay.notice)


def _floor_pages(lay: Layout) -> int:
    return -(-(lay.floor + 2 * lay.step) // lay.page)


def _floor_reach(lay: Layout) -> int:
    return lay.floor // 2 + 2 * lay.step


class Pages:
    """Takes rows of power and gives the spans of pages that are complete.

    `first` is the number of the first row, 0 or that of a page. Spans are found from row
    `begin` to row `end`; `begin` must be a page, and `rows_before` it unless they go back to 0.
    """

    def __init__(
        self,
        lay: Layout,
        settings: Settings,
        template: Template | None,
        first: int = 0,
        begin: int = 0,
        end: int | None = None,
    ) -> None:
        if settings.method == "template" and template is None:
            raise BadInput("detection by template needs an example")
        self._lay = lay
        self._settings = settings
        self._template = template if settings.method == "template" else None
        self._way = WAYS["bands" if self._template else settings.method]
        bands = len(lay.edges) - 1
        later = first + _floor_pages(lay) * lay.page if first else 0
        self._power = Rows(bands, first)
        self._excess = Rows(bands, later)
        self._values: Rows | None = None
        self._usual: tuple[np.ndarray, np.ndarray] | None = None  # at the row `done`
        self.done = begin
        self._stop = end
        self._ended = False

    @property
    def overlap(self) -> Overlap:
        """What becomes of spans that overlap."""
        return "best" if self._template else self._way.overlap

    def take(self, rows: np.ndarray) -> list[Span]:
        """Take the next rows; the spans found, up to row `done`, by time."""
        self._power.append(rows)
        return self._advance()

    def finish(self) -> list[Span]:
        """Find what is left: the sound has ended."""
        self._ended = True
        return self._advance()

    def _advance(self) -> list[Span]:
        found: list[Span] = []
        lay = self._lay
        while end := self._page(self._excess.end, self._power.end, _floor_reach(lay), lay.floor):
            self._look(end)
        while end := self._page(self.done, self._excess.end, lay.notice // 2, lay.notice):
            if self._stop is not None and self.done >= self._stop:
                break
            found += self._find(end)
        return found

    def _page(self, begin: int, known: int, reach: int, least: int) -> int:
        """Where the page that begins at a row ends; 0 if too few rows are known for it yet.

        It takes `reach` rows after the page, and `least` rows from the beginning of the sound.
        """
        end = begin + self._lay.page
        if self._ended:
            return min(end, known) if begin < known else 0
        return end if max(end + reach, least) <= known else 0

    def _look(self, end: int) -> None:
        """Measure one page against its floor."""
        lay, first = self._lay, self._excess.end
        excess = excess_db(self._power, first, end, lay, self._settings.floor_share)
        self._excess.append(excess)
        if self._template is None:
            values = self._way.values(self._power, excess, first, lay, self._settings)
            if self._values is None:
                self._values = Rows(values.shape[1], first)
            self._values.append(values)
        self._power.forget(end - lay.page - lay.floor - 2 * lay.step)

    def _find(self, end: int) -> list[Span]:
        """Find the spans of one page."""
        lay, first = self._lay, self.done
        if self._template is not None:
            excess = self._excess.view(first, end + self._template.rows)
            score = likeness(self._template, excess, end - first)
            found = matches(self._template, score, self._excess, first, lay, self._settings)
        else:
            unusual = self._unusual(first, end)
            found = self._way.find(unusual, self._excess, first, lay, self._settings)
        spans = list(found)
        self.done = end
        for rows in (self._excess, self._values):
            if rows is not None:
                rows.forget(end - lay.notice)
        return spans

    def _unusual(self, first: int, end: int) -> np.ndarray:
        """By how many spreads each value is above what is usual."""
        assert self._values is not None
        lay = self._lay
        median, spread = self._usual or usual(self._values, first, lay, self._way.least)
        self._usual = usual(self._values, first + lay.page, lay, self._way.least)
        share = (np.arange(end - first) / lay.page).astype(np.float32)[:, None]
        unusual = self._values.view(first, end) - (median + share * (self._usual[0] - median))
        unusual /= spread + share * (self._usual[1] - spread)
        return np.asarray(unusual)
