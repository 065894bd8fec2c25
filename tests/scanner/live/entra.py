"""A token authority on loopback, over TLS as msal demands: one tenant, one application with a secret and a certificate."""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from live.certificates import Authority

TENANT, CLIENT, SECRET = "tarnside.gov.uk", "0b0a7f0e-1111-2222-3333-444455556666", "a~secret-that-nobody-may-see"


def key_and_certificate() -> tuple[str, x509.Certificate]:
    """One PEM text with a private key and its certificate, as an administrator makes them for an application."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "aboveboard")])
    now = datetime.now(UTC)
    begun = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = begun.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return (private + made.public_bytes(serialization.Encoding.PEM)).decode(), made


class Entra:
    """Issues tokens called `token-1`, `token-2`, …; `refuses` names an error code to answer with, `faults` something worse."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", **lasts: timedelta) -> None:
        authority = Authority(folder)
        self.ca = authority.path
        issued, key = authority.issue("entra", host, **lasts)
        self.certificate: x509.Certificate | None = None
        self.refuses, self.lasts = "", 3600
        self.faults: Callable[[str], tuple[int, dict[str, str], bytes] | None] = lambda path: None
        self.arrived: list[tuple[str, str, dict[str, str]]] = []
        self.issued: list[str] = []
        self.after = ExitStack()  # what is to be closed with it
        self._numbers = count(1)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(issued, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that distrusts us hangs up
        self.url = f"https://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=lambda: self._server.serve_forever(0.01), daemon=True).start()

    def __enter__(self) -> Entra:
        return self

    def __exit__(self, *_: object) -> None:
        self.after.close()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, form: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.arrived.append((method, path, form))
        if fault := self.faults(path):
            return fault
        if not path.startswith(f"/{TENANT}/"):
            return _refusal("90002")
        if path.endswith("/openid-configuration"):
            own = f"{self.url}/{TENANT}"
            return _json(200, {"issuer": f"{own}/v2.0", "authorization_endpoint": f"{own}/a", "token_endpoint": f"{own}/oauth2/v2.0/token"})
        code = self.refuses or self._wrong(form)
        if code:
            return _refusal(code)
        self.issued.append(f"token-{next(self._numbers)}")
        return _json(200, {"access_token": self.issued[-1], "expires_in": self.lasts, "token_type": "Bearer"})

    def _wrong(self, form: dict[str, str]) -> str:
        if form["client_id"] != CLIENT:
            return "700016"
        if "client_assertion" in form:
            return "" if self._is_signed(form["client_assertion"]) else "700027"
        return "" if form["client_secret"] == SECRET else "7000215"

    def _is_signed(self, assertion: str) -> bool:
        head, body, signature = assertion.split(".")
        if self.certificate is None:
            return False
        print_ = hashlib.sha256(self.certificate.public_bytes(serialization.Encoding.DER)).digest()
        salted = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
        try:
            self.certificate.public_key().verify(_plain(signature), f"{head}.{body}".encode(), salted, hashes.SHA256())  # type: ignore[union-attr,call-arg]
        except InvalidSignature:
            return False
        return json.loads(_plain(head))["x5t#S256"].rstrip("=") == base64.urlsafe_b64encode(print_).rstrip(b"=").decode()


def _plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _refusal(code: str) -> tuple[int, dict[str, str], bytes]:
    words = f"AADSTS{code}: Something about someone@tarnside.gov.uk. Trace ID: 1 Correlation ID: 2"
    return _json(400, {"error": "invalid_client", "error_description": words, "error_codes": [int(code)]})


def _json(status: int, body: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()


def _handler(entra: Entra) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            status, headers, content = entra.answer(self.command, self.path, {key: values[0] for key, values in parse_qs(body).items()})
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    for verb in ("GET", "POST"):
        setattr(Handler, f"do_{verb}", Handler._any)
    return Handler
