"""The template, built and deployed by the SAM CLI to MiniStack, with both functions run by AWS's Runtime Interface Emulator
under the permissions that were deployed. What these stand-ins do not honour is in test_emulator.py."""

import json
import shutil

import botocore.exceptions
import pytest

from choices import PLATFORM
from deployed import Deployed
from emulator import REGION, until
from issuer import Issuer
from stack import ROOT

ONE_TOKEN, ANOTHER_TOKEN = "a-token-of-the-deploy-test", "another-token-of-the-deploy-test"


@pytest.fixture(scope="module")
def fifo(world, built, bootstraps):
    """The stack as it is by default: a FIFO queue, callers authorized by IAM."""
    stack = Deployed(world, built, bootstraps, "mark-read")
    stack.deploy()
    stack.fill("HelpCrunchSecretId", world.key)
    yield stack
    stack.stop()


@pytest.fixture(scope="module")
def standard(world, built, bootstraps):
    """A standard queue in batches of 25, and callers with tokens."""
    stack = Deployed(world, built, bootstraps, "mark-read-standard")
    stack.deploy(QueueType="STANDARD", BatchSize=25, Authorization="TOKEN")
    stack.fill("HelpCrunchSecretId", json.dumps({"apiKey": world.key}))
    yield stack
    stack.stop()


@pytest.fixture(scope="module")
def caller(world, fifo):
    return world.credentials_with("caller", managed=[fifo.outputs["CallerPolicyArn"]])


def test_what_is_deployed_is_a_static_arm64_binary(built):
    for name in ("HttpFunction", "QueueFunction"):
        binary = (built / name / "bootstrap").read_bytes()
        assert binary[:4] == b"\x7fELF" and binary[18] == 183, "no ELF for AArch64"
        assert b"ld-linux" not in binary, "asks for the host's dynamic linker"


def test_a_mark_over_http_arrives_at_helpcrunch(fifo, caller):
    status, body = fifo.put("Agent", {"id": 5208, "read": True}, caller)
    assert (status, body["id"], body["readByAgent"]) == (200, 5208, True)
    assert fifo.chat(5208)["readByAgent"]


def test_an_unknown_chat_over_http_is_helpcrunchs_own_404(fifo, caller):
    status, body = fifo.put("Customer", {"id": 999, "read": True}, caller)
    assert status == 404 and body["errors"]


def test_a_caller_without_permission_is_refused_and_helpcrunch_is_not_called(world, fifo):
    before = len(world.control("GET", "requests"))
    producer = world.credentials_with("not-a-caller", managed=[fifo.outputs["ProducerPolicyArn"]])
    assert fifo.put("Agent", {"id": 5208, "read": True})[0] == 403
    assert fifo.put("Agent", {"id": 5208, "read": True}, producer)[0] == 403
    assert len(world.control("GET", "requests")) == before


def test_a_request_without_an_authorizer_never_reaches_helpcrunch(world, fifo):
    """A route that somebody has opened by hand: API Gateway lets everybody in, and the function nobody."""
    api, before = world.client("apigatewayv2"), len(world.control("GET", "requests"))
    of_this = {"ApiId": fifo.outputs["HttpApiUrl"].removeprefix("https://").split(".")[0]}
    route = next(r for r in api.get_routes(**of_this)["Items"] if r["RouteKey"] == "PUT /v1/chats/readByAgent")
    api.update_route(**of_this, RouteId=route["RouteId"], AuthorizationType="NONE")
    try:
        status, body = fifo.put("Agent", {"id": 5208, "read": True})
    finally:
        api.update_route(**of_this, RouteId=route["RouteId"], AuthorizationType=route["AuthorizationType"])
    assert (status, body["errors"][0]["code"]) == (401, "unauthorized")
    assert len(world.control("GET", "requests")) == before


def test_a_producer_sends_a_mark_through_the_queue_and_may_do_nothing_else(world, fifo):
    queue = world.client("sqs", world.credentials_with("producer", managed=[fifo.outputs["ProducerPolicyArn"]]))
    fifo.send({"id": 5209, "reader": "customer", "read": True}, queue)
    until(lambda: fifo.chat(5209)["readByCustomer"], "the mark at HelpCrunch")
    until(lambda: fifo.waiting() == 0, "the queue is empty")
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        queue.receive_message(QueueUrl=fifo.outputs["MarksQueueUrl"])


def test_a_mark_for_later_goes_through_the_queue(fifo, caller):
    status, body = fifo.put("Agent", {"id": 5210, "read": True}, caller, Prefer="respond-async")
    assert status == 202 and body["messageId"]
    until(lambda: fifo.chat(5210)["readByAgent"], "the mark at HelpCrunch")


