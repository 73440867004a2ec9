"""What signnet does, one function per use case, one module per kind of use.

The command line parses and prints; Python users and the commands call these functions.
They are imported from their modules, so that a command loads only what it needs.
"""
