"""The catalog of a lab: when, where, by what, with which analyses, tags and CIDs.

One SQLite file (or a PostgreSQL database, by URL). Everything is asked of a `Catalog`;
data goes in and comes out as the dataclasses of `octolab.model`.
"""

from __future__ import annotations

from pathlib import Path

from octolab.catalog.annotations import Annotations
from octolab.catalog.opening import open_engine
from octolab.catalog.query import Query
from octolab.catalog.records import CidOrder, CidRow, Records
from octolab.catalog.words import tag_names

__all__ = ["Catalog", "CidOrder", "CidRow", "Query", "tag_names"]


class Catalog(Annotations, Records):
    """A lab's catalog; safe to use from many threads and processes at once.

    Every method that changes something does so in one transaction. Use `Catalog.open`.
    """

    @classmethod
    def open(cls, place: str | Path) -> Catalog:
        """Open a catalog, making or migrating it if need be.

        Parameters
        ----------
        place : str or Path
            A file, or a database URL.

        Raises
        ------
        LabError
            If it is newer than this program, damaged, no catalog, or can't be written; it is
            left as it was. So is one in PostgreSQL that does not answer.
        BadInput
            If it is the URL of something else.
        """
        return cls(*open_engine(place))
