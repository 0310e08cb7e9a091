"""Numbers as Mexico writes them: Django's Spanish is that of Spain."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
