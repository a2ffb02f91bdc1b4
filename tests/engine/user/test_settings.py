"""The user's side: the project file, the environment, and the providers that they make."""

import pytest

from runner.engine.user import access, settings
from runner.errors import RecipeError, SettingsError
from runner.exchange import Timeout
from runner.model import Secret
from runner.protocol import providers
from runner.protocol.pacing import Limits
from tests.engine.playing import written

KEY = "sk-sentinel-0123456789"
ENV = {"OPENAI_API_KEY": KEY}


def load(folder, project=None, environ=ENV):
    if project is not None:
        written(folder, {"runner.yaml": project})
    return settings.load(folder, environ, settings.table("project.json"))


def provider(folder, project, name, environ=ENV):
    return settings.provider(load(folder, project, environ), name)


def keys(found):
    return dict(providers.key_headers(found))


def test_the_project_file_is_found_above(tmp_path):
    written(tmp_path, {"runner.yaml": "vars: {a: 1}", "a/b/x": ""})
    found = load(tmp_path / "a/b")
    assert found.root == tmp_path
    assert found.section("vars") == {"a": 1}


def test_without_one_the_folder_is_the_project(tmp_path):
    found = load(tmp_path)
    assert (found.root, found.project, found.section("vars")) == (tmp_path, None, {})
    assert found.default("provider") is None
    assert found.key_files == ()


def test_an_empty_one_still_marks_the_root(tmp_path):
    written(tmp_path, {"a/x": ""})
    (tmp_path / "runner.yaml").write_text("# nothing\n")
    assert load(tmp_path / "a").root == tmp_path


def test_its_paths_belong_to_it(tmp_path):
    text = "hooks: [h.py]\nallow_paths: [../data]\nchecks: fail\ndefaults: {provider: azure}\n"
    found = load(tmp_path, text)
    assert found.hooks == (tmp_path / "h.py",)
    assert found.allow_paths == (tmp_path / "../data",)
    assert (found.checks, found.default("provider")) == ("fail", "azure")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hook: [h.py]", "did you mean 'hooks'"),
        ("- 1", "a mapping of keys"),
        ("providers: {x: {api_key: sk-123456}}", "where the key comes from"),
        ("providers: {x: {base_url: ftp://x}}", "http"),
        ("vars: [", "runner.yaml:"),
    ],
)
def test_what_is_wrong_with_it_is_told_with_its_place(tmp_path, text, told):
    with pytest.raises(RecipeError) as caught:
        load(tmp_path, text)
    assert told in str(caught.value)
    assert "runner.yaml:1:" in str(caught.value)
    assert "sk-123456" not in str(caught.value)


def test_the_faulty_line_is_shown_unless_it_may_hold_a_key(tmp_path):
    with pytest.raises(RecipeError) as caught:
        load(tmp_path, "hook: [h.py]\n")
    assert "1 | hook: [h.py]" in str(caught.value)
    with pytest.raises(RecipeError) as caught:
        load(tmp_path, "providers: {a: {bare_url: x, api_key: {env: hidden-0815}}}\n")
    assert "bare_url" in str(caught.value)
    assert "hidden-0815" not in str(caught.value)


def test_a_project_file_that_cannot_be_read_is_told(tmp_path):
    written(tmp_path, {"runner.yaml": "{}"})
    (tmp_path / "runner.yaml").chmod(0)
    try:
        (tmp_path / "runner.yaml").read_bytes()
    except PermissionError:
        with pytest.raises(SettingsError, match="denied"):
            load(tmp_path)


def test_env_files_fill_in_what_the_environment_does_not_say(tmp_path):
    written(tmp_path, {".env": "A=1\nB=1\nC=1", "more.env": "B=2\nC=2"})
    found = load(tmp_path, "env_file: [.env, more.env]", {"C": "3"})
    assert found.environ == {"A": "1", "B": "2", "C": "3"}
    assert load(tmp_path, "env_file: .env", {}).environ == {"A": "1", "B": "1", "C": "1"}


def test_a_file_of_variables_that_nobody_names_is_not_read(tmp_path):
    written(tmp_path, {".env": "A=1"})
    assert load(tmp_path, "{}", {}).environ == {}


def test_an_env_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SettingsError, match=r"runner\.yaml:1:11: env_file \.env: No such file"):
        load(tmp_path, "env_file: .env")


def test_a_default_that_is_no_provider_is_told_in_place(tmp_path):
    written(tmp_path, {})
    with pytest.raises(RecipeError) as caught:
        load(tmp_path, "defaults: {provider: opnai}")
    (fault,) = caught.value.faults
    assert fault.mark is not None
    assert (fault.mark.line, fault.mark.column) == (1, 22)
    assert fault.message.startswith("no provider is named 'opnai'")
    assert fault.hint == "did you mean 'openai'?"
    own = "defaults: {provider: mine}\nproviders: {mine: {kind: offline}}"
    assert load(tmp_path, own).default("provider") == "mine"


