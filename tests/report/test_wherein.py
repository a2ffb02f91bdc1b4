"""Where many files are."""

import pytest

from runner.report.wherein import Wherein


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        ([], ""),
        (["out/a/b.md"], "out/a/b.md"),
        (["out/a/b.md", "out/a/c.md"], "2 files below out/a/"),
        (["out/a/b.md", "out/c.md"], "2 files below out/"),
        (["out/c.md", "out/a/b.md"], "2 files below out/"),
        (["out/a/x/1", "out/a/y/2", "out/ab/3"], "3 files below out/"),
        (["s3://b/p/1", "s3://b/p/q/2"], "2 files below s3://b/p/"),
        (["x.md", "y/z.md"], "2 files"),
    ],
)
def test_the_file_or_the_folder_of_all_is_named(paths, told):
    where = Wherein()
    for path in paths:
        where.take(path)
    assert where.told() == told
