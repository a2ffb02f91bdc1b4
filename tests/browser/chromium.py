"""A headless Chromium, driven over its debugging protocol: enough of it to test a page."""

import base64
import itertools
import json
import shutil
import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from websockets.sync.client import connect

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio"),
    *("--autoplay-policy=no-user-gesture-required", "--no-first-run", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--remote-debugging-port=0", "--hide-scrollbars"),
)
PATIENCE = 20.0


class Page:
    """One tab. `told` is what the console and errors said, `asked` the addresses it loaded."""

    def __init__(self, socket):
        self._socket = socket
        self._numbers = itertools.count(1)
        self.told: list[str] = []
        self.asked: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE))
            self._note(message)
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]

    def _note(self, message):
        params = message.get("params", {})
        match message.get("method"):
            case "Runtime.consoleAPICalled":
                self.told.append(" ".join(str(one.get("value")) for one in params["args"]))
            case "Runtime.exceptionThrown":
                self.told.append(str(params["exceptionDetails"]))
            case "Log.entryAdded":
                self.told.append(params["entry"]["text"])
            case "Network.requestWillBeSent":
                self.asked.append(params["request"]["url"])

    def open(self, address):
        """Load a page and wait until its script has run."""
        self.call("Page.navigate", url=address)
        self.wait("document.documentElement?.dataset.ready === 'true'")

    def run(self, code):
        """Evaluate an expression and return its value; promises are waited for."""
        done = self.call("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def wait(self, condition):
        """Wait until an expression holds."""
        end = time.monotonic() + PATIENCE
        while not self.run(f"Boolean({condition})"):
            assert time.monotonic() < end, f"in vain waited for {condition}"
            time.sleep(0.01)

    def press(self, *keys):
        for key in keys:
            text = {"text": key} if len(key) == 1 else {}
            code = {"windowsVirtualKeyCode": 13, "text": "\r"} if key == "Enter" else {}
            self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **{**text, **code})
            self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def size(self, width, height, *, dark=False):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.call("Emulation.setEmulatedMedia", features=[*scheme, still])

    def shoot(self, path):
        """Keep a picture of what is seen."""
        Path(path).write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))


@contextmanager
def browser():
    """Start a browser of its own; yield a function that makes tabs."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as home:
        profile = f"--user-data-dir={home}"
        process = subprocess.Popen(
            [str(PROGRAM), *FLAGS, profile, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = _address(Path(home) / "DevToolsActivePort", process)
            with ExitStack() as sockets:
                yield lambda: _tab(address, sockets)
        finally:
            process.kill()
            process.wait(timeout=10)


def _tab(address, sockets):
    with connect(address, max_size=None) as root:
        root.send(json.dumps({"id": 1, "method": "Target.createTarget", "params": {"url": ""}}))
        made = json.loads(root.recv(timeout=PATIENCE))["result"]["targetId"]
    base = address.partition("/devtools")[0]
    socket = connect(f"{base}/devtools/page/{made}", max_size=None, ping_interval=None)
    return Page(sockets.enter_context(socket))


def _address(told, process):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if told.exists() and told.read_text().count("\n"):
            port, path = told.read_text().split("\n")[:2]
            return f"ws://127.0.0.1:{port}{path}"
        time.sleep(0.02)
    raise AssertionError("the browser did not start")
