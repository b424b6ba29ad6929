from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "dure.calls"
    label = "calls"
