"""What a run is and what it left behind: spec, event log, store, control, launch, export.

No torch, no textual. Import what is needed from the modules: importing this package alone loads nothing.
"""
