"""The errors a caller may want to treat differently.

A message is a template in English (``"{name} is not a picture"``) with its values kept
apart, so that it can be shown in any language and never holds what was not meant to be
shown. It says what happened, to which thing, and what to do.
"""

from __future__ import annotations

from typing import Any

from octolab.i18n import phrase, translate


class OctolabError(Exception):
    """Anything that went wrong and can be told to the user in one line.

    Attributes
    ----------
    message : str
        The English template.
    values : dict
        What fills it in.
    """

    code = "error"
    http_status = 400

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message, values)
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return translate(self.message, **self.values)

    def localized(self, language: str) -> str:
        """The message in a given language (``"en"`` or ``"ru"``)."""
        return translate(self.message, language=language, **self.values)

    @property
    def told(self) -> dict[str, Any]:
        """The message as a value of another text, to be told in the reader's language."""
        return phrase(self.message, **self.values)


def reason(error: OSError) -> dict[str, Any]:
    """Why the system refused, as a value of our own text: what it says is a template, too."""
    return phrase(error.strerror or type(error).__name__)


class BadInput(OctolabError, ValueError):
    """A parameter, file or URL that can't be used as given."""

    code = "bad_input"
    http_status = 422


class TooLarge(BadInput):
    """A file or picture over the limit."""

    code = "too_large"
    http_status = 413


class NotFound(OctolabError, LookupError):
    """No such camera, artifact, gallery, CID, analyzer, storage or job."""

    code = "not_found"
    http_status = 404


class Conflict(OctolabError):
    """The name is taken, or the thing is in use."""

    code = "conflict"
    http_status = 409


class Refused(OctolabError, PermissionError):
    """Not allowed: a forbidden address, a wrong token, wrong credentials."""

    code = "refused"
    http_status = 403


class Unavailable(OctolabError, ConnectionError):
    """A camera, server, hub or device that does not answer, now."""

    code = "unavailable"
    http_status = 424


class LabError(OctolabError):
    """The lab itself can't be used: a newer catalog, a damaged file, a full disk."""

    code = "lab"
    http_status = 507
