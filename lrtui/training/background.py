"""Do something slow that can't be interrupted (an import, a download) while the worker keeps listening."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def in_background(work: Callable[[], T], meanwhile: Callable[[], object], every: float = 0.1) -> T:
    """Run `work` in a thread, call `meanwhile` every so many seconds until it is done, and return its result.

    What `work` raises is raised here.  If `meanwhile` raises, that is raised at once and the thread is left
    behind as a daemon; a process in that state should end itself by `os._exit`.
    """
    results: list[T] = []
    errors: list[BaseException] = []
    done = threading.Event()

    def body() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 -- it is raised again in the thread that waits
            errors.append(error)
        finally:
            done.set()

    threading.Thread(target=body, name="background", daemon=True).start()
    while not done.wait(every):
        meanwhile()
    if errors:
        raise errors[0]
    return results[0]
