"""Lets `python -m signnet` stand for the command."""

from signnet.cli import main

main()
