from django.conf import settings
from django.urls import path

from . import language, messages, views

urlpatterns = [
    path("", views.home, name="home"),
    path("ayuda/", views.page("help"), name="help"),
    path("contacto/", views.contact, name="contact"),
    path("accesibilidad/", views.page("accessibility"), name="accessibility"),
    path("privacidad/", views.page("privacy"), name="privacy"),
    path("citas-gratuitas/", views.free, name="free"),
    path("citas-gratuitas/compartir/", views.free_kit, name="free_kit"),
    path("estado/", views.status, name="status"),
    path("idioma/", language.switch, name="set_language"),
]

if settings.EMBEDDED:
    urlpatterns += [
        path("patrones/", views.patterns, name="patterns"),
        path("mensajes/", messages.messages, name="messages"),
        path("mensajes/<int:pk>/html/", messages.message_html, name="message_html"),
        path("mensajes/<int:pk>/adjunto/<int:number>/", messages.message_attachment, name="message_attachment"),
    ]
