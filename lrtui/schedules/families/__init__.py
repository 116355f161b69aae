"""The families of schedules, one idea a module.

To add a family, write a module here with a dataclass under `@register`; the parser, the form, the catalogue
and the generic tests find it by themselves.
"""
