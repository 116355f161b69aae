"""Which actions of the app no test does by a key: `python -m pytest -p tests.ui.pressed_actions tests/ui`.

For one process: the bindings that no key of any test reached are listed at the end of the run. It is no test,
since tests that are run apart, or in several processes, each press only some of the keys.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import pytest
from textual.actions import parse
from textual.app import App

from lrtui.ui.keys import node_classes, own_bindings

by_key: ContextVar[bool] = ContextVar("by_key", default=False)
done: set[tuple[type, str, str]] = set()
"""What was done by a key: the kind of node, the action's name and its parameters."""

check, dispatch = App._check_bindings, App._dispatch_action


async def checking(self: App[Any], key: str, priority: bool = False) -> bool:
    token = by_key.set(True)
    try:
        return await check(self, key, priority)
    finally:
        by_key.reset(token)


async def dispatching(self: App[Any], namespace: Any, action_name: str, params: Any) -> bool:
    if by_key.get():
        done.add((type(namespace), action_name, repr(params)))
    return await dispatch(self, namespace, action_name, params)


def never() -> list[str]:
    """The bindings whose action no key has reached."""
    found = []
    for kind in node_classes():
        for binding in own_bindings(kind):
            place, name, params = parse(binding.action)
            if not any(
                (did, with_params) == (name, repr(params)) and (place or issubclass(who, kind))
                for who, did, with_params in done
            ):
                found.append(f"{kind.__name__}: {binding.key} ({binding.id}) {binding.action}")
    return found


@pytest.hookimpl
def pytest_configure() -> None:
    App._check_bindings = checking  # type: ignore[method-assign]
    App._dispatch_action = dispatching  # type: ignore[method-assign]


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: Any) -> None:
    terminalreporter.section("actions that no key has reached")
    for line in never():
        terminalreporter.write_line(line)
