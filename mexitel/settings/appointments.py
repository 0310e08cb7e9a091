"""Where the booking room answers the doors of the rooms below it."""

from mexitel.settings.accounts import PERSONAL_DATA_PROVIDERS as ACCOUNTS_DATA

PERSONAL_DATA_PROVIDERS = [*ACCOUNTS_DATA, "appointments.personal_data.own_data"]
ACCOUNT_DELETION_CHECKS = ["appointments.personal_data.before_deletion"]
ACCOUNT_DELETION_STEPS = ["appointments.personal_data.forget"]
DEMO_HOOKS = ["consulates.demo.make", "appointments.demo.make"]
ADMINISTRATOR_STEPS = ["consulates.services.people.made_administrator"]
