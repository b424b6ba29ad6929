"""The addresses of the public pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from dure.doors.square import feeds, views


def routes() -> list[URLPattern]:
    return [
        path("", views.front, name="front"),
        path("o/<slug:slug>/", views.organisation, name="organisation"),
        path("o/<slug:slug>/feed.atom", feeds.organisation_feed, name="organisation-feed"),
        path("c/<slug:slug>/about", views.about, name="call-about"),
        path("c/<slug:slug>/preview.png", feeds.picture, name="call-picture"),
        path("feed.<str:form>", feeds.feed, name="feed"),
        path("sitemap.xml", feeds.sitemap, name="sitemap"),
        path("robots.txt", feeds.robots, name="robots"),
        path("embed.js", feeds.embed_script, name="embed-script"),
    ]
