"""The parts that stand in for AWS and HelpCrunch in the deploy test: MiniStack over TLS with IAM enforced, AWS's Runtime
Interface Emulator (RIE) for the functions, and the HelpCrunch simulator. All of them listen on loopback only."""

import contextlib
import http.client
import http.server
import json
import os
import pathlib
import platform
import queue
import socket
import ssl
import subprocess
import threading
import time

import boto3
import samcli

ROOT = pathlib.Path(__file__).resolve().parent.parent
REGION = "eu-central-1"
MACHINE = {"x86_64": ("amd64", "x86_64"), "aarch64": ("arm64", "arm64")}[platform.machine()]


def until(condition, what, seconds=60):
    """Polls until the condition returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s: {what}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def with_batch_actions(document):
    """The policy as MiniStack has to read it. AWS has no action sqs:SendMessageBatch: a batch needs sqs:SendMessage, and so
    on. MiniStack asks for an action of the batch's own (test_emulator.py fails when it stops)."""
    document = json.loads(json.dumps(document))
    for statement in document["Statement"]:
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        batches = [a + "Batch" for a in actions if a in ("sqs:SendMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")]
        statement["Action"] = actions + batches
    return document


class Processes:
    """Child processes, each with a log of its own, that end with the test."""

    def __init__(self, folder):
        self.folder, self.running = folder, []

    def start(self, name, command, **options):
        log = open(self.folder / f"{name}.log", "a")
        self.running.append(subprocess.Popen(command, stdout=options.pop("stdout", log), stderr=log, **options))
        return self.running[-1]

    def stop(self):
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
        self.running.clear()


class World:
    """MiniStack and a HelpCrunch, with one certificate for both."""

    def __init__(self, folder, ministack):
        self.folder, self.processes = folder, Processes(folder)
        self.certificate, self.private_key = folder / "certificate.pem", folder / "private-key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:TRUE",
             "-keyout", self.private_key, "-out", self.certificate], check=True, capture_output=True)
        self.tls = ssl.create_default_context(cafile=self.certificate)
        self.key = "first-key-of-the-deploy-test"
        self.start_helpcrunch()
        self.start_ministack(ministack)

    def start_ministack(self, ministack):
        self.port = free_port()
        self.endpoint = f"https://localhost:{self.port}"
        environment = {
            "PATH": os.environ["PATH"], "TMPDIR": str(self.folder), "S3_DATA_DIR": str(self.folder / "s3"),
            "AUTH": "true", "USE_SSL": "1", "MINISTACK_SSL_CERT": str(self.certificate), "MINISTACK_SSL_KEY": str(self.private_key),
            "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(self.port), "IOT_MTLS_ENABLED": "0", "MINISTACK_REGION": REGION,
            "SSL_CERT_FILE": str(self.certificate),  # for the JWT issuer's keys
        }
        self.processes.start("ministack", [ministack], env=environment)
        until(lambda: listens(self.port), "MiniStack listens")

    def start_helpcrunch(self):
        program = self.folder / "helpcrunch"
        subprocess.run(["go", "build", "-o", program, "./local"], cwd=ROOT, check=True)
        process = self.processes.start(
            "helpcrunch", [program, "simulator", "-address", "127.0.0.1:0", "-limit", "6000", "-key", self.key,
                           "-tls-cert", self.certificate, "-tls-key", self.private_key],
            stdout=subprocess.PIPE, text=True)
        self.helpcrunch = process.stdout.readline().strip()

    def client(self, service, credentials=("test", "test")):
        """An AWS client; without credentials given, the account's root."""
        return boto3.client(service, endpoint_url=self.endpoint, region_name=REGION, verify=str(self.certificate),
                            aws_access_key_id=credentials[0], aws_secret_access_key=credentials[1])

    def credentials_with(self, name, inline=(), managed=()):
        """Access keys of a user that may do what these policies say, and nothing else."""
        iam = self.client("iam")
        inline = [*inline, *(self.document(arn) for arn in managed)]
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_user(UserName=name)
        for number, document in enumerate(inline):
            iam.put_user_policy(UserName=name, PolicyName=f"inline-{number}", PolicyDocument=json.dumps(with_batch_actions(document)))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def document(self, policy_arn):
        iam = self.client("iam")
        version = iam.get_policy(PolicyArn=policy_arn)["Policy"]["DefaultVersionId"]
        return iam.get_policy_version(PolicyArn=policy_arn, VersionId=version)["PolicyVersion"]["Document"]

    def control(self, method, path, body=None):
        """HelpCrunch's controls below /_sim/."""
        connection = http.client.HTTPSConnection(self.helpcrunch.removeprefix("https://"), context=self.tls)
        connection.request(method, "/_sim/" + path, json.dumps(body) if body is not None else None)
        response = connection.getresponse()
        text = response.read()
        assert response.status < 300, text
        return json.loads(text) if text else None

    def sam(self, *arguments):
        return self.run("sam", *arguments)

    def run(self, *command, **variables):
        """Runs a command as a user would, against MiniStack. Returns what it printed."""
        environment = {**os.environ, "AWS_ENDPOINT_URL": self.endpoint, "AWS_CA_BUNDLE": str(self.certificate),
                       "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION,
                       "AWS_DEFAULT_REGION": REGION, "SAM_CLI_TELEMETRY": "0", **variables}
        environment.pop("AWS_PROFILE", None)
        result = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout


