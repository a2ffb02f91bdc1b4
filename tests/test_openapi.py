"""The helper that holds values against the official description finds what is wrong."""

from tests import openapi

MODEL = {"id": "gpt-4.1", "object": "model", "created": 1, "owned_by": "openai"}
USER = {"role": "user", "content": "Hello"}


@openapi.needs_openapi
def test_a_component_is_checked():
    assert openapi.faults("Model", MODEL) == []
    assert openapi.faults("Model", MODEL | {"created": "now"}) == [
        "$.created: 'now' is not of type 'integer'"
    ]


@openapi.needs_openapi
def test_an_operation_is_checked_both_ways():
    body = {"model": "gpt-4.1", "messages": [USER]}
    assert openapi.request_faults("POST", "/chat/completions", body) == []
    assert openapi.request_faults("POST", "/chat/completions", body | {"n": "two"})
    assert openapi.reply_faults("GET", "/models", {"object": "list", "data": [MODEL]}) == []
    assert openapi.reply_faults("GET", "/models", {"object": "list"})


@openapi.needs_openapi
def test_the_document_s_own_faults_are_corrected():
    tool = {"type": "function", "name": "x", "parameters": {}}
    assert openapi.faults("FunctionTool", tool) == []
    assert openapi.faults(
        "FunctionCallOutputItemParam", {"type": "function_call_output", "output": ""}
    )
    chunk = {
        "id": "x",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "x",
        "choices": [],
        "usage": None,
    }
    assert openapi.faults("CreateChatCompletionStreamResponse", chunk) == []


@openapi.needs_openapi
def test_fields_that_the_service_would_refuse_are_named():
    assert openapi.unknown_fields("CreateResponse", {"model": "x", "messages": []}) == {"messages"}
