from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "dure.people"
    label = "people"
