"""API tokens of all people: superusers see and create all, other staff their own."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobs.admin.display import badge, time_column
from jobs.models import ApiToken
from jobs.services.tokens import MAX_DAYS, create_token


class TokenForm(forms.ModelForm):
    days = forms.IntegerField(
        label="Days",
        min_value=1,
        max_value=MAX_DAYS,
        required=False,
        help_text="It expires after this many days. Empty: never.",
    )

    class Meta:
        model = ApiToken
        fields = ("user", "name")


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """A token is created and deleted, which revokes it; it cannot be changed."""

    created = time_column("created_at", "Created at")
    expires = time_column("expires_at", "Expires at")
    last_used = time_column("last_used_at", "Last used at")
    form = TokenForm
    list_display = ("name", "user", "beginning_column", "created", "expires", "last_used", "state")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    search_help_text = "A part of the name or of the user name."
    readonly_fields = ("beginning_column", "created", "expires", "last_used", "state")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        tokens = super().get_queryset(request)
        return tokens if request.user.is_superuser else tokens.filter(user=request.user.pk)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", "name", "days") if obj is None else ("user", "name", *self.readonly_fields)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        # A token of another account would give its rights to the person who creates it.
        if db_field.name == "user" and not request.user.is_superuser:
            users = db_field.related_model._default_manager
            kwargs["queryset"] = users.filter(pk=request.user.pk)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: ApiToken, form: Any, change: bool) -> None:
        token, row = create_token(obj.user, name=obj.name, days=form.cleaned_data["days"])
        obj.pk = row.pk
        obj.refresh_from_db()
        request.created_token = token

    def response_add(self, request: Any, obj: ApiToken, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the token, this once, in the answer itself and in no cookie or log."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"API token: {obj.name}",
            "opts": self.opts,
            "token": request.created_token,
            "row": obj,
        }
        return render(request, "admin/jobs/apitoken/created.html", context)

    @admin.display(description="Begins with")
    def beginning_column(self, row: ApiToken) -> SafeString:
        return format_html("<code>{}…</code>", row.beginning)

    @admin.display(description="State")
    def state(self, row: ApiToken) -> SafeString:
        return badge("failed", "Expired") if row.is_expired() else badge("succeeded", "Valid")
