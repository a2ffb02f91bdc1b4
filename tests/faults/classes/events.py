"""What goes wrong in streams of events, and in what is packed."""

from __future__ import annotations

from tests.faults.classes.row import (
    ANSWERED,
    BROKE_OFF,
    CUT,
    EVENTS,
    LARGE,
    NOTHING,
    PLAIN,
    RESET,
    WHOLE,
    Classes,
    Row,
)

STREAMED: Classes = {
    "SSE cut at every byte": (
        Row(EVENTS, "sse-cut", CUT),
        Row(EVENTS, "sse-reset", RESET),
        Row(EVENTS, "sse-unfinished sse-half sse-half-event", BROKE_OFF),
        Row(EVENTS, "sse-nothing", NOTHING, 3),
        Row(EVENTS, "sse-nothing*1", attempts=2),
        Row("stream", "sse-done-only", "the stream ended without an answer"),
        Row("responses", "sse-done-only", BROKE_OFF),
        Row(EVENTS, "sse-comments-only", BROKE_OFF),
        Row("stream", "sse-no-done sse-no-finish"),
        Row(EVENTS, "sse-after-done sse-until-close"),
    ),
    "all line ends, BOM, comments, multi-line data, events without data": (
        Row(EVENTS, "sse-lf sse-crlf sse-cr sse-split-ends sse-bom sse-comments"),
        Row(EVENTS, "sse-named sse-no-space sse-no-data sse-no-last-line sse-many-lines"),
    ),
    "error objects inside": (
        Row(EVENTS, "sse-error sse-error-late sse-error-named sse-error-text", "overloaded"),
        Row(EVENTS, "sse-error-rate", "slow down"),
        Row("responses", "sse-failed", "overloaded"),
        Row(PLAIN, "error-200 error-200-text", "overloaded"),
    ),
    "invalid JSON in a stream": (
        Row(EVENTS, "sse-bad-json sse-cut-json sse-deep sse-nan", "no JSON that can be used"),
        Row("stream", "sse-number sse-list", "is no chunk"),
        Row("responses", "sse-number sse-list", "is no object"),
        Row(EVENTS, "sse-null sse-bad-utf-8"),
        Row("stream", "sse-no-choices sse-null-delta sse-choice-text"),
        Row("stream", "sse-content-number", "no text"),
        Row("stream", "sse-calls-odd", "still calls tools"),
        Row("responses", "sse-wrong-order sse-completed-null"),
    ),
    "gzip, 100,000 events, a 64 MiB line": (
        Row(PLAIN, "gzip gzip-members deflate deflate-bare x-gzip identity"),
        Row(WHOLE, "gzip-cut deflate-cut", CUT, 3),
        Row(WHOLE, "gzip-cut*2", attempts=3),
        Row(EVENTS, "gzip-cut deflate-cut gzip-cut*2", CUT),
        Row(PLAIN, "gzip-damaged gzip-tail gzip-plain", "packed body is damaged"),
        Row(ANSWERED, "gzip-empty", "an empty body"),
        Row("speech", "gzip-empty", "the reply is empty"),
        Row(EVENTS, "gzip-empty", NOTHING, 3),
        Row(PLAIN, "packed-unasked gzip-twice zstd", "which was never asked for"),
        Row(EVENTS, "sse-long-line", LARGE),
    ),
}
