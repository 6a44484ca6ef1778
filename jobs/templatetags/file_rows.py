"""The rows of the file list, exactly as `static/js/files/file-row.js` draws them.

The first page of the list is in the page itself, so that a person with a slow line does not wait
for the scripts. A test in a browser compares both.
"""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from jobs.progress import humanize
from jobs.progress.status import timestamp
from jobs.services.files import ListedFile
from jobs.states import shown_status
from jobs.text import written

register = template.Library()

_HIDDEN = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_HIDDEN_IN_TEXT = re.compile(f"([{_HIDDEN}])")
_HIDDEN_IN_PATH = re.compile(f"([{_HIDDEN}\t\n])")
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")

_LABELS = {"succeeded": "Succeeded", "warning": "Warning", "failed": "Failed"}
_LOOKS = {
    "succeeded": ("is-good", "check"),
    "warning": ("is-warn", "warning"),
    "failed": ("is-bad", "cross"),
}


@register.simple_tag
def file_rows(files: Iterable[ListedFile]) -> SafeString:
    """The rows of these files, for the body of the table."""
    return format_html_join("", "{}", ((_row(file, at),) for at, file in enumerate(files)))


def _row(file: ListedFile, index: int) -> SafeString:
    time = format_html('<local-time datetime="{}"></local-time>', timestamp(file.modified))
    depth = humanize.depth({"checked": file.checked})
    about = " · ".join(part for part in (file.kind, size(file.size), depth) if part)
    return format_html(
        '<tr data-path="{path}" data-status="{status}">'
        '<td class="cell-check"><input type="checkbox" class="form-check-input" id="file{index}">'
        '</td><td><label class="file-name" for="file{index}">{name}</label>'
        '<div class="row-meta">{about} · {time}</div>{message}</td>'
        '<td class="cell-wide">{kind}</td><td class="cell-wide cell-number">{size}</td>'
        '<td class="cell-wide">{time}</td><td class="cell-outcome">{outcome}{depth}</td></tr>',
        path=file.path,
        status=file.status,
        index=index,
        name=_path(file.path),
        about=about,
        time=time,
        message=_message(file),
        kind=file.kind,
        size=size(file.size),
        outcome=_outcome(file),
        depth=format_html('<div class="quiet row-depth">{}</div>', depth) if depth else "",
    )


def _path(path: str) -> SafeString:
    *folders, last = path.split("/")
    above = format_html_join(
        "", "<bdi>{}</bdi>/", ((_text(name, _HIDDEN_IN_PATH),) for name in folders)
    )
    return format_html(
        '<span class="path" dir="ltr">{}<bdi class="path-name">{}</bdi></span>',
        format_html('<span class="path-folder">{}</span>', above) if folders else "",
        _text(last, _HIDDEN_IN_PATH),
    )


def _text(text: str, hidden: re.Pattern[str] = _HIDDEN_IN_TEXT) -> SafeString:
    """The text, with each hidden character in an element that shows it written out."""
    return format_html_join(
        "",
        "{}",
        ((_hidden(part) if at % 2 else part,) for at, part in enumerate(hidden.split(text))),
    )


def _hidden(character: str) -> SafeString:
    return format_html(
        '<span class="hidden-character" data-written="{}"><span hidden>{}</span></span>',
        written(character),
        character,
    )


def _message(file: ListedFile) -> SafeString | str:
    if not file.message:
        return ""
    look = "row-message" if file.status == "failed" else "quiet row-note"
    return format_html('<bdi class="{}">{}</bdi>', look, _text(file.message))


def _outcome(file: ListedFile) -> SafeString:
    shown = shown_status(file.status, file.message)
    look, symbol = _LOOKS.get(shown, ("", "dash"))
    badge = format_html(
        '<span class="badge-status {}"><svg class="icon" aria-hidden="true"><use href="{}#{}">'
        '</use></svg><span class="badge-label">{}</span></span>',
        look,
        static("img/icons.svg"),
        symbol,
        _LABELS.get(shown, "Not processed"),
    )
    if file.job_id is None:
        return badge
    return format_html('<a class="plain-link" href="/jobs/{}">{}</a>', file.job_id, badge)


@register.filter
def size(number: int | None) -> str:
    """A number of bytes in decimal units, as in “1.5 kB”; empty for None."""
    if number is None:
        return ""
    value, unit = float(number), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value /= 1000
        unit += 1
    places = Decimal("0.1") if unit and value < 99.5 else Decimal(1)
    return f"{Decimal(value).quantize(places, ROUND_HALF_UP)} {_UNITS[unit]}"


@register.filter
def grouped(number: int) -> str:
    """12400 as “12,400”."""
    return f"{number:,}"
