"""The catalogue's page on one family, over Explore: what it is, its curve, its values, its sources."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from lrtui.schedules import Family, Horizon, Parameter, Schedule, ScheduleError, parse, sample
from lrtui.ui.plotting import Axis, Series, render, to_ansi
from lrtui.ui.rearrange import new_part

CURVE_HEIGHT = 9
HORIZON = Horizon(400, 40)


class FamilyPage(ModalScreen[None]):
    """One page that scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,h,enter", "close", "Close", tooltip="Close the page"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    FamilyPage {
        align: center middle;
        & > Vertical {
            width: 84; max-width: 96%; height: auto; max-height: 94%;
            background: $surface; border: round $primary; border-title-color: $primary;
            border-subtitle-color: $text-muted; padding: 0 1;
        }
        & #page { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
        & Static { height: auto; }
        & #curve { color: $primary; text-wrap: nowrap; }
    }
    """

    def __init__(self, kind: Family) -> None:
        """Take the family to tell about."""
        super().__init__()
        self._kind = kind

    def compose(self) -> ComposeResult:
        """Words, curve, values."""
        with Vertical() as box:
            box.border_title = self._kind.title
            box.border_subtitle = "esc closes, ↑ ↓ scroll"
            with VerticalScroll(id="page"):
                yield Static(head(self._kind))
                curve = self._curve()
                if curve:
                    yield Static(curve, id="curve", markup=False)
                yield Static(body(self._kind))

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one("#page").focus()

    def action_close(self) -> None:
        """Close."""
        self.dismiss()

    def _curve(self) -> str:
        shown = example(self._kind)
        if shown is None:
            return ""
        try:
            updates, rates = sample(shown, HORIZON)
        except ScheduleError:
            return ""
        width = max(min(int(self.app.size.width * 0.96), 84) - 6, 24)  # less border, padding, scrollbar
        series = [Series(str(shown), updates / 40.0, rates, marker="")]
        frame = render(series, Axis(0.0, 10.0, label="epochs"), Axis(0.0, kind="rate"), width, CURVE_HEIGHT)
        return f"{shown}\n{to_ansi(frame, 'plain')}"


def example(kind: Family) -> Schedule | None:
    """A schedule that shows what the family does: by itself, around or beside a cosine."""
    around = {"shape": None, "combinator": f"{kind.name}(cosine(0.5))"}.get(
        kind.role, f"{kind.name}(3ep) >> cosine(0.5)"
    )
    if getattr(kind.make, "leads", "in") != "in":
        around = f"cosine(0.5, final_lr=0.2, steps=7ep) >> {kind.name}(3ep)"
    if kind.name == "repeat":
        around = "repeat(cosine(0.5), cycles=3)"
    try:
        return new_part(kind) if around is None else parse(around)
    except ScheduleError:
        return None


def head(kind: Family) -> Content:
    """Name, summary, formula."""
    return Content.assemble(
        (kind.summary, ""), "\n\n", ("lr(t) = ", "$text-muted"), (kind.formula, "bold"), "\n"
    )


def body(kind: Family) -> Content:
    """The values with their bounds, other names, references."""
    lines: list[Content] = [Content(""), Content.styled("Values", "bold $accent")]
    width = max((len(parameter.name) for parameter in kind.parameters), default=0)
    for parameter in kind.parameters:
        lines.append(Content.assemble((f"  {parameter.name:<{width}}  ", "bold"), (parameter.help, "")))
        lines.append(Content.styled(f"  {'':<{width}}  {bounds(parameter)}", "$text-muted"))
    if kind.aliases:
        lines += [Content(""), Content.styled("Also called", "bold $accent")]
        lines.append(Content("  " + ", ".join(kind.aliases)))
    if kind.references:
        lines += [Content(""), Content.styled("Where it comes from", "bold $accent")]
        lines += [Content(f"  {reference}") for reference in kind.references]
    return Content("\n").join(lines)


def bounds(parameter: Parameter) -> str:
    """What a value may be, and what it is when left out."""
    said = [str(parameter.kind.value)]
    if parameter.choices:
        said.append(" | ".join(parameter.choices))
    if parameter.minimum is not None:
        said.append(f"{'more than' if parameter.exclusive_minimum else 'at least'} {parameter.minimum:g}")
    if parameter.maximum is not None:
        said.append(f"{'less than' if parameter.exclusive_maximum else 'at most'} {parameter.maximum:g}")
    if parameter.required:
        said.append("must be given")
    elif parameter.default is None:
        said.append("left out: what remains" if parameter.name == "steps" else "may be left out")
    else:
        said.append(f"default {parameter.format(parameter.default)}")
    return ", ".join(said)
