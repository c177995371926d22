"""The roles and policies of the stack, evaluated offline by a tool that nobody here wrote: each call that is made is allowed,
and the same call on another resource, or through another service, is not."""

import json
import re
import subprocess
from dataclasses import dataclass, field

import pytest
from choices import PLATFORM
from stack import ROOT, Stack

OTHER = "arn:aws:{}:eu-central-1:123456789012:{}"
QUEUE_KEY, SECRETS_KEY, TOKENS_KEY = (OTHER.format("kms", f"key/{n}2345678-1234-1234-1234-123456789012") for n in (1, 2, 3))
SQS, SECRETS_MANAGER = ({"kms:ViaService": f"{s}.eu-central-1.amazonaws.com"} for s in ("sqs", "secretsmanager"))


def evaluate(requests):
    result = subprocess.run(["node", "simulate.mjs"], cwd=ROOT / "deploy", input=json.dumps(requests), text=True, capture_output=True)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@dataclass
class Call:
    action: str
    resource: str
    other: str = ""  # another resource of the same kind
    context: dict = field(default_factory=dict)
    wrong: dict = field(default_factory=lambda: {"kms:ViaService": "s3.eu-central-1.amazonaws.com"})  # a context that denies it


def own_keys(**parameters):
    return Stack({"QueueKmsKeyArn": QUEUE_KEY, "SecretsKmsKeyArn": SECRETS_KEY, "CallerTokenKmsKeyArn": TOKENS_KEY, "Tracing": "Active", **parameters})


def policies(stack, name):
    """What a role or managed policy comes to."""
    managed = {stack.reference(n): p["PolicyDocument"] for n, p in stack.of_type("AWS::IAM::ManagedPolicy").items()}
    properties = stack.resources[name]
    if "PolicyDocument" in properties:
        return [properties["PolicyDocument"]]
    return [p["PolicyDocument"] for p in properties["Policies"]] + [managed[arn] for arn in properties.get("ManagedPolicyArns", [])]


def queue(stack, name):
    return stack.attribute(name, "Arn"), OTHER.format("sqs", "another.fifo")


def secret(stack, name):
    return stack.attribute(name, "Id"), OTHER.format("secretsmanager", "secret:another-AbCdEf")


def stream(stack, name):
    group = stack.attribute(name, "Arn").removesuffix(":*")
    return f"{group}:log-stream:2026/11/23/[$LATEST]0", OTHER.format("logs", "log-group:another:log-stream:x")


def group(stack, name):
    return stack.attribute(name, "Arn").removesuffix("*") + "*", OTHER.format("logs", "log-group:another:*")


