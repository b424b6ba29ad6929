from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "dure.calls.tasks"
    label = "tasks"
