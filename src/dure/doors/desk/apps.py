from django.apps import AppConfig


class DeskConfig(AppConfig):
    """An app for its jobs alone; it has no tables."""

    name = "dure.doors.desk"
    label = "desk"

    def ready(self) -> None:
        from dure.doors.desk import noting  # noqa: PLC0415  app ready

        noting.listen()