def of_the_code(stack):
    """The AWS calls of both functions, as the sources make them, and those that Lambda makes with their roles."""
    key, tokens = secret(stack, "HelpCrunchSecret"), secret(stack, "CallerTokenSecret")
    marks, dead = queue(stack, "MarksQueue"), queue(stack, "DeadLetterQueue")
    trace = [Call("xray:PutTraceSegments", "*"), Call("xray:PutTelemetryRecords", "*")]
    encrypt = [Call(a, QUEUE_KEY, SECRETS_KEY, SQS) for a in ("kms:GenerateDataKey", "kms:Decrypt")]
    both = [Call("secretsmanager:GetSecretValue", *key), Call("kms:Decrypt", SECRETS_KEY, QUEUE_KEY, SECRETS_MANAGER), *encrypt, *trace]
    http = [Call("sqs:SendMessage", *marks), Call("secretsmanager:GetSecretValue", *tokens),
            Call("kms:Decrypt", TOKENS_KEY, QUEUE_KEY, SECRETS_MANAGER),
            Call("logs:CreateLogStream", *group(stack, "HttpFunctionLogs")), Call("logs:PutLogEvents", *stream(stack, "HttpFunctionLogs"))]
    mapping = [Call(f"sqs:{a}", *marks) for a in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")]
    code = [Call("sqs:ChangeMessageVisibility", *marks), Call("sqs:SendMessage", *dead),
            Call("logs:CreateLogStream", *group(stack, "QueueFunctionLogs")), Call("logs:PutLogEvents", *stream(stack, "QueueFunctionLogs"))]
    return {"HttpFunctionRole": both + http, "QueueFunctionRole": both + mapping + code}


def of_people(stack):
    """What the managed policies are for; ops/ is the operator's command."""
    marks, dead = queue(stack, "MarksQueue"), queue(stack, "DeadLetterQueue")
    api = "execute-api", "{}/$default/PUT/v1/chats/readByAgent"
    mapping = stack.arn("lambda", f"event-source-mapping:{stack.reference('QueueFunctionMarks')}")
    other_mapping = OTHER.format("lambda", "event-source-mapping:another")
    operator = [Call(f"sqs:{a}", *dead) for a in ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes",
                                                      "StartMessageMoveTask")]
    operator += [Call(f"sqs:{a}", *marks) for a in ("SendMessage", "GetQueueAttributes")]
    operator += [Call(f"secretsmanager:{a}", *secret(stack, "HelpCrunchSecret")) for a in ("GetSecretValue", "PutSecretValue")]
    tags, others_tags = {"aws:TagKeys": ["helpcrunch-mark-read:paused-since"]}, {"aws:TagKeys": ["owner"]}
    operator += [Call(f"lambda:{a}", mapping, other_mapping, tags, others_tags) for a in ("TagResource", "UntagResource")]
    schedule = stack.arn("scheduler", f"schedule/default/resume-{stack.reference('QueueFunctionMarks')}")
    operator += [Call(f"scheduler:{a}Schedule", schedule, OTHER.format("scheduler", "schedule/default/another"))
                 for a in ("Create", "Update", "Delete", "Get")]
    alarm = stack.pseudo["AWS::StackName"] + "-{}"
    operator += [Call("cloudwatch:PutAlarmMuteRule", stack.arn("cloudwatch", r), stack.arn("cloudwatch", other)) for r, other in (
        ("alarm-mute-rule:" + alarm.format("pause"), "alarm-mute-rule:another"),
        *(("alarm:" + alarm.format(a), "alarm:" + alarm.format("DeadLettersAlarm")) for a in ("OldestMarkAlarm", "HeldMarkAlarm-1ABC")))]
    operator += [
        Call("lambda:ListTags", mapping, other_mapping),
        Call("cloudwatch:DeleteAlarmMuteRule", stack.arn("cloudwatch", "alarm-mute-rule:" + alarm.format("pause")), stack.arn("cloudwatch", "alarm-mute-rule:x")),
        Call("iam:PassRole", stack.attribute("ResumeRole", "Arn"), stack.attribute("QueueFunctionRole", "Arn"),
             {"iam:PassedToService": "scheduler.amazonaws.com"}, {"iam:PassedToService": "lambda.amazonaws.com"}),
        *([Call(f"secretsmanager:{a}", *secret(stack, "CallerTokenSecret")) for a in ("GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")]
          + [Call(f"kms:{a}", TOKENS_KEY, QUEUE_KEY, SECRETS_MANAGER) for a in ("Decrypt", "GenerateDataKey")]
          if "CallerTokenSecret" in stack.resources else []),
        Call("cloudformation:DescribeStacks", stack.pseudo["AWS::StackId"], OTHER.format("cloudformation", "stack/another/1")),
        Call("lambda:GetFunctionConfiguration", stack.attribute("QueueFunction", "Arn"), OTHER.format("lambda", "function:another")),
        Call("cloudformation:DescribeStackResources", stack.pseudo["AWS::StackId"], OTHER.format("cloudformation", "stack/another/1")),
        # And apigateway:GET of the API's routes; the evaluator knows no resources of that service.
        Call("lambda:ListFunctionUrlConfigs", stack.attribute("HttpFunction", "Arn"), OTHER.format("lambda", "function:another")),
        Call("lambda:GetEventSourceMapping", mapping, other_mapping),
        Call("lambda:UpdateEventSourceMapping", mapping, other_mapping),
        Call("sns:ListSubscriptionsByTopic", stack.outputs["AlarmTopicArn"], OTHER.format("sns", "another")),
        Call("cloudwatch:DescribeAlarms", stack.arn("cloudwatch", "alarm:*")),
        Call("cloudwatch:GetMetricData", "*"),
        *(Call(f"logs:{a}", *group(stack, "QueueFunctionLogs")) for a in ("FilterLogEvents", "StartQuery", "GetQueryResults")),
        Call("kms:Decrypt", SECRETS_KEY, QUEUE_KEY, SECRETS_MANAGER),
        *(Call(a, QUEUE_KEY, SECRETS_KEY, SQS) for a in ("kms:GenerateDataKey", "kms:Decrypt")),
    ]
    return {
        "ProducerPolicy": [Call("sqs:SendMessage", *marks), Call("kms:GenerateDataKey", QUEUE_KEY, SECRETS_KEY, SQS)],
        "OperatorPolicy": operator,
        "ResumeRole": [Call("lambda:UpdateEventSourceMapping", mapping, other_mapping)],
        **({"CallerPolicy": [Call("execute-api:Invoke", stack.arn(api[0], api[1].format(stack.reference("HttpApi"))),
                                  OTHER.format(api[0], api[1].format("another")))]} if "CallerPolicy" in stack.resources else {}),
    }


