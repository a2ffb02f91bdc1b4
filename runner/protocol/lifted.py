"""Lifted: base64 is taken out of JSON before that is parsed, and decoded where it lies.

A reply of pictures is nearly all base64. To look at each of its letters for the end of the string
costs more than all else that is done with a reply; to look for the next quotation mark, nothing.
"""

from __future__ import annotations

LONG = 1 << 16
"""Only strings of more bytes are worth it."""
KEY = b'"b64_json"'
_BETWEEN = b": \t\r\n"


def lifted(body: bytes) -> tuple[bytes, dict[str, memoryview]]:
    """Return the JSON with a word in place of each long base64, and what each word stands for."""
    if len(body) < LONG:
        return body, {}
    taken: dict[str, memoryview] = {}
    kept: list[bytes] = []
    whole, end = memoryview(body), 0
    for start, stop in _strings(body):
        word = f"lifted {len(taken)}"
        kept += (body[end:start], word.encode())
        taken[word], end = whole[start:stop], stop
    return b"".join((*kept, body[end:])), taken


def _strings(body: bytes) -> list[tuple[int, int]]:
    """Find where the long strings under the key begin and end; one with an escape is let be."""
    found = []
    at = body.find(KEY)
    while at >= 0:
        start = body.find(b'"', at + len(KEY)) + 1
        stop = body.find(b'"', start)
        if start <= 0 or stop < 0:
            break
        is_value = not body[at + len(KEY) : start - 1].strip(_BETWEEN)
        if is_value and stop - start >= LONG and body.find(b"\\", start, stop) < 0:
            found.append((start, stop))
        at = body.find(KEY, stop if is_value else start)
    return found
