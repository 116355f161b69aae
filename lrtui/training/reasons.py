"""Why a run failed, in one line for people. Knows no torch: its errors are told by their names and words."""

from __future__ import annotations

import errno

from lrtui.runs.text import one_line, printable


def reason_of(error: BaseException) -> str:
    """Why the run failed, in one line that names the remedy where there is one."""
    text, kind = one_line(error), type(error).__name__
    # CUDA has an error of its own for it, MPS and the CPU have words.
    words = "out of memory" in text or "can't allocate memory" in text
    if isinstance(error, MemoryError) or kind == "OutOfMemoryError" or (kind == "RuntimeError" and words):
        return "out of memory: choose a smaller batch size, other data or another device"
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"no room on the disk ({error.strerror}): make some and resume the run"
    if isinstance(error, OSError):
        return f"{printable(str(error.filename))}: {text}" if error.filename else text
    # The errors of lrtui's own modules are written for people; anything else is a bug, and its kind helps.
    return text if type(error).__module__.startswith("lrtui.") else f"{kind}: {text}"
