"""`python -m chalicelib`: hands over to the command line."""

from chalicelib.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
