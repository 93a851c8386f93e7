"""What commands write for people: colours where a terminal shows them, and files. It knows no policy."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path

from chalicelib.errors import Invalid
from chalicelib.settings import colours_refused

EXIT_CODES = (
    "Exit codes: 0 fine; 1 something is wrong or failed; 2 a store or service does not answer; "
    "3 the command is not right."
)


class Colour(StrEnum):
    """How words are made to stand out."""

    GOOD = "\x1b[32m"
    BAD = "\x1b[31m"
    DOUBTFUL = "\x1b[33m"


_PLAIN = "\x1b[0m"


def coloured(words: str, colour: Colour) -> str:
    """Words in a colour, where standard output is a terminal and nobody has asked for none."""
    return f"{colour}{words}{_PLAIN}" if sys.stdout.isatty() and not colours_refused() else words


def write_file(path: Path, data: bytes, *, new: bool = False) -> None:
    """Write a file. Raises Invalid when it cannot be, and with `new` when it is there already."""
    try:
        with path.open("xb" if new else "wb") as file:
            file.write(data)
    except FileExistsError:
        raise Invalid(f"{path} is there already. Name a new file.") from None
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror}.") from None
