"""The exceptions that imagepde raises for what a caller gave it."""

import re

_LONGEST_REASON = 160


class InputError(ValueError):
    """What the caller passed in cannot be used.

    The message is one sentence with the rule, the remedy and what was received. Every check of
    user input in imagepde raises this class, so that the command line can tell bad input
    (one line, exit code 2) from a defect of its own (a traceback).
    """


class DiskError(OSError):
    """A file could not be written in the midst of the work, as on a full disk.

    The message is one sentence that says what is whole and what to do; the command line prints it
    and ends with exit code 1.
    """


def reason(error: BaseException) -> str:
    """The first sentence of an error that other people's code raised, on one line and not too long.

    Example:
        >>> reason(KeyError("a"))
        "KeyError: 'a'"
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = re.split(r"(?<=[a-z)\]'`])\.\s", lines[0])[0] if lines else ""
    text = "".join(c for c in text if c.isprintable())
    if len(text) > _LONGEST_REASON:
        text = text[:_LONGEST_REASON] + "…"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
