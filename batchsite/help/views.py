"""The pages of the documentation. Who may read the site's pages may read these."""

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from batchsite.help import library, markdown
from jobs.views import page


@page
def index(request: HttpRequest) -> HttpResponseBase:
    """The list of all pages."""
    return render(request, "help/index.html", {"contents": library.contents()})


@page
def document(request: HttpRequest, path: str) -> HttpResponseBase:
    """A page, or a picture of one; a page with status 404 for anything else."""
    file = library.files().get(path)
    if file is None:
        readable = f"{path.removesuffix('/')}.md"
        if readable in library.files():
            return redirect("help-page", path=readable)
        return render(request, "404.html", status=404)
    if path.endswith(".md"):
        text = file.read_text()
        values = {
            "contents": library.contents(),
            "path": path,
            "title": library.title(text),
            "html": markdown.html(path, text),
        }
        return render(request, "help/page.html", values)
    return FileResponse(file.open("rb"), content_type=library.PICTURES[file.suffix])
