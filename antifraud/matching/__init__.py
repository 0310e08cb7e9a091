"""Pure: are two records one person? No database, no clock, no Django.

records (as typed -> prepared once) -> levels (how each field agrees) -> weights (bits) -> verdict; blocking says
which pairs are worth the comparison.
"""
