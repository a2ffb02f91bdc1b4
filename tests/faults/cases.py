"""The classes of faults, in the words of the bar that is held, and what each case must end in.

A fault is named `KIND:NAME`; `NAME*2` fails twice and then works. See `tests/faults/every.py`.
"""

from __future__ import annotations

from typing import NamedTuple

RIGHT = "the right answer"
PLAIN = "chat stream responses images speech embeddings tools uploads transcription batch"
WHOLE = "chat images speech embeddings tools uploads transcription batch"
ANSWERED = "chat images embeddings tools uploads transcription batch"
EVENTS = "stream responses"


class Row(NamedTuple):
    """Faults at kinds of endpoints: what is told of all of them, and how often each is asked.

    `waits` are those between the attempts; None stands for the usual ones.
    """

    kinds: str
    faults: str
    told: str = RIGHT
    attempts: int = 1
    waits: tuple[float, ...] | None = None


class Case(NamedTuple):
    """One fault at one kind of endpoint."""

    kind: str
    fault: str
    told: str
    attempts: int
    waits: tuple[float, ...] | None

    def __str__(self) -> str:
        return f"{self.kind}:{self.fault}"


CUT = "the answer was cut"
IDLE = "sent no data for 0.3 s"
BAD_JSON = "JSON that cannot be used"
CLOSED = "closed the connection before it answered"
OFF = "no session was opened"
BROKE = "the connection broke within the session"
TRICK = "instead of opening a session"

