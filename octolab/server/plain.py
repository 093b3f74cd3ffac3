"""Free JSON in requests, such as the settings of a camera: only what can be kept and told again."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

MOST_BYTES = 64_000
DEEPEST = 16


def check(value: dict[str, Any]) -> dict[str, Any]:
    """See to it that free JSON is finite, writable, flat and short enough.

    Raises
    ------
    PydanticCustomError
        Of the types ``plain_…`` that `octolab.server.problems` has words for.
    """
    try:
        deep = _depth(value) > DEEPEST
        text = json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("plain_text", "a lone surrogate") from None
    except ValueError:
        raise PydanticCustomError("plain_number", "not finite") from None
    except RecursionError:
        deep, text = True, b""
    if deep:
        raise PydanticCustomError("plain_depth", "too deep")
    if len(text) > MOST_BYTES:
        raise PydanticCustomError("plain_length", "too long")
    return value


def _depth(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inside), default=0)


Plain = Annotated[dict[str, Any], AfterValidator(check)]
