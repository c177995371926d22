"""A JWT issuer, as far as an API Gateway JWT authorizer asks one: OpenID discovery, keys, and signed tokens."""

import base64
import http.server
import json
import ssl
import subprocess
import threading
import time


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    def __init__(self, certificate, private_key):
        self.private_key = private_key
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.url = f"https://localhost:{self.server.server_port}"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, private_key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def documents(self):
        modulus = subprocess.run(["openssl", "rsa", "-in", self.private_key, "-noout", "-modulus"], check=True, capture_output=True,
                                 text=True).stdout.strip().removeprefix("Modulus=")
        key = {"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256", "e": "AQAB", "n": base64url(bytes.fromhex(modulus))}
        return {"/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": self.url + "/keys"}, "/keys": {"keys": [key]}}

    def handler(self):
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                document = issuer.documents().get(self.path)
                self.send_response(200 if document else 404)
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, *_):
                pass

        return Handler

    def token(self, audience):
        """A token that is valid for a minute."""
        claims = {"iss": self.url, "aud": audience, "sub": "a-caller", "exp": int(time.time()) + 60}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "1"}, claims))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.private_key], input=signed.encode(), check=True,
                                   capture_output=True).stdout
        return f"{signed}.{base64url(signature)}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
