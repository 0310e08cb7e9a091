import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mexitel.settings.dev")
portal = get_wsgi_application()
# Imported late, because they read models: what an opening's minute needs past the framework.
joining = import_string("appointments.queueing.express.ExpressJoin")(portal)
application = import_string("appointments.views.express.express_booking")(joining)
# Loads every route and what stands behind it (a second or more) before the first visitor of this process comes.
reverse("home")