@pytest.mark.parametrize("kind", ["fifo", "standard"])
def test_an_unknown_chat_ends_in_the_dead_letter_queue_with_its_reason(kind, request):
    stack = request.getfixturevalue(kind)
    mark = {"id": 999, "reader": "agent", "read": True}
    sent = stack.send(mark)
    dead_letter = {name: a["StringValue"] for name, a in stack.dead_letter(mark)["MessageAttributes"].items()}
    assert (dead_letter["Outcome"], dead_letter["HttpStatus"]) == ("chat_not_found", "404")
    assert json.loads(dead_letter["Source"])["messageId"] == sent["MessageId"]
    until(lambda: stack.waiting() == 0, "the queue is empty")


def test_a_rotated_key_works_over_http_and_the_queue_without_a_deployment(world, fifo, standard, caller):
    assert fifo.put("Agent", {"id": 5211, "read": True}, caller)[0] == 200  # both functions hold the old key
    world.key = "second-key-of-the-deploy-test"
    world.control("PUT", "keys", {"keys": [world.key]})
    fifo.fill("HelpCrunchSecretId", world.key)
    standard.fill("HelpCrunchSecretId", world.key)
    assert fifo.put("Customer", {"id": 5211, "read": True}, caller)[0] == 200
    fifo.send({"id": 5212, "reader": "agent", "read": True})
    until(lambda: fifo.chat(5212)["readByAgent"], "the mark at HelpCrunch")


def test_a_standard_queue_works(standard):
    for number in (5213, 5214, 5215):
        standard.send({"id": number, "reader": "agent", "read": True})
    until(lambda: all(standard.chat(n)["readByAgent"] for n in (5213, 5214, 5215)), "the marks at HelpCrunch")
    until(lambda: standard.waiting() == 0, "the queue is empty")


def test_the_example_of_a_topic_feeds_the_queue_once_it_is_let_in(world, standard):
    stacks = world.client("cloudformation")
    stacks.create_stack(StackName="topic", TemplateBody=(ROOT / "examples/sns-topic.yaml").read_text(), Parameters=[
        {"ParameterKey": "MarksQueueArn", "ParameterValue": standard.outputs["MarksQueueArn"]}])
    stacks.get_waiter("stack_create_complete").wait(StackName="topic", WaiterConfig={"Delay": 1})
    topic = {o["OutputKey"]: o["OutputValue"] for o in stacks.describe_stacks(StackName="topic")["Stacks"][0]["Outputs"]}["ProducerSourceArn"]
    standard.deploy(QueueType="STANDARD", BatchSize=25, Authorization="TOKEN", ProducerSourceArns=topic)
    policy = json.loads(world.client("sqs").get_queue_attributes(QueueUrl=standard.outputs["MarksQueueUrl"], AttributeNames=["Policy"])["Attributes"]["Policy"])
    assert [(s["Sid"], s["Effect"]) for s in policy["Statement"]] == [("TlsOnly", "Deny"), ("Producers", "Allow")]
    assert policy["Statement"][1]["Condition"] == {"ArnLike": {"aws:SourceArn": [topic]}}
    world.client("sns").publish(TopicArn=topic, Message=json.dumps({"id": 5219, "reader": "agent", "read": True}))
    until(lambda: standard.chat(5219)["readByAgent"], "the mark at HelpCrunch")


def test_callers_with_tokens_come_in_and_nobody_else(standard):
    mark = {"id": 5216, "read": True}
    assert standard.put("Agent", mark, Authorization=f"Bearer {ONE_TOKEN}")[0] == 503, "an empty secret lets nobody in"
    standard.fill("CallerTokenSecretId", f"{ONE_TOKEN}\n{ANOTHER_TOKEN}")
    until(lambda: standard.put("Agent", mark, Authorization=f"Bearer {ANOTHER_TOKEN}")[0] == 200, "the new tokens are read")
    assert standard.put("Agent", mark, Authorization="Bearer no-token")[0] == 401
    assert standard.put("Agent", mark)[0] == 401
    assert standard.chat(5216)["readByAgent"]


def test_the_queue_is_for_tls_only(world, fifo):
    """MiniStack takes the first X-Forwarded-Proto for the way a request came, so that plain HTTP can be tried over TLS."""
    sqs = world.client("sqs")
    sqs.meta.events.register("before-sign.sqs.*", lambda request, **_: request.headers.add_header("X-Forwarded-Proto", "http"))
    for queue in ("MarksQueueUrl", "DeadLetterQueueUrl"):
        with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
            sqs.get_queue_attributes(QueueUrl=fifo.outputs[queue])


