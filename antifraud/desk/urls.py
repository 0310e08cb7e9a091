"""Pages of the desk, below /personal/. Decisions stand before the acts of a case."""

from antifraud.desk.views import account, case, decisions, queue

urlpatterns = [*queue.urlpatterns, *decisions.urlpatterns, *case.urlpatterns, *account.urlpatterns]
