from lrtui.integrations.schedule import schedule as schedule
from lrtui.runs.own_loop import start as start

__version__: str
__all__ = ["__version__", "schedule", "start"]
