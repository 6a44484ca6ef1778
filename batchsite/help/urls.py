"""URLs of the documentation."""

from django.urls import path

from batchsite.help import views

urlpatterns = [
    path("", views.index, name="help"),
    path("<path:path>", views.document, name="help-page"),
]
