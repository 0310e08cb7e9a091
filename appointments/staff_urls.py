"""Pages of staff about people and their appointments, below /personal/. One line per module, as in consulates."""

urlpatterns: list = []
