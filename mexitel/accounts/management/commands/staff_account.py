from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.module_loading import import_string

from mexitel.accounts.addresses import clean_email
from mexitel.accounts.models import User
from mexitel.utils.time import now


class Command(BaseCommand):
    help = (
        "Make a staff account, or give it a new password; the only way to get one back, since there is no reset page."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--superuser", action="store_true")
        parser.add_argument("--reset-second-factor", action="store_true", help="the next sign-in sets it up anew")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            email = clean_email(options["email"])
            password = getpass("Password: ")
            if password != getpass("Again: "):
                raise CommandError("The two passwords differ.")
            validate_password(password, User(email=email))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        with transaction.atomic():
            user = User.objects.by_email(email).first() or User(email=email)
            user.is_staff, user.is_superuser = True, user.is_superuser or options["superuser"]
            user.set_password(password)
            user.save()
            if options["reset_second_factor"]:
                Authenticator.objects.filter(user=user).delete()
            if options["superuser"]:
                for path in settings.ADMINISTRATOR_STEPS:
                    import_string(path)(user, now())
        self.stdout.write(f"{email} signs in at /personal/entrar/")
