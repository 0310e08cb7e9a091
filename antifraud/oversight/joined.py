"""What other rooms learn of this one when the portal starts."""

from antifraud.evidence import say_also
from antifraud.oversight import todays_work  # noqa: F401 - its kinds of work register themselves
from antifraud.oversight.published import Table
from antifraud.oversight.staff_evidence import SENTENCES
from antifraud.rulesets import read_also


def join() -> None:
    read_also(Table())
    say_also(SENTENCES)
