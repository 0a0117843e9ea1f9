"""A small OpenID Connect server on loopback: a real one, with real keys, that says what a test tells it to."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "foureyes", "a secret that both of them know, long enough"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Server:
    """What the server knows; tests change it."""

    address: str = ""
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    signing_key: Any = None
    """Where another key than the published one signs."""
    algorithm: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)
    """What it says of who is there; may overwrite standard claims."""
    codes: dict[str, str] = field(default_factory=dict)
    """Codes that were given out, with the challenge that each is bound to."""
    down: bool = False

    def token(self) -> str:
        now = int(time.time())
        standard = {"iss": self.address, "aud": CLIENT, "sub": "1234", "iat": now, "exp": now + 60}
        key = self.key if self.signing_key is None else self.signing_key
        return jwt.encode({**standard, **self.claims}, key, self.algorithm, headers={"kid": "one"})

    def keys(self) -> dict[str, Any]:
        shown = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**shown, "kid": "one", "use": "sig", "alg": "RS256"}]}

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def authorize(self, query: dict[str, list[str]]) -> str:
        assert query["client_id"] == [CLIENT]
        assert query["code_challenge_method"] == ["S256"]
        code = secrets.token_urlsafe(16)
        self.codes[code] = query["code_challenge"][0]
        return f"{query['redirect_uri'][0]}?{urlencode({'code': code, 'state': query['state'][0]})}"

    def exchange(self, form: dict[str, list[str]]) -> dict[str, Any] | None:
        challenge = self.codes.pop(form["code"][0], None)
        digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        fits = challenge == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not fits or form["client_secret"] != [SECRET]:
            return None
        return {"access_token": "of no use here", "token_type": "Bearer", "id_token": self.token()}


@contextmanager
def openid_server() -> Iterator[Server]:
    """The server, running."""
    known = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if known.down:
                self.send_error(503)
            elif parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", known.authorize(parse_qs(parts.query)))
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif parts.path == "/keys":
                self._say(known.keys())
            else:
                self._say(known.configuration())

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            answer = known.exchange(form)
            self._say(answer or {"error": "invalid_grant"}, 200 if answer else 400)

        def _say(self, what: dict[str, Any], status: int = 200) -> None:
            body = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        known.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield known
        server.shutdown()
        thread.join()
