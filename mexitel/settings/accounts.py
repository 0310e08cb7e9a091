"""Citizens sign in by code, staff by password and second factor (docs/adr/0004-sign-in.md)."""

from mexitel.utils.env import env

AUTHENTICATION_BACKENDS = ["mexitel.accounts.backends.StaffPasswordBackend"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "account"
SESSION_COOKIE_AGE = 12 * 60 * 60
ACCOUNT_ADAPTER = "mexitel.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False  # they count in the cache; ours count in PostgreSQL (mexitel/accounts/limits.py)
MFA_ADAPTER = "mexitel.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "mexitel.accounts.forms.SecondFactorForm",
    "reauthenticate": "mexitel.accounts.forms.ConfirmAgainForm",
    "activate_totp": "mexitel.accounts.forms.EnrolForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(env("TRUSTED_PROXY_COUNT", "0"))

# Dotted paths of what rooms above know about a person: provider(user) -> dict, check(user, now) -> list of
# sentences shown before deleting, step(user, now) run in the transaction of the deletion.
PERSONAL_DATA_PROVIDERS: list[str] = ["mexitel.accounts.selectors.account_data"]
ACCOUNT_DELETION_CHECKS: list[str] = []
ACCOUNT_DELETION_STEPS: list[str] = []
DEMO_HOOKS: list[str] = []
# Run by `staff_account --superuser` in its transaction, step(user, now): the room of roles gives the first one.
ADMINISTRATOR_STEPS: list[str] = []

# What is sealed with a field key outside an EncryptedTextField: reseal() -> how many rows changed. Asked by
# rotate_field_keys.
SEALED_ELSEWHERE = ["mexitel.accounts.second_factor.reseal_secrets"]
