"""Other libraries' dialects: schedules written as their code, and their constructor calls read as schedules.

Both ways are exact or refused: `NotRepresentable` says why a library can't say a schedule, and a reading
names in its notes what the library does differently. No other library is imported here, and nothing read is
executed.
"""

from __future__ import annotations

from lrtui.schedules.dialects.reading import Reading, ReadingError, read
from lrtui.schedules.dialects.writing import TARGETS, Target, generate
from lrtui.schedules.source import NotRepresentable

__all__ = ["TARGETS", "NotRepresentable", "Reading", "ReadingError", "Target", "generate", "read"]
