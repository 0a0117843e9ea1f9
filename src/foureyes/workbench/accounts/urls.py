"""Addresses of sign-in and of an officer's own pages. None of django-allauth's own stands here but one.

OpenID Connect servers are told one address to come back to, which django-allauth finds by its own name
(`openid_urls`).
"""

from __future__ import annotations

from django.urls import path

from foureyes.workbench.accounts.views import again, language, openid, profile, sign_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/second/", sign_in.second_factor, name="second-factor"),
    path("sign-in/openid/", openid.begin, name="openid"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("theme/", sign_in.theme, name="theme"),
    path("language/", language.choose, name="language"),
    path("again/", again.again, name="again"),
    path("again/kept/", again.kept, name="kept"),
    path("profile/", profile.profile, name="profile"),
    path("profile/password/", profile.password, name="password"),
    path("profile/second-factors/", profile.second_factors, name="factors"),
    path("profile/second-factors/app/", profile.add_app, name="add-app"),
    path("profile/second-factors/key/", profile.add_key, name="add-key"),
    path("profile/second-factors/codes/", profile.codes, name="codes"),
    path("profile/second-factors/<int:number>/remove/", profile.remove_factor, name="remove-factor"),
    path("profile/sessions/", profile.own_sessions, name="sessions"),
]