def cases():
    tokens, iam = own_keys(Authorization="TOKEN"), own_keys()
    for stack, table in ((tokens, of_the_code(tokens)), (iam, of_people(iam)), (tokens, of_people(tokens))):
        for name, calls in table.items():
            yield pytest.param(stack, name, calls, id=f"{name}, {stack.parameters['Authorization']}")


@pytest.mark.parametrize("stack, name, calls", cases())
def test_no_statement_is_there_for_nothing(stack, name, calls):
    """Without any one of its statements, something that is needed is not allowed: the table above would notice."""
    documents = policies(stack, name)
    without = [(d, s) for d, document in enumerate(documents) for s in range(len(document["Statement"]))]
    requests = []
    for d, s in without:
        rest = [statement for n, statement in enumerate(documents[d]["Statement"]) if n != s]
        left = documents[:d] + [{**documents[d], "Statement": rest}] * bool(rest) + documents[d + 1:]
        requests += [{"policies": left, "action": c.action, "resource": c.resource, "context": c.context} for c in calls]
    results = evaluate(requests)
    for n, (d, s) in enumerate(without):
        missed = [r for r in results[n * len(calls):(n + 1) * len(calls)] if r != "Allowed"]
        assert missed, f"nothing needs {documents[d]['Statement'][s].get('Sid', s)}"


@pytest.mark.parametrize("stack, name, calls", cases())
def test_what_is_needed_is_allowed_and_the_same_elsewhere_is_not(stack, name, calls):
    documents = policies(stack, name)
    request = lambda call, resource, context: {"policies": documents, "action": call.action, "resource": resource, "context": context}
    allowed = [(c.action, request(c, c.resource, c.context)) for c in calls]
    denied = [(c.action, request(c, c.other, c.context)) for c in calls if c.other]
    denied += [(c.action, request(c, c.resource, c.wrong)) for c in calls if c.context]
    results = evaluate([r for _, r in allowed + denied])
    wrong = [(action, result) for (action, _), result in zip(allowed, results) if result != "Allowed"]
    wrong += [(action, result) for (action, _), result in zip(denied, results[len(allowed):]) if result == "Allowed"]
    assert not wrong


NEVER = {
    "HttpFunctionRole": [("sqs:ReceiveMessage", "MarksQueue"), ("sqs:SendMessage", "DeadLetterQueue"), ("sqs:PurgeQueue", "MarksQueue")],
    "QueueFunctionRole": [("sqs:SendMessage", "MarksQueue"), ("sqs:ReceiveMessage", "DeadLetterQueue"), ("sqs:DeleteQueue", "MarksQueue")],
    "ProducerPolicy": [("sqs:ReceiveMessage", "MarksQueue"), ("sqs:DeleteMessage", "MarksQueue"), ("sqs:PurgeQueue", "MarksQueue"),
                       ("sqs:SendMessage", "DeadLetterQueue"), ("sqs:GetQueueAttributes", "MarksQueue")],
    "OperatorPolicy": [("sqs:ReceiveMessage", "MarksQueue"), ("sqs:PurgeQueue", "DeadLetterQueue"), ("sqs:DeleteQueue", "DeadLetterQueue"),
                       ("sqs:SetQueueAttributes", "MarksQueue")],
}


