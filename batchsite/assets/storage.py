"""Static files under URLs that change with their content, so that browsers may keep them."""

from collections.abc import Iterator
from typing import Any

from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.base import ContentFile

from batchsite.assets import catalogue


class HashedStorage(StaticFilesStorage):
    """`{% static 'css/a.css' %}` is the URL of `css/a.<hash>.css`, from the file as it is now."""

    def url(self, name: str | None) -> str:
        asset = catalogue.find(name) if name else None
        return str(super().url(asset.hashed_name if asset else name))

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """For `collectstatic`: write each file, and the bundles, under the names of their URLs.

        Compressed copies lie beside them with the ending `.gz`, as web servers expect.
        """
        for name in () if dry_run else (*paths, *catalogue.SCRIPTS, *catalogue.STYLES):
            asset = catalogue.find(name)
            if asset is None:
                continue
            self._write(asset.hashed_name, asset.content)
            if asset.compressed is not None:
                self._write(f"{asset.hashed_name}.gz", asset.compressed)
            yield name, asset.hashed_name, True

    def _write(self, name: str, content: bytes) -> None:
        if not self.exists(name):  # the hash names the content
            self.save(name, ContentFile(content))
