"""lrtui: the learning-rate laboratory in the terminal.

Importing the package is cheap and pulls in neither torch nor textual; the parts live in the sub-packages.
"""

__version__ = "0.1.0"
