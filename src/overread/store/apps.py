from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "overread.store"
    label = "store"
