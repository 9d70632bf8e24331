"""Connect's REST interface."""

import base64
import json
import urllib.request


def ask(port, password, method, path, body=None):
    """The answer's bytes; whoever writes has to log in."""
    login = base64.b64encode(f"tributary:{password}".encode()).decode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()
