"""Keys: a key goes to its own host, and nowhere else."""

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "a key is never sent to the host of a redirect",
        "runner/transport/redirect.py",
        " and origin_of(target) == origin_of(url):",
        ":",
        "tests/faults/test_ends.py::test_the_key_goes_nowhere_else",
    ),
    Protection(
        "a key is never sent to another port of its host",
        "runner/transport/redirect.py",
        'return parts.scheme, parts.hostname or "", parts.port or USUAL_PORTS.get(parts.scheme)',
        'return parts.scheme, parts.hostname or "", USUAL_PORTS.get(parts.scheme)',
        "tests/transport/test_redirect.py::test_nothing_goes_elsewhere_or_in_place",
    ),
    Protection(
        "a redirect that echoes the key does not show it",
        "runner/transport/redirect.py",
        "raise BadReplyError(_without_key(text, authorize()), hint=hint)",
        "raise BadReplyError(text, hint=hint)",
        "tests/transport/test_http.py::test_a_redirect_that_echoes_the_key_does_not_show_it",
    ),
    Protection(
        "the key of a session is never sent to the host of a redirect",
        "runner/transport/websocket.py",
        "                create_connection=straight,\n",
        "",
        "tests/transport/test_websocket.py::test_a_session_follows_no_redirect",
    ),
    Protection(
        "a request's own header never replaces the key",
        "runner/transport/adapter.py",
        "        parcel.headers.update(keys)\n",
        "        parcel.headers = {**dict(keys), **parcel.headers}\n",
        "tests/transport/test_http.py::test_a_request_s_own_header_never_replaces_the_key",
    ),
    Protection(
        "a recipe sets no header that carries a key or names a host",
        "runner/recipe/ask.py",
        "            if name.lower() in forbidden:\n",
        "            if False:\n",
        "tests/recipe/test_ask.py::test_a_recipe_sets_no_key_and_no_host",
    ),
    Protection(
        "a password of ~/.netrc goes to no service",
        "runner/transport/adapter.py",
        "parcel.prepare(method=method, url=url, headers=headers)",
        "parcel.prepare(\n"
        "            method=method,\n            url=url,\n            headers=headers,\n"
        "            auth=requests.utils.get_netrc_auth(url),\n"
        "        )",
        "tests/transport/test_http.py::test_a_netrc_gives_no_key_where_there_is_none",
    ),
    Protection(
        "a service whose certificate is not trusted gets no key",
        "runner/transport/adapter.py",
        '{"ssl_context": context, "cert_reqs": "CERT_REQUIRED"}',
        '{"cert_reqs": "CERT_NONE"}',
        "tests/transport/test_connection.py::"
        "test_a_certificate_that_is_not_trusted_ends_it_before_the_key_is_sent",
    ),
    Protection(
        "a service with a certificate of another name gets no key",
        "runner/transport/adapter.py",
        '"cert_reqs": "CERT_REQUIRED"}',
        '"cert_reqs": "CERT_REQUIRED", "assert_hostname": False}',
        "tests/transport/test_connection.py::test_a_certificate_of_another_name_is_not_trusted",
    ),
    Protection(
        "a header of a web request names no proxy",
        "runner/transport/routes.py",
        '    if scheme == "http" and "REQUEST_METHOD" in environ:\n',
        "    if False:\n",
        "tests/transport/test_routes.py::test_the_proxy_is_the_environment_s",
    ),
    Protection(
        "OpenAI's key goes to OpenAI's host alone",
        "runner/engine/user/settings.py",
        '    if "base_url" in row and kind == "openai" and name != "openai":\n',
        "    if False:\n",
        "tests/engine/user/test_settings.py::test_openais_key_and_account_go_to_no_other_host",
    ),
    Protection(
        "a base URL holds no password",
        "runner/engine/user/address.py",
        '    if parts.username or ("@" in url and not (parts.netloc and is_port)):\n',
        "    if False:\n",
        "tests/engine/user/test_settings.py::"
        "test_a_base_url_that_is_none_is_told_and_holds_no_password",
    ),
    Protection(
        "a provider's key is no variable of a recipe",
        "runner/engine/user/environment.py",
        "            if name in found.key_names:\n",
        "            if False:\n",
        "tests/engine/test_strangers.py::test_a_key_is_never_granted",
    ),
    Protection(
        "a key that the project names is no variable of a recipe",
        "runner/engine/user/settings.py",
        'return KEYS | {row["env"] for row in named if "env" in row}',
        "return KEYS",
        "tests/engine/user/test_settings.py::test_key_names_and_files_are_those_of_all_providers",
    ),
    Protection(
        "a stranger's recipe reads of the environment what it was granted",
        "runner/engine/user/environment.py",
        "granted = not options.untrusted or name in options.allow_env",
        "granted = True",
        "tests/engine/test_strangers.py::test_the_environment_is_granted_by_name",
    ),
    Protection(
        "a file that holds keys is read by no recipe",
        "runner/engine/user/settings.py",
        "return tuple(self.root / file for file in [*files, *listed(own)])",
        "return ()",
        "tests/engine/user/test_settings.py::test_key_names_and_files_are_those_of_all_providers",
    ),
    Protection(
        "an env file never overrides the environment",
        "runner/engine/user/dotenv.py",
        "return {**found, **environ}",
        "return {**environ, **found}",
        "tests/engine/user/test_settings.py::"
        "test_env_files_fill_in_what_the_environment_does_not_say",
    ),
    Protection(
        "a value of the environment enters no path and no address",
        "runner/recipe/taint.py",
        "    return [_fault(mark) for mark in found]\n",
        "    return []\n",
        "tests/recipe/test_taint.py::test_paths_and_addresses_are_kept_clean",
    ),
    Protection(
        "what a tool gives back of the environment enters no path either",
        "runner/recipe/taint.py",
        "            echoes = True\n",
        "            echoes = False\n",
        "tests/recipe/test_taint.py::test_it_spreads_through_what_a_tool_gives_back",
    ),
    Protection(
        "a key that no header can carry is not shown",
        "runner/engine/user/settings.py",
        '        message = f"{name} is no key: it holds',
        '        message = f"{name} is no key: {bare} holds',
        "tests/engine/user/test_settings.py::"
        "test_a_key_that_no_header_can_hold_is_told_and_not_shown",
    ),
    Protection(
        "a line of the project file that may hold a key is not shown",
        "runner/engine/user/settings.py",
        'return fault._replace(source="" if SECRETIVE.search(f"{fault.where} {line}") else line)',
        "return fault._replace(source=line)",
        "tests/engine/user/test_settings.py::"
        "test_the_faulty_line_is_shown_unless_it_may_hold_a_key",
    ),
    Protection(
        "a key shows itself in no record",
        "runner/model.py",
        '        return "Secret(***)"\n',
        '        return f"Secret({self._value})"\n',
        "tests/engine/user/test_secrets.py::test_a_key_shows_itself_in_no_record",
    ),
    Protection(
        "in replay nothing is asked",
        "runner/transport/cassette.py",
        '            if found is None and self.mode == "replay":\n',
        "            if False:\n",
        "tests/transport/test_cassette.py::test_a_cassette_that_is_not_there_is_named",
    ),
    Protection(
        "replay needs no key",
        "runner/engine/tapes.py",
        '        return self._mode == "record" or (self._mode == "auto" and cassette.is_empty)\n',
        "        return True\n",
        "tests/engine/test_tapes.py::test_auto_needs_a_key_only_for_what_is_not_recorded",
    ),
    Protection(
        "--offline makes every provider the offline one",
        "runner/engine/turn.py",
        "        if plan.options.offline:\n",
        '        if plan.options.offline and name == "openai":\n',
        "tests/cli/test_run.py::test_offline_asks_no_provider_that_a_recipe_names",
    ),
    Protection(
        "the offline provider makes no connection",
        "runner/engine/carry.py",
        '        if provider.kind == "offline":\n',
        "        if False:\n",
        "tests/engine/test_carry.py::test_the_offline_provider_needs_nothing",
    ),
    Protection(
        "a dry run sends nothing",
        "runner/cli/run.py",
        '        if flags["dry_run"]:\n',
        "        if False:\n",
        "tests/cli/test_run_checked.py::test_dry_run_sends_nothing_and_needs_no_key",
    ),
    Protection(
        "the offline server listens on loopback alone",
        "runner/engine/commands/serve.py",
        'web.TCPSite(runner, "127.0.0.1", port',
        'web.TCPSite(runner, "0.0.0.0", port',
        "tests/serve/test_bounds.py::test_it_is_reached_from_this_machine_alone",
    ),
    Protection(
        "the offline server answers no web page whose name leads here",
        "runner/engine/commands/serve.py",
        '    if not _is_ours(http.headers.get("Host", "")):\n',
        "    if False:\n",
        "tests/serve/test_bounds.py::test_a_web_page_whose_name_leads_here_is_not_answered",
    ),
    Protection(
        "a web page of another host is not answered",
        "runner/engine/commands/serve.py",
        "    if not all(_is_ours(page.partition",
        "    if False and not all(_is_ours(page.partition",
        "tests/serve/test_bounds.py::test_a_web_page_of_another_host_is_not_answered",
    ),
    Protection(
        "the offline server lets in who has its key",
        "runner/engine/commands/serve.py",
        "        if service.key and not _has_key(http, service.key):\n",
        "        if False:\n",
        "tests/serve/test_openai_client.py::test_only_the_key_lets_in",
    ),
    Protection(
        "a key in a text is sent to a worker by its name",
        "runner/engine/workers/sealing.py",
        '            return self._parts(obj, self._secrets, "text")\n',
        "            return None\n",
        "tests/engine/workers/test_sealing.py::"
        "test_a_secret_is_sent_by_its_name_and_is_the_receivers_own",
    ),
    Protection(
        "a key in bytes is sent to a worker by its name",
        "runner/engine/workers/sealing.py",
        '            return self._parts(obj, self._bytes, "bytes")\n',
        "            return None\n",
        "tests/engine/workers/test_sealing.py::"
        "test_a_secret_is_sent_by_its_name_and_is_the_receivers_own",
    ),
    Protection(
        "a provider's key is sent to no worker",
        "runner/engine/workers/sealing.py",
        "        if kind is Secret:\n",
        "        if False:\n",
        "tests/engine/workers/test_sealing.py::test_a_key_that_has_no_name_is_not_sent",
    ),
    Protection(
        "the environment is sent to no worker",
        "runner/engine/workers/sealing.py",
        "        if obj is self._environ and obj is not None:\n",
        "        if False:\n",
        "tests/engine/workers/test_sealing.py::"
        "test_the_environment_stays_and_is_replaced_by_that_of_the_receiver",
    ),
    Protection(
        "a header of the project that is a key is sent to no worker",
        "runner/engine/workers/shipping.py",
        "            if KEYLIKE.search(str(header)):\n",
        "            if False:\n",
        "tests/engine/workers/test_shipping.py::"
        "test_a_secret_in_a_header_of_the_project_file_is_refused",
    ),
    Protection(
        "a worker masks its own keys",
        "runner/engine/workers/labour.py",
        "            self._suite.masker.learn(secret)\n",
        "            pass\n",
        "tests/engine/workers/test_labour.py::test_a_worker_masks_its_own_secrets",
    ),
)
