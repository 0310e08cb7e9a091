"""The public figures: daily facts out of the ledger, months that freeze, and what is published of them.

``definitions`` says what each number means, once; ``facts`` makes the facts, ``upkeep`` keeps them up, ``freezing``
closes a month; ``figures`` adds them up; ``privacy`` decides what leaves the house; ``documents`` and ``files`` are
what everybody reads. See docs/adr/0036-figures.md.
"""