CLASSES: dict[str, tuple[Row, ...]] = {
    "nothing wrong": (Row(f"{PLAIN} realtime", "none"),),
    "refused, reset or closed before, within and after headers and body": (
        Row(PLAIN, "reset-unanswered reset-in-head", "reset the connection", 3),
        Row(WHOLE, "own-half-reset", "reset the connection", 3),
        Row(EVENTS, "own-half-reset", "reset the connection"),
        Row(PLAIN, "closed-unanswered", CLOSED, 3),
        Row(PLAIN, "closed-in-head own-none", CUT, 3),
        Row(WHOLE, "own-half own-missing", CUT, 3),
        Row(EVENTS, "own-half own-missing own-half*2", CUT),
        Row("chat", "reset-in-body", "reset the connection", 3),
        Row("chat", "closed-in-body closed-before-body", CUT, 3),
        Row(PLAIN, "closed-unanswered*1", attempts=2),
        Row(WHOLE, "own-half*2", attempts=3),
        Row("realtime", "reset-unanswered closed-unanswered closed-in-head", OFF),
    ),
    "slow headers": (
        Row(PLAIN, "stalled-head", IDLE, 3),
        Row("chat", "dripped-head", IDLE, 3),
        Row("chat", "endless-head", "sent headers without end", 3),
        Row("chat", "endless-interim", "sent interim answers without end", 3),
        Row("chat", "early-hints"),
        Row("realtime", "stalled-head dripped-head endless-head", OFF),
        Row("realtime", "endless-interim", TRICK),
    ),
    "dripped, stalled and endless bodies": (
        Row(WHOLE, "own-stalled", IDLE, 3),
        Row(EVENTS, "own-stalled", IDLE),
        Row("chat", "stalled-body", IDLE, 3),
        Row("chat", "stalled-body*1", attempts=2),
        Row("chat", "dripped-body", "no whole answer within 1.2 s", 3),
        Row("chat images embeddings", "endless-body", "larger than"),
        Row("chat speech", "huge-length", "larger than"),
        Row(EVENTS, "sse-stalled endless-comments", IDLE),
        Row("stream", "sse-slow"),
    ),
    "wrong lengths and chunking": (
        Row("chat", "length-too-long", CUT, 3),
        Row("chat", "length-too-short", BAD_JSON),
        Row("chat", "length-negative length-word lengths-differ", "is no length", 3),
        Row("chat", "bad-chunk-size chunk-negative", "a size is no number", 3),
        Row("chat", "bad-chunk-end", "does not end where it says", 3),
        Row("chat", "endless-chunk-size", "does not end", 3),
        Row("chat", "no-last-chunk cut-chunk chunk-huge", CUT, 3),
        Row("chat", "coding-unknown", "a transfer coding that was never asked for", 3),
        Row("chat", "chunk-extension chunk-trailer until-close length-and-chunks length-twice"),
    ),
    "heads that are odd": (
        Row("chat", "not-http status-000 status-word http-2", "did not answer in HTTP", 3),
        Row("realtime", "not-http status-000 status-word", OFF),
        Row("chat", "http-1.0 status-bare header-no-colon header-folded header-nul header-bytes"),
        Row("chat", "header-escapes"),
        Row("chat", "header-long", "headers", 3),
        Row("chat", "header-many", "sent headers without end", 3),
    ),
    "SSE cut at every byte": (
        Row("stream", "sse-cut", CUT),
        Row(EVENTS, "sse-reset", "reset the connection"),
        Row(EVENTS, "sse-unfinished sse-half sse-half-event", "the stream was cut"),
        Row(EVENTS, "sse-nothing", "the stream ended before its first event", 3),
        Row(EVENTS, "sse-nothing*1", attempts=2),
        Row("stream", "sse-done-only", "the stream ended without an answer"),
        Row(EVENTS, "sse-comments-only", "the stream was cut"),
        Row("stream", "sse-no-done sse-no-finish sse-after-done sse-until-close"),
    ),
    "all line ends, BOM, comments, multi-line data, events without data": (
        Row(EVENTS, "sse-lf sse-crlf sse-cr sse-split-ends sse-bom sse-comments"),
        Row(EVENTS, "sse-named sse-no-space sse-no-data sse-no-last-line"),
        Row("stream", "sse-many-lines"),
    ),
    "error objects inside": (
        Row(EVENTS, "sse-error sse-error-late sse-error-named sse-error-text", "overloaded"),
        Row(EVENTS, "sse-error-rate", "slow down"),
        Row("responses", "sse-failed", "overloaded"),
        Row(f"{ANSWERED} responses", "error-200 error-200-text", "overloaded"),
    ),
    "invalid JSON in a stream": (
        Row(EVENTS, "sse-bad-json sse-cut-json sse-deep sse-nan", "no JSON that can be used"),
        Row("stream", "sse-number sse-list", "is no chunk"),
        Row("responses", "sse-number sse-list", "is no object"),
        Row("stream", "sse-null sse-bad-utf-8 sse-no-choices sse-null-delta sse-choice-text"),
        Row("stream", "sse-content-number", "no text"),
        Row("stream", "sse-calls-odd", "still calls tools"),
        Row("responses", "sse-wrong-order sse-completed-null"),
    ),
    "gzip, 100,000 events, a 64 MiB line": (
        Row(EVENTS, "gzip"),
        Row(EVENTS, "gzip-cut", CUT),
        Row("chat", "gzip gzip-members deflate deflate-bare x-gzip identity"),
        Row("chat", "gzip-cut deflate-cut", CUT, 3),
        Row("chat", "gzip-cut*2", attempts=3),
        Row("chat", "gzip-damaged gzip-tail gzip-plain", "packed body is damaged"),
        Row("chat", "gzip-empty", "an empty body"),
        Row("chat", "packed-unasked gzip-twice zstd", "which was never asked for"),
        Row(EVENTS, "sse-long-line", "larger than"),
    ),
    "HTML or empty 200s": (
        Row(PLAIN, "html-200", "HTML"),
        Row(ANSWERED, "empty-200 spaces", "an empty body"),
        Row("responses", "empty-200", "the stream ended before its first event", 3),
        Row("responses", "spaces deep-json", "the stream was cut"),
        Row("chat", "status-204 status-304", "an empty body"),
        Row("realtime", "html-200 empty-200 status-204", TRICK),
        Row(EVENTS, "sse-html sse-html-plain", "HTML"),
        Row(EVENTS, "sse-empty-json", "the reply has no"),
        Row("stream", "sse-json sse-json-as-events"),
        Row("speech", "sound-html", "HTML"),
        Row("speech", "sound-empty", "the reply is empty"),
    ),
    "truncated, deeply nested, duplicate-key and non-finite JSON": (
        Row(ANSWERED, "invalid-json truncated-json deep-json deep-object nonfinite-json", BAD_JSON),
        Row("chat", "two-documents comma nul-byte number-huge number-infinite", BAD_JSON),
        Row("chat", "status-206", BAD_JSON),
        Row("chat", "utf-16 bad-utf-8", "no UTF-8"),
        Row("chat", "duplicate-keys bom"),
        Row("chat", "top-list top-text top-null top-number empty-object", "the reply has no"),
        Row("chat", "no-choices choices-null choice-text", "the reply has no choices"),
        Row("chat", "choice-null message-null", "has no message"),
        Row("chat", "content-number content-object content-null", "has no text"),
        Row("chat", "content-parts usage-odd"),
        Row("embeddings", "vectors-nan", BAD_JSON),
        Row("embeddings", "vectors-none", "the reply has no embeddings"),
        Row("transcription", "text-null", "has no text"),
    ),
    "4xx of all kinds": (
        Row(PLAIN, "status-400 status-404 status-413 status-422", "the service answered 4"),
        Row("chat", "status-402 status-405 status-406 status-410 status-415", "answered 4"),
        Row("chat", "status-418 status-421 status-423 status-424 status-425", "answered 4"),
        Row("chat", "status-426 status-428 status-431 status-451", "answered 4"),
        Row(f"{PLAIN} realtime", "status-401 status-403 retry-401", "answered 40"),
        Row(f"{PLAIN} realtime", "echo", "Incorrect API key provided"),
        Row("chat", "status-408 status-409", "answered 40", 3),
        Row("chat", "status-408*1 status-409*1", attempts=2),
        Row("chat", "html-403", "HTML"),
        Row("chat", "list-400", "no such model"),
        Row("chat", "detail-422", "body.n: too many"),
        Row("chat", "huge-400", "answered 400"),
        Row("chat", "should-retry", "answered 400", 3),
        Row("uploads transcription", "early-413", "answered 413"),
    ),
    "5xx of all kinds": (
        Row(PLAIN, "status-500 status-503", "answered 50", 3),
        Row("chat", "status-501 status-502 status-504 status-505 status-507", "answered 50", 3),
        Row("chat", "status-508 status-511 status-520 status-521 status-522", "answered 5", 3),
        Row("chat", "status-524 status-529 status-599 status-600", "the service answered", 3),
        Row("chat", "html-502 empty-500 cut-500 plain-500", "the service answered 50", 3),
        Row(PLAIN, "status-503*1", attempts=2),
        Row(PLAIN, "status-500*2", attempts=3),
        Row("chat", "wait-503", "answered 503", 3, (4.0, 4.0)),
        Row("chat", "should-not-retry", "answered 500"),
        Row("batch", "batch-poll-503", "answered 503", 3, (10.0, 0.5, 1.0)),
    ),
    "429 with seconds, dates, milliseconds, negative and huge waits": (
        Row(f"{PLAIN}", "limited", "answered 429", 3),
        Row(PLAIN, "limited*2", attempts=3),
        Row("chat", "limited-seconds*1", attempts=2, waits=(7.0,)),
        Row("chat", "limited-milliseconds*2", attempts=3, waits=(0.25, 0.25)),
        Row("chat", "limited-negative*1 limited-garbage*1 wait-nan*1 wait-inf*1", attempts=2),
        Row("chat", "wait-overflow*1 wait-past*1 wait-empty*1 wait-two*1", attempts=2),
        Row("chat", "wait-zero*1 wait-ms-negative*1", attempts=2),
        Row("chat", "wait-ms-nan*1 limited-llm-provider*1", attempts=2, waits=(3.0,)),
        Row("chat", "wait-float*2", attempts=3, waits=(1.5, 1.5)),
        Row("chat", "wait-most*1", attempts=2, waits=(120.0,)),
        Row("chat", "wait-more wait-far limited-huge", "answered 429"),
    ),
    "quota errors": (
        Row(f"{PLAIN} realtime", "quota", "answered 429"),
        Row("chat", "quota-spend quota-balance", "answered 429"),
        Row("realtime", "ws-quota", "insufficient_quota"),
    ),
    "redirects of all kinds": (
        Row("chat uploads embeddings", "redirect-same redirect-308"),
        Row(PLAIN, "redirect-elsewhere redirect-https redirect-slashes", "a redirect to http"),
        Row("chat", "redirect-same-302 redirect-301 redirect-303", "a redirect to http"),
        Row("chat", "redirect-user redirect-itself", "a redirect to http"),
        Row("chat", "redirect-300 redirect-305", "expected JSON"),
        Row("chat", "redirect-script redirect-data redirect-file", "a redirect to"),
        Row("chat", "redirect-bad redirect-escapes", "a redirect to ://"),
        Row("chat", "redirect-loop redirect-loop-back", "redirected more than 5 times", 3, ()),
        Row("chat", "redirect-nowhere", "without saying where to"),
        Row("realtime", "redirect-same redirect-elsewhere redirect-https redirect-file", TRICK),
        Row("realtime", "redirect-slashes redirect-user redirect-script redirect-bad", TRICK),
        Row("realtime", "redirect-itself redirect-nowhere redirect-300 redirect-305", TRICK),
    ),
    "decompression bombs and 1 GB bodies": (
        Row("chat images embeddings transcription", "gzip-bomb", "larger than"),
        Row("realtime", "gzip-bomb", TRICK),
        Row("realtime", "ws-huge-frame", BROKE),
        Row("chat", "endless-body json-dense", "larger than"),
    ),
    "images and audio that are not what they claim or are cut": (
        Row("images", "picture-no-base64", "is no base64"),
        Row("images", "picture-html picture-jpeg", "is none: it begins"),
        Row("images", "picture-cut", "was cut after 40 bytes"),
        Row("images", "picture-none picture-number", "the reply has no pictures"),
        Row("images", "picture-null", "neither b64_json nor url"),
        Row("images", "picture-file picture-inner picture-odd", "nothing is fetched from"),
        Row("speech", "sound-json", "overloaded"),
        Row("speech", "sound-mp3", "would hold audio/mpeg"),
        Row("realtime", "ws-bad-sound", "is no base64"),
    ),
    "tool calls with bad JSON, unknown names, doubled ids, endless loops, a thousand at once": (
        Row("tools", "call-bad-json call-no-object call-deep call-unknown"),
        Row("tools", "call-escapes call-empty call-same-ids call-object"),
        Row("tools", "call-thousand", "called 1000 tools at once"),
        Row("tools", "call-null", "names no function"),
        Row("tools", "call-endless", "still calls tools after 2 rounds"),
    ),
    "file names with traversal": (
        Row("uploads", "file-name"),
        Row("batch", "batch-failed", "the job failed", 1, (10.0,)),
        Row("batch", "batch-for-ever", "did not end within 60 s", 4, (10.0, 15.0, 22.5, 12.5)),
        Row("batch", "batch-no-file", "no such field", 1, (10.0,)),
        Row("batch", "batch-lines-cut", CUT, 3, (10.0, 0.5, 1.0)),
    ),
    "escape codes in text": (
        Row("chat", "escapes-400", r"\\x1b\]0;owned\\x07\\x1b\[2J\\u202e"),
        Row("realtime", "ws-close-escapes", r"\\x1b\[2J\\u202eowned"),
    ),
    "WebSockets that close, break or never answer": (
        Row("realtime", "ws-wrong-accept", OFF),
        Row("realtime", "ws-silent ws-silent-later ws-pings ws-dripped", "said nothing for 0.3 s"),
        Row("realtime", "ws-endless", "did not end within 1.2 s in all"),
        Row("realtime", "ws-cut ws-cut-in-frame ws-reset ws-close-bad-code", BROKE),
        Row("realtime", "ws-bad-utf8 ws-masked ws-bad-code ws-lonely-part", BROKE),
        Row("realtime", "ws-close-1000 ws-close-1001", "closed before the answer was whole"),
        Row("realtime", "ws-close-1008 ws-close-1011", r"closed the session \(10"),
        Row("realtime", "ws-bytes", "sent bytes"),
        Row("realtime", "ws-bad-json ws-empty-message ws-deep-json", "what is no JSON"),
        Row("realtime", "ws-no-object", "expected an event"),
        Row("realtime", "ws-error", "overloaded"),
        Row("realtime", "ws-error-empty", "an error in its answer"),
        Row("realtime", "ws-echo", "no such key"),
        Row("realtime", "ws-failed", "it broke"),
        Row("realtime", "ws-odd-events ws-parts ws-no-goodbye"),
        Row("realtime", "status-500 status-503 limited", "the service answered"),
    ),
}


def cases(name: str) -> list[Case]:
    """List the cases of a class."""
    return [
        Case(kind, fault, row.told, row.attempts, row.waits)
        for row in CLASSES[name]
        for kind in row.kinds.split()
        for fault in row.faults.split()
    ]
