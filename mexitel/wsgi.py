import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mexitel.settings.dev")
application = get_wsgi_application()
# Loads every route and what stands behind it (a second or more) before the first visitor of this process comes.
reverse("home")
