"""The URLs of the site; those of the pages and the API are in `jobs.urls`."""

from django.contrib import admin
from django.urls import include, path

from batchsite.apps import register_pages

register_pages()

urlpatterns = [
    path("admin/", admin.site.urls),
    path("help/", include("batchsite.help.urls")),
    path("", include("jobs.urls")),
]
