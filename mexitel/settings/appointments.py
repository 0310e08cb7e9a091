"""Where the booking room answers the doors of the rooms below it."""

from mexitel.settings.accounts import PERSONAL_DATA_PROVIDERS as ACCOUNTS_DATA
from mexitel.settings.accounts import SEALED_ELSEWHERE as ACCOUNTS_SEALED

PERSONAL_DATA_PROVIDERS = [
    *ACCOUNTS_DATA,
    "appointments.personal_data.own_data",
    "appointments.emergencies.personal_data.own_data",
    "appointments.queueing.personal_data.own_data",
    "appointments.drawing.personal_data.own_data",
]
ACCOUNT_DELETION_CHECKS = ["appointments.personal_data.before_deletion"]
ACCOUNT_DELETION_STEPS = [
    "appointments.personal_data.forget",
    "appointments.emergencies.personal_data.forget",
    "appointments.queueing.personal_data.forget",
    "appointments.drawing.personal_data.forget",
]
DEMO_HOOKS = [
    "consulates.demo.make",
    "consulates.releases.demo.make",
    "appointments.demo.make",
    "appointments.drawing.demo.make",
    "appointments.statistics.sample.make",
    "appointments.demand.sample.make",
    "antifraud.demo.make",
    "antifraud.adverts.demo.make",
]
ADMINISTRATOR_STEPS = ["consulates.services.people.made_administrator"]
SEALED_ELSEWHERE = [*ACCOUNTS_SEALED, "appointments.emergencies.proofs.reseal", "antifraud.adverts.resealing.reseal"]

# The network's line for protection, day and night, shown first on the pages about emergencies.
PROTECTION_LINE = "+1 520 623 7874"
