"""Formulas over the update: their grammar (`grammar`), their trees and values (`tree`), their code (`code`).

Nothing is ever evaluated as Python, and nothing here knows schedules.
"""
