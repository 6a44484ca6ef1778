"""URLs of the pages, the API, the health check and the metrics."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from jobs import views
from jobs.api.views.site import HealthView, MetricsView

urlpatterns = [
    path("", views.index, name="index"),
    path("jobs/<uuid:job_id>", views.job, name="job"),
    path("accounts/login/", LoginView.as_view(next_page="index"), name="login"),
    path("accounts/logout/", LogoutView.as_view(next_page="index"), name="logout"),
    path("accounts/tokens/", views.tokens, name="tokens"),
    path("api/", include("jobs.api.urls")),
    path("health", HealthView.as_view(), name="health"),
    path("metrics", MetricsView.as_view(), name="metrics"),
]
