"""Creates an API token for a person."""

import argparse
from typing import Any

from django.contrib.auth import get_user_model

from jobs import services
from jobs.management.arguments import number
from jobs.management.base import CommandFailure, JobsCommand
from jobs.models.token import NAME_LENGTH
from jobs.services.tokens import MAX_DAYS


class Command(JobsCommand):
    help = (
        "Creates an API token for an account and prints it. It is shown only this once: the "
        "database keeps its hash. Programs send it as “Authorization: Token …”. It is revoked "
        "in the admin, on the page “API tokens” of its owner, and by a new password."
    )
    examples = """\
  manage.py createtoken alice
  manage.py createtoken alice --name "nightly check" --days 90
  TOKEN=$(manage.py createtoken alice)"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("user", metavar="USER", help="the user name of the account")
        add("--name", metavar="N", default="Command line", help="what it is for (%(default)s)")
        days = "it expires after this many days (default: never)"
        add("--days", type=number(int, 1, MAX_DAYS), metavar="D", help=days)

    def handle(self, *args: Any, **options: Any) -> None:
        users = get_user_model()
        try:
            user = users._default_manager.get_by_natural_key(options["user"])
        except users.DoesNotExist:
            raise CommandFailure(
                f"There is no account “{options['user']}”. Create it in the admin first."
            ) from None
        if not user.is_active:
            raise CommandFailure(
                f"The account “{options['user']}” is not active, so its tokens would not work. "
                "Activate it in the admin first."
            )
        name = options["name"].strip()
        if not 0 < len(name) <= NAME_LENGTH:
            raise CommandFailure(f"Give a name of 1 to {NAME_LENGTH} characters.")
        token, row = services.create_token(user, name=name, days=options["days"])
        self.stdout.write(token)
        end = "never expires" if row.expires_at is None else f"expires on {row.expires_at:%Y-%m-%d}"
        self.stderr.write(f"The token “{name}” {end}. It is shown only this once.")
