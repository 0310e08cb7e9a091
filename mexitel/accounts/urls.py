"""Sign-in, account and staff sign-in. Of django-allauth's pages only those of the second factor are mounted."""

from allauth.account import views as allauth_account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from django.urls import path
from django.views.generic import RedirectView

from mexitel.accounts.views import account, sign_in, staff

urlpatterns = [
    path("entrar/", sign_in.SignIn.as_view(), name="sign_in"),
    path("entrar/telefono/", sign_in.SignInPhone.as_view(), name="sign_in_phone"),
    path("entrar/codigo/", sign_in.SignInCode.as_view(), name="sign_in_code"),
    path("entrar/continuar/", sign_in.kept_answers, name="kept_answers"),
    path("salir/", sign_in.sign_out, name="sign_out"),
    path("sesion/", sign_in.keep_alive, name="keep_alive"),
    path("cuenta/", account.Account.as_view(), name="account"),
    path("cuenta/correo/", account.AccountEmail.as_view(), name="account_email"),
    path("cuenta/telefono/", account.AccountPhone.as_view(), name="account_phone"),
    path("cuenta/codigo/", account.AccountCode.as_view(), name="account_code"),
    path("cuenta/mis-datos/", account.AccountDownload.as_view(), name="account_download"),
    path("cuenta/eliminar/", account.AccountDelete.as_view(), name="account_delete"),
    path("personal/entrar/", staff.StaffSignIn.as_view(), name="staff_sign_in"),
    path("personal/invitacion/<slug:token>/", staff.StaffLinkPage.as_view(), name="staff_link"),
    # The names that the library resolves.
    path("personal/codigo/", staff.SecondFactor.as_view(), name="mfa_authenticate"),
    path("personal/confirmar/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("personal/seguridad/", mfa.index, name="mfa_index"),
    path("personal/seguridad/aplicacion/", staff.Enrol.as_view(), name="mfa_activate_totp"),
    path(
        "personal/seguridad/aplicacion/ya/",
        RedirectView.as_view(pattern_name="mfa_index"),
        name="mfa_deactivate_totp",
    ),
    path("personal/seguridad/codigos/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "personal/seguridad/codigos/nuevos/",
        recovery.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path("entrar/cuenta/", RedirectView.as_view(pattern_name="sign_in", query_string=True), name="account_login"),
    path("entrar/suspendida/", allauth_account.account_inactive, name="account_inactive"),
]
