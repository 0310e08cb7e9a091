"""Below /api/v1/; mexitel.api.urls includes it by name."""

from django.urls import path

from antifraud.lanes import api

urlpatterns = [
    path("step-ups/work", api.StepWork.as_view(), name="api_step_work"),
    path("step-ups/code", api.StepCode.as_view(), name="api_step_code"),
    path("step-ups/code/check", api.StepCodeCheck.as_view(), name="api_step_code_check"),
]
