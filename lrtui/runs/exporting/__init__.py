"""How runs become files for other tools: one module a format, and the writing that all of them share.

`lrtui.runs.export` is the door; nothing outside calls these modules.
"""