def test_deploying_again_changes_nothing(fifo):
    before = dict(fifo.outputs)
    assert "No changes to deploy" in fifo.deploy()
    assert fifo.outputs == before


def test_an_update_changes_what_it_says_and_keeps_key_and_queues(world, fifo, caller):
    before = dict(fifo.outputs)
    fifo.deploy(RequestsPerMinute=60, MaximumConcurrency=3)
    assert fifo.outputs == before
    environment = world.client("lambda").get_function_configuration(FunctionName=fifo.outputs["QueueFunctionName"])["Environment"]
    mapping = world.client("lambda").get_event_source_mapping(UUID=fifo.outputs["EventSourceMappingId"])
    assert environment["Variables"]["REQUESTS_PER_MINUTE"] == "60"
    assert environment["Variables"]["MAXIMUM_CONCURRENCY"] == "3" == str(mapping["ScalingConfig"]["MaximumConcurrency"])
    assert fifo.secrets.get_secret_value(SecretId=fifo.outputs["HelpCrunchSecretId"])["SecretString"] == world.key
    assert fifo.put("Agent", {"id": 5217, "read": True}, caller)[0] == 200


def test_an_update_from_the_template_of_12a236e_loses_no_alarm_and_no_subscription(world, built, bootstraps):
    stack, cloudwatch = Deployed(world, built, bootstraps, "mark-read-old"), world.client("cloudwatch")
    alarms = lambda: {a["AlarmName"] for a in cloudwatch.describe_alarms(AlarmNamePrefix=stack.name)["MetricAlarms"]}
    dashboards = lambda: {d["DashboardName"] for d in cloudwatch.list_dashboards(DashboardNamePrefix=stack.name)["DashboardEntries"]}
    subscriptions = lambda: world.client("sns").list_subscriptions_by_topic(TopicArn=stack.outputs["AlarmTopicArn"])["Subscriptions"]

    shutil.copy(ROOT / "deploy/testdata/template-12a236e.json", built)
    stack.update(template="template-12a236e.json", AlarmEmail="on-call@example.com")
    before, subscribed = dict(stack.outputs), subscriptions()
    logical = {a.removeprefix(stack.name).split("-")[1] for a in alarms()}
    assert len(logical) == 18 and len(subscribed) == 1 and dashboards() == {f"{stack.name}-{REGION}"}

    stack.update()
    assert alarms() >= {f"{stack.name}-{name}" for name in logical}
    assert not {a for a in alarms() if a.count("-") > f"{stack.name}-".count("-")}, "an old one rings beside the new"
    assert dashboards() == {stack.outputs["DashboardName"]} == {f"{stack.name}_{REGION}"}
    assert subscriptions() == subscribed
    new = ("DashboardName",)
    assert {n: v for n, v in stack.outputs.items() if n in before and n not in new} == {n: v for n, v in before.items() if n not in new}


def test_the_platforms_parameters_are_taken_and_the_base_url_follows(world, built, bootstraps):
    stack = Deployed(world, built, bootstraps, "mark-read-platform")
    stack.update(**PLATFORM)
    assert stack.outputs["HttpApiUrl"] == f"https://{PLATFORM['DomainName']}/v1" and stack.outputs["DomainTarget"]


def test_an_update_from_tokens_to_jwt(world, standard):
    issuer = Issuer(world.certificate, world.private_key)
    standard.deploy(QueueType="STANDARD", BatchSize=25, Authorization="JWT", JwtIssuer=issuer.url, JwtAudience="marks,others")
    mark = {"id": 5218, "read": True}
    assert standard.put("Agent", mark)[0] == 401
    assert standard.put("Agent", mark, Authorization=f"Bearer {ONE_TOKEN}")[0] == 401
    assert standard.put("Agent", mark, Authorization=f"Bearer {issuer.token('nobody')}")[0] == 401
    assert standard.put("Agent", mark, Authorization=f"Bearer {issuer.token('marks')}")[0] == 200
    issuer.stop()


def test_no_key_no_token_and_nobodys_data_in_what_the_functions_wrote(world, fifo, standard):
    text = "".join(log.read_text() for log in world.folder.glob("mark-read*.log"))
    assert '"message":"attempt"' in text
    for private in ("first-key-of", "second-key-of", ONE_TOKEN, ANOTHER_TOKEN, "@example", " Sample", "Zoë", "Mike Example", "call me back"):
        assert private not in text
