"""Downloads: what holds where an address of a recipe or a reply is fetched."""

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "where a redirect of a download leads is judged like its first address",
        "runner/engine/reading/fetch.py",
        "            self._judge(address)\n",
        "            if _ == 0:\n                self._judge(address)\n",
        "tests/engine/reading/test_fetch.py::test_a_redirect_leads_nowhere_else",
    ),
    Protection(
        "redirects of a download end",
        "runner/engine/reading/fetch.py",
        "for _ in range(MOST_REDIRECTS + 1):",
        "for _ in range(500):",
        "tests/engine/reading/test_fetch.py::test_redirects_end",
    ),
    Protection(
        "a name that leads to a private place is not connected to",
        "runner/transport/connection.py",
        "                attempt.guard(str(address[0]))\n",
        "                pass\n",
        "tests/engine/reading/test_fetch.py::"
        "test_a_name_that_leads_to_a_private_place_is_not_connected_to",
    ),
    Protection(
        "a name that nobody tells ends in time",
        "runner/transport/names.py",
        "came.get(timeout=seconds)",
        "came.get()",
        "tests/transport/test_connection.py::test_a_name_that_nobody_tells_ends_in_time",
    ),
    Protection(
        "the place that was judged is the one that is connected to",
        "runner/transport/connection.py",
        "                self._reach(sock, address, attempt)\n",
        "                again = socket.getaddrinfo(host, self.port, family, kind)\n"
        "                self._reach(sock, again[0][4], attempt)\n",
        "tests/transport/test_connection.py::test_a_name_is_looked_up_once",
    ),
    Protection(
        "a proxy is not asked for what is private",
        "runner/engine/reading/fetch.py",
        "                judge_place(place, host_of(address))\n",
        "                pass\n",
        "tests/engine/reading/test_fetch.py::"
        "test_a_proxy_is_not_asked_for_what_we_know_to_be_private",
    ),
    Protection(
        "a number that is a private place is not asked for",
        "runner/transport/reach.py",
        "    judge_place(host, host)\n",
        "",
        "tests/transport/test_reach.py::test_all_else_is_not",
    ),
    Protection(
        "web addresses alone are fetched",
        "runner/transport/reach.py",
        "    if scheme not in USUAL_PORTS or not host:\n",
        "    if not host:\n",
        "tests/transport/test_reach.py::test_all_else_is_not",
    ),
    Protection(
        "an address with a user's name or password is not fetched",
        "runner/transport/reach.py",
        '    if "@" in urlsplit(url).netloc:\n',
        "    if False:\n",
        "tests/transport/test_reach.py::test_all_else_is_not",
    ),
    Protection(
        "nothing is fetched from odd ports of strangers",
        "runner/transport/reach.py",
        "    if port not in USUAL_PORTS.values():\n",
        "    if False:\n",
        "tests/transport/test_reach.py::test_all_else_is_not",
    ),
    Protection(
        "places of the internet at large alone are public",
        "runner/transport/reach.py",
        "return place.is_global and not (",
        "return not (",
        "tests/transport/test_reach.py::test_all_else_is_not",
    ),
    Protection(
        "places of many hosts are not public",
        "runner/transport/reach.py",
        "(place.is_multicast or ",
        "(",
        "tests/transport/test_reach.py::test_all_else_is_not",
    ),
    Protection(
        "places that are reserved are not public",
        "runner/transport/reach.py",
        " or place.is_reserved",
        "",
        "tests/transport/test_reach.py::test_all_else_is_not",
    ),
    Protection(
        "places of a site are not public",
        "runner/transport/reach.py",
        " or is_local)",
        ")",
        "tests/transport/test_reach.py::test_all_else_is_not",
    ),
    Protection(
        "a private place in the form of a newer address is private",
        "runner/transport/reach.py",
        " or place.sixtofour",
        "",
        "tests/transport/test_reach.py::test_all_else_is_not",
    ),
    Protection(
        "a private place behind a translator is private",
        "runner/transport/reach.py",
        "return IPv4Address(int(place) & 0xFFFFFFFF)",
        "return IPv4Address(0x01010101)",
        "tests/transport/test_reach.py::test_all_else_is_not",
    ),
    Protection(
        "a host is allowed at the port that was named alone",
        "runner/transport/reach.py",
        "return (host, None) in self.named or (host, port) in self.named",
        "return any(host == name for name, _ in self.named)",
        "tests/transport/test_reach.py::test_hosts_that_were_named_are_known_by_host_and_port",
    ),
    Protection(
        "a host that was named is fetched from by web addresses alone",
        "runner/transport/reach.py",
        "    if scheme not in USUAL_PORTS or not host:\n        message",
        "    if (scheme not in USUAL_PORTS and not known.allow(url)) or not host:\n        message",
        "tests/transport/test_reach.py::test_a_named_host_has_no_other_scheme",
    ),
    Protection(
        "what is fetched is bounded",
        "runner/engine/reading/fetch.py",
        "limits=Limits(reply=LARGEST)",
        "limits=Limits(reply=1 << 60)",
        "tests/engine/reading/test_fetch.py::test_what_is_too_large_is_not_held",
    ),
    Protection(
        "an error of a download tells no signature",
        "runner/engine/reading/fetch.py",
        'message = f"{without_query(address)}: answered {reply.status}, nothing was fetched"',
        'message = f"{address}: answered {reply.status}, nothing was fetched"',
        "tests/engine/reading/test_fetch.py::test_an_error_tells_the_address_but_not_its_signature",
    ),
    Protection(
        "no key goes along with a download",
        "runner/engine/reading/fetch.py",
        "        return Address(request.path, guard=guard)\n",
        '        return Address(request.path, (("Authorization", "Bearer sk-sentinel"),),'
        " guard=guard)\n",
        "tests/engine/reading/test_fetch.py::test_no_key_goes_along",
    ),
    Protection(
        "offline nothing is fetched",
        "runner/engine/reading/fetching.py",
        '        if provider.kind == "offline":\n',
        "        if False:\n",
        "tests/engine/reading/test_fetch.py::test_offline_nothing_is_connected_to",
    ),
    Protection(
        "for a stranger's recipe nothing is fetched",
        "runner/engine/reading/fetching.py",
        "        if self._untrusted:\n",
        "        if False:\n",
        "tests/engine/test_strangers.py::test_pictures_that_a_reply_only_names_are_not_fetched",
    ),
    Protection(
        "what is fetched for a picture is one",
        "runner/engine/reading/attach.py",
        '    if ref.kind in ("image", "audio") and not kind.startswith(f"{ref.kind}/"):\n',
        "    if False:\n",
        "tests/engine/reading/test_attach.py::test_a_file_that_is_not_what_it_should_be_is_told",
    ),
    Protection(
        "a picture is held to be one by its bytes, not by its name",
        "runner/protocol/media.py",
        '    if claimed.startswith("image/"):\n        return "application/octet-stream"\n',
        "",
        "tests/engine/reading/test_attach.py::test_a_file_that_is_not_what_it_should_be_is_told",
    ),
    Protection(
        "a picture that a reply names is a picture",
        "runner/protocol/endpoints/images.py",
        "    if pictures.is_cut(content):\n",
        "    if False:\n",
        "tests/protocol/endpoints/test_images.py::test_a_picture_that_was_cut_is_an_error",
    ),
)
