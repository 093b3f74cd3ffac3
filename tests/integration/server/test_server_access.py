"""Who may ask, and what errors look like."""

from __future__ import annotations

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

PATHS = [
    "/api/v1/health",
    "/api/v1/cameras",
    "/api/v1/artifacts/1/file",
    "/docs",
    "/docs/swagger-ui.css",
    "/openapi.json",
    "/nothing/here",
]


def error_of(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    return answer.status_code, body["error"]["code"]


@pytest.fixture
def stranger(server):
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("path", PATHS)
def test_every_path_wants_the_token(stranger, path):
    answer = stranger.get(path)
    assert error_of(answer) == (401, "unauthorized")
    assert "Authorization: Bearer TOKEN" in answer.json()["error"]["message"]
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic dG9rZW4tb2YtdGhlLXRlc3Rz"},
        {"Authorization": "Bearer token-of-the-testsx"},
    ],
)
def test_a_wrong_token_is_refused(stranger, headers):
    assert error_of(stranger.get("/api/v1/health", headers=headers)) == (401, "unauthorized")


def test_the_token_may_stand_in_the_address(stranger):
    assert stranger.get("/api/v1/health?token=token-of-the-tests").status_code == 200


@pytest.mark.parametrize("path", ["/live", "/events"])
def test_a_socket_without_the_token_gets_the_same_error(server, path):
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(server.ws + path, proxy=None, open_timeout=60),
    ):
        pass
    answer = refused.value.response
    assert answer.status_code == 401
    assert b'"unauthorized"' in answer.body


def test_the_head_of_an_answer_can_be_asked_for(http):
    answer = http.head("/health")
    assert (answer.status_code, answer.content) == (200, b"")
    assert http.head("/artifacts/9/file").status_code == 404
    assert http.head("/cids/nonsense").status_code == 422


def test_the_address_alone_leads_to_the_documentation(stranger):
    answer = stranger.get("/", params={"token": "token-of-the-tests"}, follow_redirects=True)
    assert answer.url.path == "/docs"
    assert "swagger-ui" in answer.text
    assert error_of(stranger.get("/")) == (401, "unauthorized")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "a b"])
def test_a_foreign_host_name_is_refused(http, host):
    assert error_of(http.get("/health", headers={"Host": host})) == (403, "refused")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:80"])
def test_our_own_names_are_known(http, host):
    assert http.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "x://["])
def test_a_page_of_another_origin_is_refused(http, origin):
    answer = http.post("/cameras/restart", headers={"Origin": origin})
    assert error_of(answer) == (403, "refused")
    assert "access-control-allow-origin" not in answer.headers


def test_a_page_of_our_own_may_ask(server):
    answer = server.http.get("/health", headers={"Origin": server.url})
    assert answer.status_code == 200


def test_another_site_can_embed_nothing(http):
    answer = http.get("/health", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"})
    assert error_of(answer) == (403, "refused")
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert http.get("/health", headers=link).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/artifacts/999999", 404, "not_found"),
        ("GET", "/cameras/none", 404, "not_found"),
        ("GET", "/galleries/none", 404, "not_found"),
        ("GET", "/jobs/none", 404, "not_found"),
        (
            "GET",
            "/cids/bafkreieq5jui4j25lacwomsqgjeswwl3y5zcdrresptwgmfylxo2depppq",
            404,
            "not_found",
        ),
        ("DELETE", "/health", 405, "method_not_allowed"),
        ("PUT", "/cameras", 405, "method_not_allowed"),
        ("GET", "/artifacts/x", 422, "bad_input"),
        ("GET", "/artifacts/99999999999999999999999", 422, "bad_input"),
        ("GET", "/artifacts?limit=0", 422, "bad_input"),
        ("GET", "/artifacts?limit=1000000", 422, "bad_input"),
        ("GET", "/artifacts?since=yesterday", 422, "bad_input"),
        ("GET", "/artifacts?cursor=!!", 422, "bad_input"),
        ("GET", "/artifacts?kind=elephant", 422, "bad_input"),
        ("GET", "/cids/nonsense", 422, "bad_input"),
        ("POST", "/cameras", 422, "bad_input"),
    ],
)
def test_errors_of_the_framework_have_our_shape(http, method, path, status, code):
    assert error_of(http.request(method, path)) == (status, code)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "JSON"),
        (b"[]", "JSON object"),
        (b"{}", "url is missing"),
        (b'{"url": 3}', "url must be a text"),
        (b'{"url": "synthetic://plant", "elephant": 1}', "elephant is not known here"),
        (b'{"url": "gopher://x"}', "gopher://"),
        (b'{"url": "synthetic://plant", "settings": {"a": 1e999}}', "not finite"),
        (b'{"url": "synthetic://plant", "settings": {"a": "\\ud800"}}', "not valid Unicode"),
        (b'{"url": "synthetic://plant", "settings": ' + b'{"a":' * 99 + b"1" + b"}" * 100, "deep"),
    ],
)
def test_a_body_that_does_not_fit_is_told(http, body, told):
    answer = http.post("/cameras", content=body, headers={"Content-Type": "application/json"})
    assert error_of(answer) == (422, "bad_input")
    assert told in answer.json()["error"]["message"]
    assert http.get("/cameras").json() == []


def test_errors_speak_the_language_of_the_client(http):
    def told(language):
        answer = http.get("/nothing", headers={"Accept-Language": language})
        return answer.json()["error"]["message"]

    assert told("ru-RU,ru;q=0.9,en;q=0.5").startswith("по адресу /api/v1/nothing ничего нет")
    assert told("en-GB").startswith("there is nothing at /api/v1/nothing")
    assert told("fr, en;q=0.2, ru;q=0.7").startswith("по адресу")
    assert told("fr").startswith("there is nothing")


def test_the_documentation_needs_no_other_machine(server, stranger):
    token = {"token": "token-of-the-tests"}
    page = stranger.get("/docs", params=token)
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert f"docs/{asset}?token=" in page.text
        assert stranger.get(f"/docs/{asset}", params=token).status_code == 200
    assert stranger.get("/docs/../app.py", params=token).status_code == 404


def test_the_document_of_the_api_lists_every_route(stranger):
    document = stranger.get("/openapi.json", params={"token": "token-of-the-tests"}).json()
    for path in ("frames", "clips", "audio", "rtsp/snapshot", "cameras", "artifacts", "galleries"):
        assert f"/api/v1/{path}" in document["paths"]
    frames = document["paths"]["/api/v1/frames"]["post"]
    assert "multipart/form-data" in frames["requestBody"]["content"]
    assert frames["security"] == [{"HTTPBearer": []}]
    assert "Authorization: Bearer TOKEN" in document["info"]["description"]
    assert "head" not in document["paths"]["/api/v1/health"]
    assert "ErrorBody" in document["components"]["schemas"]
