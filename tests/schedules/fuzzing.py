"""Feed random and mutated expressions and calls to the schedules, and watch time and memory of each.

    python -m tests.schedules.fuzzing COUNT [SEED]

Each input must come to a schedule that prints, reads back, draws and is written as code, or to an error of
one line, in less than SECONDS of processor time and MEGABYTES of memory more than before. Prints the figures
as JSON, with the inputs that did otherwise; the same count and seed make the same inputs.
"""

from __future__ import annotations

import json
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lrtui.schedules import Horizon, Kind, Parameter, Schedule, ScheduleError, catalogue, parse, sample
from lrtui.schedules.dialects import TARGETS, generate, read
from lrtui.schedules.pages import example
from tests.schedules.dialects.call_examples import CALLS
from tests.schedules.dialects.said_examples import SAID

SECONDS = 1.0
MEGABYTES = 200
HANGS_AFTER = 10
LONGEST_LINE = 400
HORIZON = Horizon(2000, 50)

PIECES = (
    *(
        "-1",
        "1e400",
        "1e-400",
        "1e308",
        "10**9",
        "**",
        "^",
        "None",
        "True",
        "[]",
        "{}",
        "nan",
        "inf",
        "1j",
        "0x",
    ),
    *(
        "lambda t: t",
        ">>",
        " * ",
        "steps=",
        "5ep",
        "10%",
        "0%",
        "1e12",
        "999999999999",
        "cycle=1",
        "growth=100",
    ),
    *(
        'formula("',
        '"',
        "\\",
        "cycles=1000000",
        "repeat(",
        "))))",
        "((((",
        "warmup(",
        "λ",
        "\0",
        "\u202e",
        "\ud800",
    ),
)
ALPHABET = "()[]{},=.*-+/0159e'\"\\\n\t:;#@λ\0 %>^_abz"


def mutate(text: str, dice: random.Random) -> str:
    """Return a text with a few characters or pieces left out, put in, doubled or moved."""
    characters = list(text)
    for _ in range(dice.choice([1, 1, 1, 2, 3, 6])):
        place = dice.randrange(len(characters) + 1)
        action = dice.randrange(5)
        if action == 0 and characters:
            del characters[min(place, len(characters) - 1)]
        elif action == 1:
            characters.insert(place, dice.choice(ALPHABET))
        elif action == 2:
            piece = characters[place : place + dice.randint(1, 30)]
            characters[place:place] = piece * dice.choice([1, 1, 2, 4, 200])
        elif action == 3:
            characters[place:place] = dice.choice(PIECES)
        else:
            other = dice.randrange(len(characters) + 1)
            characters[place:place], characters[other:other] = characters[other : other + 9], []
    return "".join(characters)


def _number(dice: random.Random, parameter: Parameter | None = None) -> str:
    """Return a number, most of the time one that the parameter's bounds allow."""
    if parameter is not None and dice.random() < 0.9:
        low = 0.0 if parameter.minimum is None else parameter.minimum
        high = low + 10 if parameter.maximum is None else parameter.maximum
        if parameter.kind is Kind.COUNT:
            return str(dice.randint(int(low), int(min(high, low + 20))))
        return f"{low + (high - low) * dice.choice([0.5, dice.random(), 1e-3]):.6g}"
    plain = ["0", "1", "2", "3", "0.1", "0.5", "1e-3", "-1", "1e12", "1e-300", "1e300", "1000000", "0.9999"]
    return dice.choice([*plain, f"{dice.random():.4g}", str(dice.randint(0, 3000))])


def _length(dice: random.Random, parameter: Parameter | None = None) -> str:
    if dice.random() < 0.8:
        return dice.choice([str(dice.randint(1, 900)), f"{dice.randint(1, 15)}ep", f"{dice.randint(1, 40)}%"])
    return _number(dice) + dice.choice(["", "", "ep", "%"])


def _formula(dice: random.Random, depth: int = 0) -> str:
    if depth > 4 or dice.random() < 0.3:
        return dice.choice(["t", "T", "z", "pi", _number(dice)])
    inner = [_formula(dice, depth + 1) for _ in range(3)]
    return dice.choice(
        [
            f"{inner[0]} {dice.choice(['+', '-', '*', '/', '^', '**', '%'])} {inner[1]}",
            f"({inner[0]})",
            f"-{inner[0]}",
            f"{dice.choice(['cos', 'sin', 'exp', 'log', 'sqrt', 'abs', 'floor', 'tanh'])}({inner[0]})",
            f"{dice.choice(['min', 'max'])}({inner[0]}, {inner[1]})",
            f"where({inner[0]} < {inner[1]}, {inner[1]}, {inner[2]})",
        ]
    )


def _value(parameter: Parameter, dice: random.Random, depth: int) -> str:
    kind = parameter.kind
    if kind is Kind.SCHEDULE:
        return expression(dice, depth + 1)
    if kind is Kind.CHOICE:
        return dice.choice(parameter.choices)
    if kind is Kind.TEXT:
        return f'"{_formula(dice)}"'
    if kind is Kind.LENGTH:
        return _length(dice)
    if kind in (Kind.LENGTHS, Kind.RATES):
        one = _length if kind is Kind.LENGTHS else _number
        return "[" + ", ".join(one(dice, parameter) for _ in range(dice.choice([0, 1, 2, 3, 50]))) + "]"
    return _number(dice, parameter)


