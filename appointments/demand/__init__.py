"""Unmet demand: who looked for a place and found none, counted by area and week without a person behind it.

``counting`` counts; ``privacy`` decides what anybody sees of the counts; ``flows`` (who goes where, how long
they wait), ``sites`` (where a new place serves most) and ``touring`` (where a team goes next) are pure and reckon with
what is shown, so that no question about a place gives away more than the list does. See docs/adr/0037-demand.md.
"""
