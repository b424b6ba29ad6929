from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "dure.outbox"
    label = "outbox"
