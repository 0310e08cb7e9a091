"""Below /api/v1/; mexitel.api.urls includes it by name."""

from django.urls import path

from antifraud.adverts import api

urlpatterns = [
    path("advert-notices", api.AdvertNotices.as_view(), name="api_advert_notices"),
    path("advert-receipts", api.AdvertReceipts.as_view(), name="api_advert_receipts"),
]
