"""Addresses of this room."""

from __future__ import annotations

from django.urls import path

from chunfeng.apps.accounts import import_views, office_views, second_factor_views, user_views, views

urlpatterns = [
    path("signin/", views.sign_in, name="signin"),
    path("signin/ended/", views.session_ended, name="session-ended"),
    path("signin/phone/", views.sms_phone, name="signin-phone"),
    path("signin/code/", views.sms_code, name="signin-code"),
    path("signout/", views.sign_out, name="signout"),
    path("password/", views.password, name="password"),
    path("second-factor/", second_factor_views.give, name="second-factor"),
    path("second-factor/setup/", second_factor_views.set_up, name="second-factor-setup"),
    path("hat/", views.switch_hat, name="hat-switch"),
    path("hats/", views.my_hats, name="hats"),
    path("hats/lend/", views.lend, name="hat-lend"),
    path("hats/<int:number>/take-back/", views.take_back, name="hat-take-back"),
    path("users/", user_views.users, name="users"),
    path("users/new/", user_views.new_user, name="user-new"),
    path("users/import/", import_views.new_import, name="user-import-new"),
    path("users/import/template/", import_views.template, name="user-import-template"),
    path("users/import/<int:number>/", import_views.one_import, name="user-import"),
    path("users/import/<int:number>/accept/", import_views.accept, name="user-import-accept"),
    path("users/import/<int:number>/result/", import_views.result, name="user-import-result"),
    path("users/outbox/", user_views.outbox, name="outbox"),
    path("users/<int:number>/", user_views.user, name="user"),
    path("users/<int:number>/grant/", user_views.grant, name="user-grant"),
    path("users/<int:number>/hats/<int:hat>/", user_views.change_end, name="user-hat-end"),
    path("users/<int:number>/active/", user_views.set_active, name="user-active"),
    path("users/<int:number>/password/", user_views.reset_password, name="user-password"),
    path("users/<int:number>/second-factor/", user_views.reset_second_factor, name="user-second-factor"),
    path("users/<int:number>/unlock/", user_views.unlock, name="user-unlock"),
    path("organisations/", office_views.organisations, name="organisations"),
    path("organisations/new/", office_views.new_organisation, name="organisation-new"),
    path("organisations/<int:number>/", office_views.organisation, name="organisation"),
    path("roles/", office_views.roles, name="roles"),
    path("roles/new/", office_views.new_role, name="role-new"),
    path("roles/<slug:code>/", office_views.role, name="role"),
]
