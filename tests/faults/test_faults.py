from pathlib import Path

from tests.faults.faults import FAULTS


def test_every_fault_is_met_by_the_transport_s_tests():
    """The rest is whole HTTP: the endpoints judge it."""
    here = Path(__file__).parent
    texts = [(here / name).read_text("utf-8") for name in ("test_ends.py", "test_retries.py")]
    met = {name for name in FAULTS if any(f'"{name}' in text for text in texts)}
    unmet = {name for name in FAULTS if "status-" not in name} - met
    assert unmet == {
        "duplicate-keys",
        "nonfinite-json",
        "redirect-loop-back",
        "sse-error",
        "sse-unfinished",
    }
