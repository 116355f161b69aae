"""Experiments: the chapter's lessons as presets. No torch, no textual."""

from lrtui.experiments.presets import Preset, PresetError, preset, presets

__all__ = ["Preset", "PresetError", "preset", "presets"]
