"""The promises of the stack that can be read off the template, for each choice its parameters give."""

import copy
import json
import re
import subprocess

import pytest
from choices import CHOICES, JWT, KEY, KMS, OWN_KEYS, PARTITIONS, PLATFORM, RULE, SECRET, TOKEN, TOPIC
from stack import ACCOUNT, ROOT, Stack, raw, translated


@pytest.fixture(params=CHOICES.values(), ids=CHOICES.keys())
def stack(request):
    return Stack(request.param)


def statements(stack):
    """Each statement that a role or managed policy of the stack holds."""
    for properties in stack.of_type("AWS::IAM::ManagedPolicy").values():
        yield from properties["PolicyDocument"]["Statement"]
    for properties in stack.of_type("AWS::IAM::Role").values():
        for policy in properties["Policies"]:
            yield from policy["PolicyDocument"]["Statement"]


def listed(value):
    return value if isinstance(value, list) else [value]


# Lint: `make lint-template` has the templates as they are written


def lint(template):
    result = subprocess.run(["cfn-lint", "--", template], cwd=ROOT, text=True, capture_output=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_template_is_about_the_service():
    assert len((ROOT / "template.yaml").read_text().splitlines()) <= 1000
    assert not Stack().of_type("AWS::CloudWatch::Alarm")


def test_the_translated_template_is_clean(tmp_path):
    path, template = tmp_path / "translated.json", copy.deepcopy(translated())
    template["Resources"]["Monitoring"]["Properties"]["TemplateURL"] = "https://s3.amazonaws.com/bucket/key"
    path.write_text(json.dumps(template))
    lint(path)


# The queues


def test_queues_are_encrypted(stack):
    for name, queue in stack.of_type("AWS::SQS::Queue").items():
        assert queue.get("SqsManagedSseEnabled") is True or queue.get("KmsMasterKeyId") == KMS, name


def test_queues_keep_messages_for_14_days_and_outlive_the_stack(stack):
    for name, queue in stack.of_type("AWS::SQS::Queue").items():
        resource = stack.template["Resources"][name]
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
        assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain", name


@pytest.mark.parametrize("kind", ["FIFO", "STANDARD"])
def test_both_queues_are_of_one_kind_and_deduplicate_by_id_only(kind):
    for queue in Stack({"QueueType": kind}).of_type("AWS::SQS::Queue").values():
        assert queue.get("FifoQueue") == (True if kind == "FIFO" else None)
        assert queue.get("ContentBasedDeduplication") == (False if kind == "FIFO" else None)


def test_what_the_queues_demand_outlives_the_stack_with_them(stack):
    for name in stack.of_type("AWS::SQS::QueuePolicy"):
        resource = stack.template["Resources"][name]
        assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain", name


def test_dead_letters_come_from_the_marks_queue_only(stack):
    marks, dead = stack.resources["MarksQueue"], stack.resources["DeadLetterQueue"]
    marks_arn = stack.arn("sqs", marks["QueueName"])
    assert marks["RedrivePolicy"] == {"deadLetterTargetArn": stack.attribute("DeadLetterQueue", "Arn"), "maxReceiveCount": 1000}
    assert dead["RedriveAllowPolicy"] == {"redrivePermission": "byQueue", "sourceQueueArns": [marks_arn]}
    assert marks["QueueName"].endswith(".fifo") == bool(marks.get("FifoQueue"))


def test_queues_take_nothing_but_tls(stack):
    covered = set()
    for policy in stack.of_type("AWS::SQS::QueuePolicy").values():
        statement = policy["PolicyDocument"]["Statement"][0]
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "sqs:*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert len(policy["Queues"]) == 1
        covered.add(statement["Resource"])
    assert covered == {stack.attribute(name, "Arn") for name in stack.of_type("AWS::SQS::Queue")}


@pytest.mark.parametrize("sources", ["", TOPIC.format("aws", "eu-central-1"), f"{RULE},{TOPIC.format('aws', 'eu-central-1')}"])
def test_services_that_are_named_may_send_marks_and_no_others(sources):
    stack = Stack({"ProducerSourceArns": sources})
    allowed = stack.resources["MarksQueuePolicy"]["PolicyDocument"]["Statement"][1:]
    assert len(allowed) == bool(sources)
    for statement in allowed:
        assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Allow", "sqs:SendMessage", stack.attribute("MarksQueue", "Arn"))
        assert statement["Principal"] == {"Service": ["events.amazonaws.com", "sns.amazonaws.com"]}
        assert statement["Condition"] == {"ArnLike": {"aws:SourceArn": sources.split(",")}}
    assert len(stack.resources["DeadLetterQueuePolicy"]["PolicyDocument"]["Statement"]) == 1


@pytest.mark.parametrize("kind, batch", [("FIFO", 10), ("STANDARD", 10), ("STANDARD", 25), ("STANDARD", 50), ("STANDARD", 100)])
def test_a_batch_has_time_enough(kind, batch):
    stack = Stack({"QueueType": kind, "BatchSize": batch})
    mapping, timeout = stack.resources["QueueFunctionMarks"], stack.resources["QueueFunction"]["Timeout"]
    window = mapping.get("MaximumBatchingWindowInSeconds", 0)
    assert stack.resources["MarksQueue"]["VisibilityTimeout"] >= 6 * timeout + window
    assert timeout >= 2 * batch * 60 / 50, "at the default rate, shared by two environments"
    assert window > 0 if batch > 10 else window == 0, "AWS asks for a window above ten, and has none for FIFO"


def test_the_mapping_reports_single_failures_and_shares_its_brake_with_the_function(stack):
    mapping = stack.resources["QueueFunctionMarks"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["EventSourceArn"] == stack.attribute("MarksQueue", "Arn")
    variables = stack.resources["QueueFunction"]["Environment"]["Variables"]
    assert mapping["ScalingConfig"]["MaximumConcurrency"] == variables["MAXIMUM_CONCURRENCY"] == "2"
    assert mapping["MetricsConfig"] == {"Metrics": ["EventCount"]}


# The functions


def test_functions_are_small_arm64_and_log_as_the_metrics_need(stack):
    for name, function in stack.of_type("AWS::Lambda::Function").items():
        assert (function["Runtime"], function["Architectures"]) == ("provided.al2023", ["arm64"]), name
        assert function["MemorySize"] == 128
        logging = function["LoggingConfig"]
        assert (logging["LogFormat"], logging["ApplicationLogLevel"], logging["SystemLogLevel"]) == ("JSON", "INFO", "WARN")
        group = next(g for g in stack.of_type("AWS::Logs::LogGroup").values() if g["LogGroupName"] == logging["LogGroup"])
        assert group["RetentionInDays"] == "30"


def read_by(function):
    """The variables of their own that the code of a function reads (shared/boot/variables.go)."""
    rows = re.findall(r'{Name: "([A-Z_]+)", For: "(\w+)"', (ROOT / "shared/boot/variables.go").read_text())
    names = {name for name, whose in rows if whose in (function, "both")}
    assert len(names) >= 5, names
    return names


READ_BY_GO = {"GOMAXPROCS", "SSL_CERT_DIR"}


@pytest.mark.parametrize("name, function", [("HttpFunction", "http"), ("QueueFunction", "queue")])
def test_the_environment_is_what_the_code_reads(name, function):
    given = set(Stack(TOKEN).resources[name]["Environment"]["Variables"])
    assert given - READ_BY_GO == read_by(function)


def test_each_function_gets_the_queues_it_writes_to(stack):
    http, queue = (stack.resources[name]["Environment"]["Variables"] for name in ("HttpFunction", "QueueFunction"))
    assert http["MARKS_QUEUE_URL"] == queue["MARKS_QUEUE_URL"] == stack.reference("MarksQueue")
    assert queue["DEAD_LETTER_QUEUE_URL"] == stack.reference("DeadLetterQueue")
    assert "DEAD_LETTER_QUEUE_URL" not in http


def test_the_http_function_has_time_for_what_it_promises(stack):
    promised, spare = 10, 0.5 # seconds; it answers half a second before its deadline
    assert stack.resources["HttpFunction"]["Timeout"] > promised + spare
    integration = stack.resources["HttpApiIntegration"].get("TimeoutInMillis", 30_000)
    assert integration >= 1000 * stack.resources["HttpFunction"]["Timeout"], "API Gateway would answer first"


@pytest.mark.parametrize("value", ["true", "false"])
def test_restoring_unread_is_for_both_functions_and_off_by_default(value):
    for given, wanted in (({"RestoreUnread": value}, value), ({}, "false")):
        stack = Stack(given)
        assert {stack.resources[f]["Environment"]["Variables"]["RESTORE_UNREAD"] for f in ("HttpFunction", "QueueFunction")} == {wanted}


def test_the_stack_says_what_it_understands(stack):
    assert stack.outputs["Understands"] == "asOf"


def test_callers_tokens_are_asked_for_only_by_parameter():
    for choice, parameters in CHOICES.items():
        variables = Stack(parameters).resources["HttpFunction"]["Environment"]["Variables"]
        assert ("CALLER_TOKEN_SECRET_ID" in variables) == (choice == "token")


# The HTTP API


def test_the_api_has_two_routes_and_is_closed(stack):
    routes = stack.of_type("AWS::ApiGatewayV2::Route").values()
    assert {r["RouteKey"] for r in routes} == {"PUT /v1/chats/readByAgent", "PUT /v1/chats/readByCustomer"}
    assert set(stack.of_type("AWS::ApiGatewayV2::Api")) == {"HttpApi"}, "no implicit API beside ours"
    for route in routes:
        kind = route["AuthorizationType"]
        assert kind in ("AWS_IAM", "JWT") or "CALLER_TOKEN_SECRET_ID" in stack.resources["HttpFunction"]["Environment"]["Variables"]
        assert (kind == "JWT") == ("AuthorizerId" in route)


def test_both_routes_call_the_http_function_with_payload_2(stack):
    integration = stack.resources["HttpApiIntegration"]
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
    assert integration["IntegrationUri"] == stack.attribute("HttpFunction", "Arn")
    assert {r["Target"] for r in stack.of_type("AWS::ApiGatewayV2::Route").values()} == {f"integrations/{stack.reference('HttpApiIntegration')}"}
    assert stack.resources["HttpApiPermission"]["FunctionName"] == stack.reference("HttpFunction")


def test_the_jwt_authorizer_has_issuer_and_audiences():
    authorizer = Stack(JWT).resources["JwtAuthorizer"]
    assert authorizer["JwtConfiguration"] == {"Issuer": "https://issuer.example", "Audience": ["a", "b"]}


def test_the_api_throttles_and_its_log_holds_nobodys_data(stack):
    stage = stack.resources["HttpApiStage"]
    assert (stage["DefaultRouteSettings"]["ThrottlingRateLimit"], stage["DefaultRouteSettings"]["ThrottlingBurstLimit"]) == ("10", "20")
    line = json.loads(stage["AccessLogSettings"]["Format"])
    personal = ("identity", "claims", "userArn", "principal", "userAgent", "caller", "sourceIp", "queryString", "path")
    assert line and not [v for v in line.values() if any(p.lower() in v.lower() for p in personal)]


# Secrets, roles and policies


def test_secrets_hold_what_the_operator_put_there_for_ever():
    stack = Stack(TOKEN)
    secrets = stack.of_type("AWS::SecretsManager::Secret")
    assert set(secrets) == {"HelpCrunchSecret", "CallerTokenSecret"}
    for name, properties in secrets.items():
        resource = stack.template["Resources"][name]
        assert not {"SecretString", "GenerateSecretString"} & set(properties), "a deployment would write a value"
        assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"
    assert not [n for n, p in stack.template["Parameters"].items() if p.get("NoEcho")], "no value passes through a parameter"


def test_no_secret_value_is_resolved_into_the_stack(stack):
    text = json.dumps([stack.resources, stack.outputs, stack.monitoring.resources, stack.monitoring.outputs])
    assert "{{resolve:" not in text and "SecretString" not in text


@pytest.mark.parametrize("given", [{"HelpCrunchSecretArn": SECRET.format("aws", "eu-central-1")}, {"HelpCrunchSecretName": "mine"}])
def test_a_secret_of_the_users_own_is_used_and_none_made(given):
    stack = Stack(given)
    assert not stack.of_type("AWS::SecretsManager::Secret")
    assert stack.outputs["HelpCrunchSecretId"] in given.values()


def test_only_what_has_no_resources_is_allowed_on_all(stack):
    wide = {action for s in statements(stack) if "*" in listed(s["Resource"]) for action in listed(s["Action"])}
    network = {a for a in wide if a.startswith("ec2:")}
    assert wide - network <= {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "cloudwatch:GetMetricData"}
    assert all(s.get("Condition") == {"Null": {"lambda:SourceFunctionArn": "true"}} for s in statements(stack) if set(listed(s["Action"])) & network)
    assert not [a for s in statements(stack) for a in listed(s["Action"]) if "*" in a]


@pytest.mark.parametrize("partition, region", PARTITIONS)
def test_no_arn_names_another_partition(partition, region):
    text = json.dumps(Stack(OWN_KEYS | {"QueueKmsKeyArn": KEY.format(partition, region), "SecretsKmsKeyArn": KEY.format(partition, region)},
                            partition, region).resources)
    assert set(re.findall(r"arn:([a-z-]+):", text)) == {partition}
    assert ACCOUNT in text


def test_roles_are_for_lambda_but_the_one_that_ends_a_pause(stack):
    for name, role in stack.of_type("AWS::IAM::Role").items():
        statement, = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "scheduler.amazonaws.com" if name == "ResumeRole" else "lambda.amazonaws.com"}


def test_the_role_that_ends_a_pause_may_do_nothing_else(stack):
    role = stack.resources["ResumeRole"]
    statement, = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "lambda:UpdateEventSourceMapping" and "*" not in statement["Resource"]
    assert len(role["Policies"]) == 1 and "ManagedPolicyArns" not in role
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_a_deployment_keeps_a_pause(stack):
    """CloudFormation sends what the template sets: a mapping without Enabled stays as it is."""
    assert "Enabled" not in stack.resources["QueueFunctionMarks"]


# The platform's rules


def test_the_platforms_parameters_change_nothing_when_they_are_empty():
    stack = Stack()
    text = json.dumps([stack.resources, stack.outputs])
    for trace in ("PermissionsBoundary", "VpcConfig", "SecurityGroup", "ec2:", "ApiGatewayV2::DomainName", "Domain"):
        assert trace not in text, trace
    assert not stack.of_type("AWS::ApiGatewayV2::DomainName") and not stack.of_type("AWS::ApiGatewayV2::ApiMapping")
    assert not [g for g in stack.of_type("AWS::Logs::LogGroup").values() if "KmsKeyId" in g]


def test_every_role_has_the_permissions_boundary():
    roles = Stack(PLATFORM).of_type("AWS::IAM::Role")
    assert len(roles) == 3 and {r["PermissionsBoundary"] for r in roles.values()} == {PLATFORM["PermissionsBoundaryArn"]}


def test_every_log_group_has_the_logs_key():
    groups = Stack(PLATFORM).of_type("AWS::Logs::LogGroup")
    assert len(groups) == 3 and {g["KmsKeyId"] for g in groups.values()} == {KMS}


def test_both_functions_are_in_the_subnets():
    for function in Stack(PLATFORM).of_type("AWS::Lambda::Function").values():
        assert function["VpcConfig"] == {"SubnetIds": PLATFORM["SubnetIds"].split(","), "SecurityGroupIds": [PLATFORM["SecurityGroupIds"]]}


def test_the_domain_is_the_base_url_and_leads_to_the_api():
    stack = Stack(PLATFORM)
    assert stack.outputs["HttpApiUrl"] == "https://marks.example.com/v1"
    configuration, = stack.resources["HttpApiDomain"]["DomainNameConfigurations"]
    assert configuration == {"CertificateArn": PLATFORM["CertificateArn"], "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}
    mapping = stack.resources["HttpApiMapping"]
    assert (mapping["ApiId"], mapping["Stage"]) == (stack.reference("HttpApi"), stack.reference("HttpApiStage"))
    assert stack.outputs["DomainTarget"] and Stack().outputs["HttpApiUrl"].endswith(".execute-api.eu-central-1.amazonaws.com/v1")


# What surrounds the template


def test_the_application_repository_finds_what_it_asks_for():
    metadata = raw()["Metadata"]["AWS::ServerlessRepo::Application"]
    for file in (metadata["LicenseUrl"], metadata["ReadmeUrl"]):
        assert (ROOT / file).is_file()


def test_every_environment_of_samconfig_builds_afresh():
    text = (ROOT / "samconfig.toml").read_text()
    environments = re.findall(r"^\[(\w+)\.build\.parameters\]\ncached = false$", text, re.MULTILINE)
    assert environments == ["default", "staging", "prod"]