@pytest.mark.parametrize("name", NEVER)
def test_what_is_for_others_is_not_allowed(name):
    stack = own_keys()
    requests = [{"policies": policies(stack, name), "action": a, "resource": queue(stack, q)[0], "context": {}} for a, q in NEVER[name]]
    assert "Allowed" not in evaluate(requests)


def test_the_operators_policy_fits():
    """IAM counts a managed policy without its white space: 6,144 characters. A long name of the stack must fit too."""
    stack = own_keys(Authorization="TOKEN")
    policy = json.dumps(stack.resources["OperatorPolicy"]["PolicyDocument"], separators=(",", ":"))
    longest = 60 - len(stack.pseudo["AWS::StackName"])
    assert len(policy) + longest * policy.count(stack.pseudo["AWS::StackName"]) < 6144


def test_a_function_cannot_use_what_puts_it_into_its_subnets():
    """Lambda uses the role to make network interfaces. A call of the function's own code carries lambda:SourceFunctionArn."""
    stack = Stack(PLATFORM)
    for role in ("HttpFunctionRole", "QueueFunctionRole"):
        request = lambda context: {"policies": policies(stack, role), "action": "ec2:DescribeNetworkInterfaces", "resource": "*", "context": context}
        function = stack.attribute(role.removesuffix("Role"), "Arn")
        assert evaluate([request({}), request({"lambda:SourceFunctionArn": function})]) == ["Allowed", "ImplicitlyDenied"]


def test_an_operator_turns_the_mapping_to_no_other_function():
    stack = own_keys()
    mapping = stack.arn("lambda", f"event-source-mapping:{stack.reference('QueueFunctionMarks')}")
    request = lambda function: {"policies": policies(stack, "OperatorPolicy"), "action": "lambda:UpdateEventSourceMapping",
                                "resource": mapping, "context": {"lambda:FunctionArn": function}}
    results = evaluate([request(stack.attribute("QueueFunction", "Arn")), request(OTHER.format("lambda", "function:another"))])
    assert results[0] == "Allowed" != results[1]


@pytest.mark.parametrize("given, own, other", [
    ({"HelpCrunchSecretArn": "arn:aws:secretsmanager:eu-central-1:210987654321:secret:theirs-AbCdEf"},
     "arn:aws:secretsmanager:eu-central-1:210987654321:secret:theirs-AbCdEf", "arn:aws:secretsmanager:eu-central-1:210987654321:secret:theirs-GhIjKl"),
    ({"HelpCrunchSecretName": "team/key"}, OTHER.format("secretsmanager", "secret:team/key-AbCdEf"),
     OTHER.format("secretsmanager", "secret:team/key-of-others-AbCdEf")),
])
def test_a_secret_of_the_users_own_is_read_and_no_other(given, own, other):
    for role in ("HttpFunctionRole", "QueueFunctionRole"):
        requests = [{"policies": policies(Stack(given), role), "action": "secretsmanager:GetSecretValue", "resource": r, "context": {}}
                    for r in (own, other)]
        assert evaluate(requests) == ["Allowed", "ImplicitlyDenied"]


def test_the_table_holds_every_call_of_the_sources():
    made = set()
    for source in (ROOT / "shared").rglob("*.go"):
        if not source.name.endswith("_test.go"):
            made |= set(re.findall(r"\b(sqs|secretsmanager)\.([A-Z]\w+?)(?:Batch)?Input\{", source.read_text()))
    stack = own_keys(Authorization="TOKEN")
    table = {tuple(c.action.split(":")) for calls in of_the_code(stack).values() for c in calls}
    assert made and made <= table
