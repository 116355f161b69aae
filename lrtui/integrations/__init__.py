"""lrtui in other people's training: schedules for torch, callbacks for Lightning and transformers' Trainer.

Import what is needed from the modules: importing this package alone loads nothing. Nothing in lrtui itself
uses these.
"""