def test_key_names_and_files_are_those_of_all_providers(tmp_path):
    text = (
        "env_file: e.txt\nproviders: {a: {api_key: {env: A}}, b: {api_key: {file: k.txt}}, c: {}}"
    )
    written(tmp_path, {"e.txt": ""})
    found = load(tmp_path, text)
    assert found.key_names == {
        "A",
        "OPENAI_API_KEY",
        "AZURE_OPENAI_API_KEY",
        "AZURE_OPENAI_AD_TOKEN",
    }
    assert found.key_files == (tmp_path / "k.txt", tmp_path / "e.txt")


def test_openai_takes_what_the_usual_variables_say(tmp_path):
    environ = {**ENV, "OPENAI_ORG_ID": "org", "OPENAI_PROJECT_ID": "proj"}
    found = provider(tmp_path, None, "openai", environ)
    assert found.base_url == "https://api.openai.com/v1"
    assert found.headers == (("OpenAI-Organization", "org"), ("OpenAI-Project", "proj"))
    assert keys(found) == {"Authorization": f"Bearer {KEY}"}
    assert found.checks == "warn"


def test_another_base_url_is_another_server(tmp_path):
    found = provider(tmp_path, None, "openai", {**ENV, "OPENAI_BASE_URL": "http://my.example/v1"})
    assert (found.base_url, found.checks) == ("http://my.example/v1", "off")


def test_azure_takes_what_the_usual_variables_say(tmp_path):
    environ = {
        "AZURE_OPENAI_API_KEY": KEY,
        "AZURE_OPENAI_AD_TOKEN": "token",
        "AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com",
        "OPENAI_API_VERSION": "2024-10-21",
    }
    found = provider(tmp_path, None, "azure", environ)
    assert (found.base_url, found.api_version) == ("https://r.openai.azure.com", "2024-10-21")
    assert keys(found) == {"api-key": KEY}
    del environ["AZURE_OPENAI_API_KEY"]
    assert keys(provider(tmp_path, None, "azure", environ)) == {"Authorization": "Bearer token"}


def test_the_project_may_say_more_of_a_known_provider(tmp_path):
    text = 'providers: {azure: {api_version: "2024-10-21", models: {gpt-4.1: mine}}}'
    environ = {"AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com", "AZURE_OPENAI_API_KEY": KEY}
    found = provider(tmp_path, text, "azure", environ)
    assert (found.kind, found.base_url) == ("azure", "https://r.openai.azure.com")
    assert (found.api_version, found.models) == ("2024-10-21", {"gpt-4.1": "mine"})
    assert keys(found) == {"api-key": KEY}


def test_a_provider_of_the_project_has_all_that_it_says(tmp_path):
    text = """\
    providers:
      mine:
        base_url: http://localhost:8080/v1
        api_key: {env: MY_KEY}
        headers: {X-A: 1}
        timeout: {connect: 3, total: 2m}
        checks: fail
        empty_content: omit
    """
    found = provider(tmp_path, text, "mine", {**ENV, "MY_KEY": "mine-0123"})
    assert keys(found) == {"Authorization": "Bearer mine-0123"}
    assert found.headers == (("X-A", "1"),)
    assert found.timeout == Timeout(3.0, 600.0, 120.0)
    assert (found.checks, found.empty_content, found.key_name) == ("fail", "omit", "MY_KEY")


def test_openais_key_and_account_go_to_no_other_host(tmp_path):
    environ = {**ENV, "OPENAI_ORG_ID": "org"}
    text = "providers: {mine: {base_url: http://my.example/v1}}"
    found = provider(tmp_path, text, "mine", environ)
    assert (keys(found), found.headers, access.needs(found)) == ({}, (), "")
    again = provider(tmp_path, "providers: {mine: {timeout: 3}}", "mine", environ)
    assert again.base_url == "https://api.openai.com/v1"
    assert keys(again) == {"Authorization": f"Bearer {KEY}"}


def test_a_key_may_lie_in_a_file(tmp_path):
    written(tmp_path, {"key.txt": f"{KEY}\n"})
    text = "providers: {mine: {base_url: http://my.example, api_key: {file: key.txt}}}"
    assert keys(provider(tmp_path, text, "mine")) == {"Authorization": f"Bearer {KEY}"}
    (tmp_path / "key.txt").unlink()
    with pytest.raises(SettingsError, match="the key file of provider mine: No such file"):
        provider(tmp_path, text, "mine")


