"""``python -m staffing``: the command line."""

from staffing.cli import main

if __name__ == "__main__":
    main(prog_name="staffing")
