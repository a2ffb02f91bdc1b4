"""Outputs that belong to an address: on this machine's disk, in memory, and on S3."""

import hashlib
import json
import socket
import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest

from tests.cli.command import at, runner
from tests.faults.faults import good
from tests.faults.server import FaultServer

fsspec = pytest.importorskip("fsspec", reason="the extra `remote` is not installed")
SECRET = "sentinel-secret-of-s3-0123456789"
RECIPE = """
dataset: {file: items.csv, id: sku}
steps:
  - name: draw
    endpoint: images.generations
    model: gpt-image-2
    prompt: "A {{ row.name }}."
    params: {size: 1024x1024, quality: low}
    output: {image: "pictures/{{ row_id }}.png"}
  - name: look
    endpoint: chat.completions
    model: gpt-4.1-mini
    messages: [{user: ["What is this?", {image: "{{ steps.draw.files[0] }}"}]}]
    output: {text: "texts/{{ row_id }}.md"}
"""
COLLECT = """
collect: {file: all.jsonl, fields: {id: "{{ row_id }}", picture: "{{ steps.draw.files[0] }}"}}
"""
NAMES = [
    name + suffix
    for name in (*(f"pictures/a{n}.png" for n in (1, 2, 3)), *(f"texts/a{n}.md" for n in (1, 2, 3)))
    for suffix in ("", ".run.json")
]


@pytest.fixture(params=["file", pytest.param("s3", marks=pytest.mark.slow)])
def far(request, tmp_path, monkeypatch):
    """An address that outputs can be written to, and the file system behind it."""
    monkeypatch.chdir(tmp_path)
    if request.param == "file":
        return f"file://{tmp_path}/far/deep", fsspec.filesystem("file")
    return request.getfixturevalue("bucket")


@pytest.fixture
def bucket(monkeypatch):
    pytest.importorskip("s3fs", reason="the extra `remote` is not installed")
    server = pytest.importorskip(
        "moto.server", reason="not installed: pip install moto[server] s3fs"
    )
    found = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    found.start()
    host, port = found.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    with_keys(monkeypatch)
    system = fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False)
    name = f"texts-{uuid4().hex[:8]}"  # The server forgets nothing while this process lives.
    system.mkdir(name)
    yield f"s3://{name}/run/one", system
    found.stop()


