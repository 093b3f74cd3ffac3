"""A panel: what a widget's view can ask for, and what it is told. No Jupyter in it.

A view calls *actions* by name with plain JSON and binary buffers and gets an `Answer`; a
panel may *push* events to its views at any time. Panels are called from several threads.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from octolab.errors import BadInput, OctolabError
from octolab.i18n import current_language, messages, translate
from octolab.model import Observed

if TYPE_CHECKING:
    from octolab.lab import Lab

logger = logging.getLogger("octolab.widgets")

Buffers = Sequence[bytes | memoryview]
Push = Callable[[str, str, Any, Buffers], None]
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Answer:
    """What an action gives back: plain JSON and the bytes that go with it."""

    data: Any = None
    buffers: Buffers = ()


def action(function: F) -> F:
    """Let views call this method; where its name is a keyword, ``_`` is put after it."""
    function.is_action = True  # type: ignore[attr-defined]
    return function


class Panel:
    """The kernel's half of a widget.

    Attributes
    ----------
    name : str
        What views address it by.
    topics : frozenset of str
        The topics of the catalog whose changes concern it.
    language : str
        What its texts are in.
    """

    name: ClassVar[str]
    topics: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.language = current_language()
        self._push: Push | None = None
        self._watched: Callable[[], bool] = lambda: True

    def attach(self, push: Push, watched: Callable[[], bool]) -> None:
        """Connect it to its views; `watched` says whether any is there."""
        self._push = push
        self._watched = watched

    def push(self, event: str, data: Any = None, buffers: Buffers = ()) -> None:
        """Tell all views something."""
        if self._push is not None:
            self._push(self.name, event, data, buffers)

    def act(self, name: str, args: Mapping[str, Any], buffers: Buffers = ()) -> Answer:
        """Do what a view asks for.

        Raises
        ------
        OctolabError
            What went wrong; anything unforeseen becomes one too.
        """
        method = getattr(type(self), f"{name}_" if iskeyword(name) else name, None)
        if not getattr(method, "is_action", False):
            raise BadInput("{panel} has no action {name!r}", panel=self.name, name=name)
        known = dict(args)
        if "buffers" in inspect.signature(method).parameters:
            known["buffers"] = buffers
        try:
            found = method(self, **known)
        except OctolabError:
            raise
        except Exception as error:
            logger.exception("%s.%s failed", self.name, name)
            raise OctolabError(
                "{action} failed: {error}",
                action=f"{self.name}.{name}",
                error=str(error) or type(error).__name__,
            ) from error
        return found if isinstance(found, Answer) else Answer(found)

    def refresh(self, topics: frozenset[str]) -> None:
        """Something of these topics has changed in the catalog."""

    def looked_at(self) -> None:
        """Somebody looks again, or for the first time."""

    def text(self, message: str, **values: Any) -> str:
        """A text in the language of the views."""
        return translate(message, language=self.language, **values)

    def spoken(self, seen: Observed) -> Observed:
        """What a source does, told in the language of the views."""
        return replace(
            seen, detail=self.text(seen.reason, **seen.values) if seen.reason else seen.detail
        )

    def word(self, name: str) -> str:
        """A title in the language of the views, if there is a translation; never a template."""
        return messages(self.language).get(name, name)

    def close(self) -> None:
        """End what runs for the views."""
