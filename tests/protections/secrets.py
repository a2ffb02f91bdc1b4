"""Secrets: what keeps keys from where they do not belong: processes, crashes, imported recipes."""

from __future__ import annotations

from tests.protections.taken import Protection

IMPORTED = "tests/importer/test_recipe.py"
PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "no key is a word of a process",
        "runner/engine/workers/processes.py",
        "        crew: list[_Worker[T]] = []\n",
        "        import subprocess\n        import sys\n\n"
        '        words = [sys.executable, "-c", "import time; time.sleep(5)"]\n'
        '        subprocess.Popen([*words, os.environ.get("OPENAI_API_KEY", "")])\n'
        "        crew: list[_Worker[T]] = []\n",
        "tests/test_sentinel.py::test_no_key_is_a_word_of_a_process",
    ),
    Protection(
        "a key shows in no crash",
        "runner/cli/faults.py",
        "{printable(_hidden(str(error)))[:500]}",
        "{printable(str(error))[:500]}",
        "tests/cli/test_commands.py::test_a_fault_of_ours_shows_no_key",
    ),
    Protection(
        "a key shows in no traceback of a crash",
        "runner/cli/faults.py",
        'say(_hidden("".join(traceback.format_exception(error))))',
        'say("".join(traceback.format_exception(error)))',
        "tests/cli/test_commands.py::test_a_fault_of_ours_shows_no_key[1]",
    ),
    Protection(
        "doctor shows no key",
        "runner/engine/user/secrets.py",
        ' if is_weak(provider) else "a key is set"',
        ' if is_weak(provider) else f"{provider.key and provider.key.reveal()}, a key is set"',
        "tests/cli/test_commands.py::test_doctor_says_what_is_missing_and_is_safe_to_paste",
    ),
    Protection(
        "a provider's short key is masked where it is told as one",
        "runner/engine/user/secrets.py",
        "                self._learn_short(secret.reveal())\n",
        "",
        "tests/engine/user/test_secrets.py::test_a_provider_s_short_key_is_masked_where_it_is_told_as_one",
    ),
    Protection(
        "doctor shows no password of a proxy",
        "runner/engine/commands/doctor.py",
        '[("ok", name, "is set") for name in names',
        '[("ok", name, suite.environ[name]) for name in names',
        "tests/cli/test_commands.py::test_doctor_says_what_is_missing_and_is_safe_to_paste",
    ),
    Protection(
        "a command that is shown names the key's variable alone",
        "runner/protocol/providers.py",
        '        return "api-key", "", provider.key_name\n',
        '        return "api-key", provider.key.reveal() if provider.key else "", ""\n',
        "tests/protocol/test_providers.py::test_azure_takes_a_key_or_a_token",
    ),
    Protection(
        "a header that holds a key gets into no imported recipe",
        "runner/importer/recipe.py",
        "            if name.lower() in FORBIDDEN or not value or sent:\n",
        "            if not value or sent:\n",
        f"{IMPORTED}::test_no_key_gets_into_a_recipe",
    ),
    Protection(
        "a header with the name of a key is read from a secret",
        "runner/importer/recipe.py",
        '            if SECRETIVE.search(name.replace("-", "_")) and hole is None:\n',
        "            if False:\n",
        f"{IMPORTED}::test_no_key_gets_into_a_recipe",
    ),
    Protection(
        "what looks like a key in a command is read from a secret",
        "runner/importer/holes.py",
        "                return LITERAL_KEY.sub(self._literal_key, piece.text)\n",
        "                return piece.text\n",
        f"{IMPORTED}::test_a_key_in_an_address_or_a_body_is_left_out_or_masked",
    ),
    Protection(
        "a field that holds a key is read from a secret",
        "runner/importer/holes.py",
        "KEYED.search(name) and WORD.fullmatch(value)",
        "not name",
        f"{IMPORTED}::test_a_key_in_an_address_or_a_body_is_left_out_or_masked",
    ),
    Protection(
        "a variable with the name of a key is read from a secret",
        "runner/importer/holes.py",
        "        if SECRETIVE.search(piece.text):\n",
        "        if False:\n",
        "tests/importer/test_holes.py::test_a_key_is_a_secret_and_never_a_value",
    ),
    Protection(
        "a user's password in a command gets into no recipe",
        "runner/importer/options.py",
        '"-u": _left_out(KEY),',
        '"-u": _named("X-User"),',
        f"{IMPORTED}::test_no_key_gets_into_a_recipe",
    ),
    Protection(
        "cookies of a command get into no recipe",
        "runner/importer/options.py",
        '"-b": _left_out("cookies are left out: a recipe may not set them"),',
        '"-b": _named("X-Cookie"),',
        f"{IMPORTED}::test_no_key_gets_into_a_recipe",
    ),
    Protection(
        "a password in an address gets into no recipe",
        "runner/importer/address.py",
        'name = host.rpartition("@")[2]',
        "name = host",
        f"{IMPORTED}::test_a_key_in_an_address_or_a_body_is_left_out_or_masked",
    ),
    Protection(
        "a key in the query of an address gets into no recipe",
        "runner/importer/address.py",
        "if not SECRET.match(name)]",
        "]",
        f"{IMPORTED}::test_a_key_in_an_address_or_a_body_is_left_out_or_masked",
    ),
    Protection(
        "a key's variable of a provider is no secret of a recipe",
        "runner/importer/holes.py",
        '        name = f"{name}_SECRET" if name in KEYS else name\n',
        "",
        "tests/importer/test_holes.py::test_a_key_is_a_secret_and_never_a_value",
    ),
)