@pytest.mark.parametrize("key", ["a\nb", "schlüssel", "a\x1b"])
def test_a_key_that_no_header_can_hold_is_told_and_not_shown(tmp_path, key):
    with pytest.raises(SettingsError, match="OPENAI_API_KEY is no key") as caught:
        provider(tmp_path, None, "openai", {"OPENAI_API_KEY": key})
    assert key not in str(caught.value)


@pytest.mark.parametrize("key", ["", "  "])
def test_an_empty_key_is_none(tmp_path, key):
    found = provider(tmp_path, None, "openai", {"OPENAI_API_KEY": key})
    assert found.key is None
    assert access.needs(found) == "OPENAI_API_KEY is not set"


def test_spaces_around_a_key_go(tmp_path):
    found = provider(tmp_path, None, "openai", {"OPENAI_API_KEY": f" {KEY}\n"})
    assert isinstance(found.key, Secret)
    assert found.key.reveal() == KEY


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x",
        "x",
        "http://",
        "http://[::1",
        "https://user:pass@host/v1",
        "user:pass@host",
        "http://user:pass@host:99999",
    ],
)
def test_a_base_url_that_is_none_is_told_and_holds_no_password(tmp_path, url):
    with pytest.raises(SettingsError, match=r"^OPENAI_BASE_URL: expected an address ") as caught:
        provider(tmp_path, None, "openai", {"OPENAI_BASE_URL": url})
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize("port", ["99999", "0", "x"])
def test_a_port_that_is_none_is_told_with_the_address(tmp_path, port):
    url = f"http://127.0.0.1:{port}/v1"
    with pytest.raises(SettingsError) as caught:
        provider(tmp_path, None, "openai", {"OPENAI_BASE_URL": url})
    assert str(caught.value).startswith(
        f"OPENAI_BASE_URL: expected a port from 1 to 65535, got {url!r}"
    )


@pytest.mark.parametrize(
    ("name", "environ", "lacks"),
    [
        ("openai", ENV, ""),
        ("openai", {}, "OPENAI_API_KEY is not set"),
        ("openai", {"OPENAI_BASE_URL": "http://localhost:1/v1"}, ""),
        ("openai", {"OPENAI_BASE_URL": "http://[::1]:1/v1"}, ""),
        ("azure", {}, "AZURE_OPENAI_ENDPOINT is not set"),
        ("azure", {"AZURE_OPENAI_ENDPOINT": "https://r.x"}, "AZURE_OPENAI_API_KEY is not set"),
        ("azure", {"AZURE_OPENAI_ENDPOINT": "https://r.x", "AZURE_OPENAI_AD_TOKEN": "t"}, ""),
    ],
)
def test_what_a_provider_lacks_is_told(tmp_path, name, environ, lacks):
    assert access.needs(provider(tmp_path, None, name, environ)) == lacks


def test_an_unknown_provider_is_told_with_those_there_are(tmp_path):
    with pytest.raises(SettingsError, match="there are openai, azure, offline, mine"):
        provider(tmp_path, "providers: {mine: {}}", "minr")


@pytest.mark.parametrize(
    ("row", "checks"),
    [
        ("{base_url: https://eu.api.openai.com/v1}", "warn"),
        ("{base_url: https://notopenai.com/v1}", "off"),
        ("{base_url: https://r.openai.azure.com, kind: azure}", "warn"),
        ("{base_url: https://my.example}", "off"),
    ],
)
def test_checks_follow_the_server(tmp_path, row, checks):
    assert provider(tmp_path, f"providers: {{x: {row}}}", "x").checks == checks


def test_the_projects_checks_hold_for_all(tmp_path):
    text = "checks: off\nproviders: {x: {checks: warn}}"
    text = text.replace("checks: off", 'checks: "off"')
    assert provider(tmp_path, text, "openai").checks == "off"
    assert provider(tmp_path, text, "x").checks == "warn"


def test_our_files_are_found():
    assert settings.shipped("schemas", "recipe.json").is_file()
    assert settings.table("recipe.json")["title"] == "A recipe"


def test_limits_are_those_of_the_project(tmp_path):
    row = "limits: {requests_per_minute: 3000, tokens_per_minute: 90000, concurrency: 8}"
    found = provider(tmp_path, f"providers: {{openai: {{{row}}}}}", "openai")
    assert found.limits == Limits(3000, 90_000, 8)
    assert provider(tmp_path, "providers: {openai: {}}", "openai").limits == Limits()


@pytest.mark.parametrize("row", ["requests_per_minute: 0", "tokens_per_minute: lots", "rpm: 5"])
def test_limits_that_are_none_are_refused(tmp_path, row):
    with pytest.raises(RecipeError, match=r"runner\.yaml:1:"):
        load(tmp_path, f"providers: {{openai: {{limits: {{{row}}}}}}}")
