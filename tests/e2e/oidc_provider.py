"""An OpenID Connect provider for the tests: whoever comes is whom the test has chosen.

Run as a script with a port; it tells what it is asked on standard output.
"""

import sys
import time

import uvicorn
from authlib.jose import JsonWebKey, jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET, KEY_ID = "layerscope", "of the client", "one"


class Provider:
    """Signs in whom `POST /person` describes: claims of the ID token, or an error."""

    def __init__(self, port: int) -> None:
        self.address = f"http://localhost:{port}"
        self.key = JsonWebKey.generate_key("RSA", 2048, is_private=True, options={"kid": KEY_ID})
        self.person: dict = {}
        self.nonces: dict[str, str] = {}

    async def describe(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "end_session_endpoint": f"{self.address}/end",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def keys(self, _request: Request) -> Response:
        public = {**self.key.as_dict(is_private=False), "alg": "RS256", "use": "sig"}
        return JSONResponse({"keys": [public | {"kid": KEY_ID}]})

    async def choose(self, request: Request) -> Response:
        self.person = await request.json()
        return Response(status_code=204)

    async def authorize(self, request: Request) -> Response:
        asked = request.query_params
        if asked["client_id"] != CLIENT_ID or "code_challenge" not in asked:
            return Response("no such client", status_code=400)
        back, state = asked["redirect_uri"], asked["state"]
        if "error" in self.person:
            return RedirectResponse(f"{back}?error={self.person['error']}&state={state}")
        code = f"code-{len(self.nonces)}"
        self.nonces[code] = asked["nonce"]
        return RedirectResponse(f"{back}?code={code}&state={state}")

    async def token(self, request: Request) -> Response:
        form = await request.form()
        now_s = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT_ID,
            "iat": now_s,
            "exp": now_s + 600,
            "nonce": self.nonces.pop(str(form["code"])),
            **self.person,
        }
        signed = jwt.encode({"alg": "RS256", "kid": KEY_ID}, claims, self.key).decode()
        token = {"access_token": "none", "token_type": "Bearer", "expires_in": 600}
        return JSONResponse(token | {"id_token": signed})

    async def end(self, request: Request) -> Response:
        self.person = {}
        return RedirectResponse(request.query_params["post_logout_redirect_uri"])


def main(port: int) -> None:
    """Serve on a port until killed."""
    provider = Provider(port)
    routes = [
        Route("/.well-known/openid-configuration", provider.describe),
        Route("/keys", provider.keys),
        Route("/person", provider.choose, methods=["POST"]),
        Route("/authorize", provider.authorize),
        Route("/token", provider.token, methods=["POST"]),
        Route("/end", provider.end),
    ]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
