from django.apps import AppConfig


class DeskConfig(AppConfig):
    """An app for its jobs alone; it has no tables."""

    name = "dure.doors.desk"
    label = "desk"