def with_keys(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASENTINEL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


def run(address, *words, recipe=RECIPE, env=None):
    files = {"r.recipe.yaml": recipe, "items.csv": "sku,name\na1,chair\na2,lamp\na3,mug\n"}
    where = () if env else ("--offline",)
    told = runner("run", "r.recipe.yaml", *where, "--out", address, *words, files=files, env=env)
    assert SECRET not in told.err + told.out
    return told


def there(far):
    address, system = far
    base = system._strip_protocol(address)
    return sorted(path.removeprefix(f"{base}/") for path in system.find(base))


def content(far, name):
    address, system = far
    return system.cat_file(f"{system._strip_protocol(address)}/{name}")


def here():
    """What lies on this machine of it."""
    return sorted(path.name for path in Path(".runner").rglob("*") if path.is_file())


def test_outputs_and_sidecars_are_there_whole_and_only_the_journal_is_here(far):
    told = run(far[0], "--jobs", "2")
    assert told.code == 0, told.err
    assert there(far) == sorted(NAMES)
    for name in NAMES[::2]:
        sidecar = json.loads(content(far, f"{name}.run.json"))
        assert sidecar["sha256"]["output"] == hashlib.sha256(content(far, name)).hexdigest()
    # What the next step read is named by its address.
    assert [*sidecar["sha256"]["inputs"]] == [f"{far[0]}/pictures/a3.png"]
    assert b"I was given a picture" in content(far, "texts/a1.md")
    assert here() == ["r.db"]
    (place,) = Path(".runner").rglob("r.db")
    with sqlite3.connect(place) as base:
        ((files,),) = base.execute("select files from rows where id = '[row=a1]'")
    base.close()
    assert json.loads(files) == [f"{far[0]}/pictures/a1.png", f"{far[0]}/texts/a1.md"]


def test_lines_are_collected_there_and_name_the_addresses(far):
    assert run(far[0], recipe=RECIPE + COLLECT).code == 0
    lines = [json.loads(line) for line in content(far, "all.jsonl").splitlines()]
    assert [line["id"] for line in lines] == ["a1", "a2", "a3"]
    assert lines[0]["picture"] == f"{far[0]}/pictures/a1.png"
    sidecar = json.loads(content(far, "all.jsonl.run.json"))
    assert sidecar["sha256"]["output"] == hashlib.sha256(content(far, "all.jsonl")).hexdigest()
    assert run(far[0], recipe=RECIPE + COLLECT).code == 2
    told = run(far[0], "--resume", recipe=RECIPE + COLLECT)
    assert "0 requests" in told.err
    assert here() == ["r.db"]
    assert len(content(far, "all.jsonl").splitlines()) == 3


def test_what_stands_there_whole_counts_though_no_journal_knows_it(far):
    run(far[0])
    (place,) = Path(".runner").rglob("r.db")
    place.unlink()
    address, system = far
    system.pipe_file(f"{system._strip_protocol(address)}/texts/a2.md", b"torn")
    told = run(far[0], "--resume")
    assert told.code == 0, told.err
    assert "2 rows were done before\nwrote " in told.err
    assert "\n1 passed · 2 requests" in told.err
    assert content(far, "texts/a2.md") != b"torn"


def test_what_is_stale_there_is_told_and_made_again(far):
    run(far[0])
    address, system = far
    system.rm_file(f"{system._strip_protocol(address)}/pictures/a1.png")
    told = runner("stale", "r.recipe.yaml", "--offline", "--out", address)
    assert told.code == 1
    assert f"{address}/pictures/a1.png: missing" in told.out
    assert f"{address}/texts/a2.md" not in told.out
    told = run(far[0], "--stale")
    assert "1 passed" in told.err
    assert there(far) == sorted(NAMES)


def test_a_report_shows_what_lies_there(far):
    run(far[0], "--report", "html=report.html")
    page = Path("report.html").read_text()
    assert page.count("data:image/png;base64,") + page.count('"image/png"') >= 1
    assert f"{far[0]}/pictures/a1.png" in page


@pytest.mark.slow
def test_a_bucket_that_is_not_there_is_told_before_the_first_request(bucket, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with FaultServer({"chat": good}) as server:
        told = run("s3://nowhere/x", env=at(server, "chat"))
        assert server.connections == 0
    assert told.code == 2
    assert "--out s3://nowhere/x is not there" in told.err


@pytest.mark.slow
def test_without_credentials_nothing_is_sent(bucket, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    told = run("s3://texts/x")
    assert told.code == 2
    assert "cannot be written to without credentials" in told.err


@pytest.mark.slow
def test_a_network_that_is_down_is_told_before_the_first_request(tmp_path, monkeypatch):
    pytest.importorskip("s3fs", reason="the extra `remote` is not installed")
    monkeypatch.chdir(tmp_path)
    with_keys(monkeypatch)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{one.getsockname()[1]}")
        told = run("s3://texts/x")
    assert told.code == 3
    assert "s3://texts/x cannot be reached" in told.err


def test_the_project_may_name_an_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("runner.yaml").write_text(f"defaults: {{out: 'file://{tmp_path}/far'}}\n")
    files = {"a.recipe.yaml": "endpoint: models\noutput: {text: models.txt}\n"}
    told = runner("run", "a.recipe.yaml", "--offline", files=files)
    assert told.code == 0, told.err
    assert f"wrote file://{tmp_path}/far/models.txt" in told.err
    assert Path("far/models.txt").is_file()
    assert not Path("out").exists()
