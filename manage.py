#!/usr/bin/env python3
"""Mexitel's command line: ``up`` runs the portal, ``test`` runs every test; the rest is Django's."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mexitel.settings.dev")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
