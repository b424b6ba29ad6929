from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "dure.doors.phone"
    label = "phone"
