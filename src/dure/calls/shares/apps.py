from django.apps import AppConfig


class SharesConfig(AppConfig):
    name = "dure.calls.shares"
    label = "shares"
