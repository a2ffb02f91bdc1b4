"""What workers on other machines are sent, and what is refused because they cannot have it."""

from pathlib import Path

import pytest

from runner.engine.suite import Suite
from runner.engine.user.options import Options
from runner.engine.workers import shipping
from runner.errors import SettingsError

KEY = "sk-a-key-of-the-driver-0123"
TOKEN = "a-token-of-the-driver"
RECIPE = """\
endpoint: chat.completions
model: gpt-4.1
dataset: {file: rows.csv, id: id}
secrets: [TOKEN]
vars: {told: "told {{ env.TOKEN }}"}
messages:
  - {system: {include: style.md}}
  - {user: "Describe {{ row.name }}, {{ told }}"}
collect: {file: all.jsonl}
"""
PROJECT = (
    "providers: {near: {kind: openai, base_url: 'http://127.0.0.1:1/v1', api_key: {env: K}}}\n"
)


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOKEN", TOKEN)
    monkeypatch.setenv("K", KEY)
    monkeypatch.setenv("UNNAMED", "what-no-recipe-declares")
    for name, text in (
        ("r.recipe.yaml", RECIPE),
        ("runner.yaml", f"{PROJECT}defaults: {{provider: near}}\nenv_file: keys.env\n"),
        ("keys.env", "IN_A_FILE=sk-a-key-in-a-file-0123\n"),
        ("rows.csv", "id,name\na,apple\nb,pear\n"),
        ("style.md", "Be brief."),
        ("hooks.py", "STYLE = 'hooked'\n"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def shipped(**given):
    suite = Suite(Options(**given), print)
    ready = suite.all_checked(["r.recipe.yaml"])
    content = shipping.shipped(suite, ready)
    return suite, ready, content


def test_neither_keys_nor_secrets_nor_the_environment_are_sent(project):
    suite, _, content = shipped(hooks=(project / "hooks.py",))
    for secret in (KEY, TOKEN, "what-no-recipe-declares", "sk-a-key-in-a-file-0123"):
        assert secret.encode() not in content
    suite.close()


def test_a_worker_has_secrets_of_its_own(monkeypatch):
    suite, _, content = shipped()
    monkeypatch.setenv("TOKEN", "a-token-of-the-worker")
    shipment, environ = shipping.opened(content)
    plan = shipment.plans[0]
    assert plan.context["told"] == "told a-token-of-the-worker"
    assert plan.secrets == ("a-token-of-the-worker",)
    assert plan.settings.environ is environ
    assert environ["IN_A_FILE"] == "sk-a-key-in-a-file-0123"
    suite.close()


def test_a_worker_that_lacks_a_secret_says_which(monkeypatch):
    suite, _, content = shipped()
    monkeypatch.delenv("TOKEN")
    with pytest.raises(SettingsError, match="TOKEN is not set where the worker runs") as found:
        shipping.opened(content)
    assert "not sent" in found.value.hint
    suite.close()


def test_the_driver_says_where_to_ask(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:7/v1")
    suite, _, content = shipped()
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:8/v1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "of-the-worker")
    _, environ = shipping.opened(content)
    assert environ["OPENAI_BASE_URL"] == "http://127.0.0.1:7/v1"
    assert "OPENAI_PROJECT_ID" not in environ
    suite.close()


def test_what_all_rows_share_is_sent_with_its_place_and_no_file_of_keys(project):
    suite, _, content = shipped(hooks=(project / "hooks.py",))
    shipment, _ = shipping.opened(content)
    sent = {str(path): content.decode() for path, content in shipment.files.items()}
    assert sent[str(project / "style.md")] == "Be brief."
    assert sent[str(project / "hooks.py")] == "STYLE = 'hooked'\n"
    assert str(project / "r.recipe.yaml") in sent
    assert not [path for path in sent if path.endswith((".env", "runner.yaml"))]
    suite.close()


def test_the_folder_that_tells_whether_a_disk_is_shared_goes_with_the_run(project):
    suite, _, content = shipped()
    shipment, _ = shipping.opened(content)
    assert (project / "out").exists()
    assert Path(shipment.room).is_dir()
    assert shipment.plans[0].options.out == project / "out"
    suite.close()
    assert not (project / "out" / ".runner").exists()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"max_cost": 1.0}, "--max-cost is kept by one machine"),
        ({"max_requests": 1}, "--max-requests"),
        ({"cassette": "record"}, "--cassette"),
        ({"untrusted": True, "max_requests": 1}, "--untrusted"),
        ({"via": "batch"}, "--via batch"),
    ],
)
def test_what_one_machine_keeps_is_refused(given, told):
    with pytest.raises(SettingsError, match=told):
        shipping.refuse(Options(**given), [])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("dataset: {file: rows.csv, id: id}\n", "", "r has none"),
        ("collect: {file: all.jsonl}", 'output: {text: "{{ parsed.name }}.md"}', "row_id"),
    ],
)
def test_recipes_that_need_one_machine_are_refused(project, old, new, told):
    text = RECIPE.replace(old, new).replace("row.name", "row_id" if new else "told")
    (project / "r.recipe.yaml").write_text(text, encoding="utf-8")
    suite = Suite(Options(), print)
    plans = [one.plan for one in suite.all_checked(["r.recipe.yaml"])]
    with pytest.raises(SettingsError) as found:
        shipping.refuse(suite.options, plans)
    assert told in str(found.value)
    suite.close()


def test_a_path_that_reads_the_rows_id_is_none_of_two_rows(project):
    output = 'output: {text: "{{ row_id }}/{{ parsed.name }}.md"}'
    text = RECIPE.replace("collect: {file: all.jsonl}", output)
    (project / "r.recipe.yaml").write_text(text, encoding="utf-8")
    suite = Suite(Options(), print)
    shipping.refuse(suite.options, [one.plan for one in suite.all_checked(["r.recipe.yaml"])])
    suite.close()


def test_a_secret_in_a_header_of_the_project_file_is_refused(project):
    headers = PROJECT.replace("api_key:", "headers: {X-Api-Key: abc}, api_key:")
    (project / "runner.yaml").write_text(
        f"{headers}defaults: {{provider: near}}\n", encoding="utf-8"
    )
    suite = Suite(Options(), print)
    plans = [one.plan for one in suite.all_checked(["r.recipe.yaml"])]
    with pytest.raises(SettingsError, match="the header X-Api-Key is a secret"):
        shipping.refuse(suite.options, plans)
    suite.close()
