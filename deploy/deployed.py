"""A stack deployed to MiniStack, with its functions running, and the ways to call it."""

import http.client
import itertools
import json

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulator import REGION, ROOT, Function, until


class Deployed:
    """One stack. `deploy` deploys, and deploys again."""

    def __init__(self, world, built, bootstraps, name):
        self.world, self.built, self.bootstraps, self.name = world, built, bootstraps, name
        self.functions, self.numbers = [], itertools.count(1)
        self.sqs, self.secrets = world.client("sqs"), world.client("secretsmanager")

    def deploy(self, **parameters):
        """Runs `sam deploy`, then the functions as they are now deployed. Returns what SAM printed."""
        printed = self.update(**parameters)
        self.start()
        return printed

    def start(self):
        """Runs the functions as they are deployed now."""
        self.fix_mapping()
        self.stop()
        self.functions = [Function(self.world, self.outputs["HttpFunctionName"], self.bootstraps["Http"], 1),
                          Function(self.world, self.outputs["QueueFunctionName"], self.bootstraps["Queue"], 2)]

    def update(self, template="template.yaml", **parameters):
        """Runs `sam deploy`. Returns what SAM printed."""
        parameters.setdefault("HelpCrunchBaseUrl", self.world.helpcrunch + "/v1")
        printed = self.world.sam(
            "deploy", "--template-file", str(self.built / template), "--config-file", str(ROOT / "samconfig.toml"),
            "--stack-name", self.name, "--no-confirm-changeset", "--no-progressbar",
            "--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items()))
        self.read()
        return printed

    def read(self):
        stack, = self.world.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        self.outputs = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}

    def fix_mapping(self):
        """MiniStack keeps a number out of a parameter as text, and its poller trips over it (test_emulator.py)."""
        mappings, uuid = self.world.client("lambda"), self.outputs["EventSourceMappingId"]
        concurrency = int(mappings.get_event_source_mapping(UUID=uuid)["ScalingConfig"]["MaximumConcurrency"])
        mappings.update_event_source_mapping(UUID=uuid, ScalingConfig={"MaximumConcurrency": concurrency})

    def stop(self):
        for function in self.functions:
            function.stop()

    def fill(self, output, value):
        self.secrets.put_secret_value(SecretId=self.outputs[output], SecretString=value)

    def put(self, reader, mark, credentials=None, **headers):
        """PUT /v1/chats/readBy... on the deployed API. Returns the status and the body."""
        api = self.outputs["HttpApiUrl"].removeprefix("https://").split(".")[0]
        path, body = f"/v1/chats/readBy{reader}", json.dumps(mark)
        headers = {"Host": f"{api}.execute-api.localhost:{self.world.port}", "Content-Type": "application/json",
                   **{name.replace("_", "-"): value for name, value in headers.items()}}
        if credentials:
            request = AWSRequest("PUT", f"https://{headers['Host']}{path}", headers, body)
            SigV4Auth(Credentials(*credentials), "execute-api", REGION).add_auth(request)
            headers = dict(request.headers)
        connection = http.client.HTTPSConnection("localhost", self.world.port, context=self.world.tls)
        connection.request("PUT", path, body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"null")

    def send(self, mark, queue=None):
        """Sends a mark as a producer does."""
        fifo = self.outputs["MarksQueueUrl"].endswith(".fifo")
        group = {"MessageGroupId": str(mark.get("id")), "MessageDeduplicationId": f"d{next(self.numbers)}"} if fifo else {}
        return (queue or self.sqs).send_message(QueueUrl=self.outputs["MarksQueueUrl"], MessageBody=json.dumps(mark), **group)

    def chat(self, number):
        """The chat as HelpCrunch holds it."""
        return next(c for c in self.world.control("GET", "state")["chats"] if c["id"] == number)

    def dead_letter(self, body):
        """Waits for the dead letter with this body, and takes it."""
        def receive():
            messages = self.sqs.receive_message(QueueUrl=self.outputs["DeadLetterQueueUrl"], MessageAttributeNames=["All"])
            for message in messages.get("Messages", []):
                self.sqs.delete_message(QueueUrl=self.outputs["DeadLetterQueueUrl"], ReceiptHandle=message["ReceiptHandle"])
                if json.loads(message["Body"]) == body:
                    return message
        return until(receive, f"{body} in the dead-letter queue")

    def waiting(self):
        """Marks in the queue, in work or held ones too."""
        return self.count("MarksQueueUrl")

    def dead_letters(self):
        return self.count("DeadLetterQueueUrl")

    def count(self, output):
        counts = self.sqs.get_queue_attributes(QueueUrl=self.outputs[output], AttributeNames=["All"])["Attributes"]
        return int(counts["ApproximateNumberOfMessages"]) + int(counts["ApproximateNumberOfMessagesNotVisible"])
