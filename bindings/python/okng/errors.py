"""Exceptions: one for each status of the C library, all of them :class:`Error`."""

from __future__ import annotations


class Error(Exception):
    """What okng refuses or cannot do. ``str()`` says what was found, what was expected and what to do."""

    status: str = "error"  #: name of the status in C, lower case: "argument", "not_found" ...


class ArgumentError(Error, ValueError):
    """An option or argument is out of range, unknown or contradictory."""

    status = "argument"


class ArrayTypeError(ArgumentError, TypeError):
    """An array of a type that pictures do not have."""


class OutOfMemoryError(Error, MemoryError):
    """Memory could not be had."""

    status = "memory"


class InputOutputError(Error, OSError):
    """The system refused to read or write."""

    status = "io"


class FormatError(Error, ValueError):
    """A file is damaged, cut off or hostile."""

    status = "format"


class UnsupportedError(Error, NotImplementedError):
    """A valid file or request that this version does not handle."""

    status = "unsupported"


class LimitError(Error, ValueError):
    """A finite limit (pixels, bytes, memory) would be passed."""

    status = "limit"


class MismatchError(Error, ValueError):
    """Two things that must fit do not, as weights and backbone."""

    status = "mismatch"


class NotFoundError(Error, FileNotFoundError):
    """A file, a folder or a name does not exist."""

    status = "not_found"


class BusyError(Error, BlockingIOError):
    """Another writer holds the lock."""

    status = "busy"


class CancelledError(Error):
    """The progress callback asked to stop."""

    status = "cancelled"


class InternalError(Error, RuntimeError):
    """A library below failed in a way that should not happen, or a status that this package does not know."""

    status = "internal"


class OkngWarning(UserWarning):
    """Something that may spoil a bank, or that is odd about a picture."""


_BY_STATUS = {
    kind.status: kind
    for kind in (
        ArgumentError,
        OutOfMemoryError,
        InputOutputError,
        FormatError,
        UnsupportedError,
        LimitError,
        MismatchError,
        NotFoundError,
        BusyError,
        CancelledError,
        InternalError,
    )
}


def error_of(status: str, message: str) -> Error:
    """The exception for a status by its name in C, ``OKNG_ERROR_NOT_FOUND``."""
    return _BY_STATUS.get(status.replace("OKNG_ERROR_", "").lower(), InternalError)(message)