class Function:
    """A deployed function, run by the RIE with the environment and the permissions that were deployed."""

    def __init__(self, world, name, bootstrap, environments):
        self.world, self.processes = world, Processes(world.folder)
        self.free = queue.Queue()
        config = world.client("lambda").get_function_configuration(FunctionName=name)
        environment = self.environment(config)
        for _ in range(environments):
            self.free.put(self.start(name, bootstrap, environment))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        variables = {**config["Environment"]["Variables"],
                     "MINISTACK_LAMBDA_PROXY_URL": f"http://127.0.0.1:{self.server.server_port}/"}
        world.client("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": variables})

    def environment(self, config):
        """What Lambda sets for the process: the function's own variables, who it is, and its role's permissions."""
        access, secret = self.permissions(config["Role"].rsplit("/", 1)[1])
        return {
            **config["Environment"]["Variables"],
            "AWS_LAMBDA_FUNCTION_NAME": config["FunctionName"], "AWS_LAMBDA_FUNCTION_TIMEOUT": str(config["Timeout"]),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config["MemorySize"]),
            "AWS_LAMBDA_LOG_FORMAT": config["LoggingConfig"]["LogFormat"],
            "AWS_LAMBDA_LOG_LEVEL": config["LoggingConfig"]["ApplicationLogLevel"],
            "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_ENDPOINT_URL": self.world.endpoint, "SSL_CERT_FILE": str(self.world.certificate),
        }

    def permissions(self, role):
        """Access keys with the role's policies: its trust policy lets nobody but Lambda assume it, and the test neither."""
        iam = self.world.client("iam")
        inline = [iam.get_role_policy(RoleName=role, PolicyName=p)["PolicyDocument"]
                  for p in iam.list_role_policies(RoleName=role)["PolicyNames"]]
        managed = [p["PolicyArn"] for p in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]]
        return self.world.credentials_with(role, inline, managed)

    def start(self, name, bootstrap, environment):
        """One environment: an RIE handles one invocation at a time."""
        port, runtime_api = free_port(), free_port()
        rie = pathlib.Path(samcli.__file__).parent / "local" / "rapid" / f"aws-lambda-rie-{MACHINE[1]}"
        self.processes.start(name, [
            rie, "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
            "--runtime-api-address", f"127.0.0.1:{runtime_api}", bootstrap], env=environment)
        until(lambda: listens(port), f"the RIE of {name} listens")
        return port

    def handler(self):
        function = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                event = self.rfile.read(int(self.headers["Content-Length"]))
                port = function.free.get()
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", port)
                    connection.request("POST", "/2015-03-31/functions/function/invocations", event)
                    response = connection.getresponse()
                    status, answer = response.status, response.read()
                finally:
                    function.free.put(port)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        return Handler

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.processes.stop()
