from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "mexitel.accounts"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from mexitel.accounts.receivers import enrolled

        authenticator_added.connect(enrolled, dispatch_uid="accounts.enrolled")
