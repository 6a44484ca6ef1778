"""Makes the sample library that the site ships: about 200 small files, some of them broken.

`python -m tests.support.sample` writes it to `jobs/library/sample.tar.xz`.
"""
