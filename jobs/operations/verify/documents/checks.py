"""What looks into the content of each kind of document."""

from collections.abc import Callable

from jobs.operations.verify.content import Content
from jobs.operations.verify.documents.office import check_compound
from jobs.operations.verify.limits import Checked, Limits

DOCUMENTS: dict[str, Callable[[Content, str, str, Limits], Checked]] = {
    "ole": lambda content, kind, name, limits: check_compound(content, name),
}
