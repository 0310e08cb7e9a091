"""Django's admin with the site of this project in place of the usual one."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default = False
    default_site = "consulates.admin_site.StaffAdminSite"