def expression(dice: random.Random, depth: int = 0, *, last: bool = True) -> str:
    """Return an expression that is right in its grammar, and wild in a number here and there.

    A phase that isn't the `last` is mostly given a length, without which a sequence is refused.
    """
    if depth < 4 and dice.random() < 0.25:
        count = dice.choice([2, 2, 3, 6])
        if dice.random() < 0.6:
            parts = [expression(dice, depth + 2, last=index + 1 == count) for index in range(count)]
            return f"({' >> '.join(parts)})"
        return f"({' * '.join(expression(dice, depth + 2) for _ in range(count))})"
    rare = ("metric", "transition") if depth or dice.random() < 0.8 else ()
    rare = (*rare, "combinator") if depth > 8 else rare
    family = dice.choice([entry for entry in catalogue() if entry.role not in rare])
    words = []
    for parameter in family.parameters:
        given = 0.9 if parameter.name == "steps" and not last else 0.2
        if parameter.required or dice.random() < given:
            words.append(f"{parameter.name}={_value(parameter, dice, depth)}")
    return f"{dice.choice([family.name, *family.aliases])}({', '.join(words)})"


def inputs(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield (kind, text): `expression` or `call` says what it is to be read as."""
    dice = random.Random(seed)
    calls = [call for library in CALLS.values() for call in library]
    calls += [generate(parse(said[4]), Horizon(210, 7), target) for target, said in SAID.items()]
    texts = [str(example(entry)) for entry in catalogue()] + [text for said in SAID.values() for text in said]
    for _ in range(count):
        match dice.randrange(8):
            case 0 | 1:
                yield "expression", expression(dice)
            case 2 | 3:
                yield "expression", mutate(dice.choice(texts), dice)
            case 4:
                yield "expression", mutate(expression(dice), dice)
            case 5 | 6:
                yield "call", mutate(dice.choice(calls), dice)
            case _:
                letters = dice.choices(ALPHABET, k=dice.randint(0, 60))
                yield dice.choice(["expression", "call"]), "".join(letters)


def come_to(kind: str, text: str, dice: random.Random) -> str:
    """Return what an input comes to: `schedule` or `refused`.

    Raises:
        AssertionError: It breaks a promise.
    """
    try:
        if kind == "call":
            schedule = read(text, clock=dice.choice(["updates", "epochs"])).schedule
        else:
            schedule = parse(text)
    except ScheduleError as error:
        _one_line(error)
        return "refused"
    again = parse(str(schedule))
    assert again == schedule, "its canonical text reads back as another schedule"
    _use(schedule, dice)
    return "schedule"


def _use(schedule: Schedule, dice: random.Random) -> None:
    for task in (
        lambda: sample(schedule, HORIZON),
        lambda: generate(schedule, HORIZON, dice.choice(list(TARGETS))),
    ):
        try:
            task()
        except ScheduleError as error:
            _one_line(error)


def _one_line(error: ScheduleError) -> None:
    said = str(error)
    assert said, "an error that says nothing"
    assert said.isprintable(), f"an error of more than one plain line: {said[:200]!r}"
    assert len(said) <= LONGEST_LINE, f"an error of {len(said)} characters: {said[:200]}"


class _Hang(BaseException):
    """An input took HANGS_AFTER seconds: not an Exception, so that nobody takes it for an error."""


def _hang(*_: object) -> None:
    raise _Hang


def _megabytes() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def run(count: int, seed: int) -> dict[str, Any]:
    """Return the figures: how many of what, the slowest and the largest input, and all that went wrong."""
    catalogue()
    parse("warmup(5%) >> cosine(0.1)")
    signal.signal(signal.SIGPROF, _hang)
    dice = random.Random(seed + 1)
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    slowest, largest = (0.0, ""), (0.0, "")
    for kind, text in inputs(count, seed):
        before, begun = _megabytes(), time.process_time()
        signal.setitimer(signal.ITIMER_PROF, HANGS_AFTER)
        try:
            outcomes[come_to(kind, text, dice)] += 1
        except _Hang:
            wrong.append(f"hang: {kind} {text[:2000]!r}\n{traceback.format_exc()[-1500:]}")
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            wrong.append(f"{kind} {text[:2000]!r}\n{traceback.format_exc()[-1500:]}")
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        took, grew = time.process_time() - begun, _megabytes() - before
        slowest, largest = max(slowest, (took, text[:2000])), max(largest, (grew, text[:2000]))
        if took > SECONDS:
            wrong.append(f"{took:.2f} s: {kind} {text[:2000]!r}")
        if grew > MEGABYTES:
            wrong.append(f"{grew:.0f} MB: {kind} {text[:2000]!r}")
    return {
        "inputs": count,
        **outcomes,
        "slowest": slowest,
        "largest": largest,
        "megabytes": _megabytes(),
        "wrong": wrong,
    }


if __name__ == "__main__":
    if hasattr(resource, "RLIMIT_AS") and sys.platform == "linux":
        resource.setrlimit(
            resource.RLIMIT_AS, (4 << 30, 4 << 30)
        )  # a runaway must not take the machine along
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)))
