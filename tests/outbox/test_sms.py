import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.exceptions import ImproperlyConfigured

from mexitel.outbox import sms


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("a" * 160, (160, 160)),
        ("¿Cuándo? ñ é ü", (14, 70)),  # á is not in GSM-7
        ("¿Que dia? ñ é ü ¡", (17, 160)),
        ("10 €", (5, 160)),
        ("😀", (2, 70)),
    ],
)
def test_length_counts_what_a_phone_counts(text, units):
    assert sms.length(text) == units


def test_check_one_part_takes_exactly_one_part():
    sms.check_one_part("ñ" * 160)
    sms.check_one_part("á" * 70)
    for text in ("ñ" * 161, "á" * 71, "€" * 81):
        with pytest.raises(sms.SmsTooLong):
            sms.check_one_part(text)


class Provider(HTTPServer):
    """Answers with ``status`` and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.status, self.answer, self.asked = 201, b'{"id": "SM7"}', []


class Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.headers, body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def provider():
    server = Provider()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def gateway(provider, settings):
    settings.SMS_GATEWAY = "mexitel.outbox.sms.http_gateway"
    settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{provider.server_port}/messages"
    settings.SMS_GATEWAY_TOKEN = "secret"
    return sms.gateway()


def test_http_gateway_sends_with_token_and_key_and_returns_the_receipt(gateway, provider):
    receipt = gateway.send(to="+12135551234", text="482913", key="mexitel-1")

    [(headers, body)] = provider.asked
    assert receipt == "SM7"
    assert body == {"to": "+12135551234", "text": "482913", "key": "mexitel-1"}
    assert (headers["Authorization"], headers["Idempotency-Key"]) == ("Bearer secret", "mexitel-1")


@pytest.mark.parametrize("answer", [b"", b"[]", b"not json", b'{"no": 1}'])
def test_http_gateway_takes_a_2xx_without_id_as_sent(gateway, provider, answer):
    provider.answer = answer

    assert gateway.send(to="+12135551234", text="x", key="k") == "accepted"


@pytest.mark.parametrize(
    ("status", "error"), [(422, sms.SmsRefused), (429, ConnectionError), (503, ConnectionError), (302, ConnectionError)]
)
def test_http_gateway_tells_refused_from_try_again(gateway, provider, status, error):
    provider.status = status

    with pytest.raises(error):
        gateway.send(to="+12135551234", text="x", key="k")


def test_http_gateway_refuses_an_address_without_tls(settings):
    settings.SMS_GATEWAY_URL = "http://sms.example/send"

    with pytest.raises(ImproperlyConfigured):
        sms.http_gateway()


def test_file_gateway_writes_one_file_per_message(tmp_path):
    gateway = sms.FileGateway(folder=tmp_path / "messages")

    names = [gateway.send(to="+12135551234", text="á", key=f"k{number}") for number in range(3)]

    assert sorted(path.name for path in gateway.folder.iterdir()) == sorted(names)
    assert json.loads((gateway.folder / names[0]).read_text()) == {"to": "+12135551234", "text": "á", "key": "k0"}
