"""`python -m lrtui`: the same as the `lrtui` command."""

from lrtui.cli import main

if __name__ == "__main__":
    main()
