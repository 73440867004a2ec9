"""Keep cells of tables from running as formulas when a spreadsheet opens them."""

__all__ = ["guarded"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(value: object) -> object:
    """Keep a name such as `=cmd()` from being a formula (OWASP, CSV injection)."""
    is_formula = isinstance(value, str) and value.startswith(_FORMULA)
    return f"'{value}" if is_formula else value
