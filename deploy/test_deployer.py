"""What a deployment does and needs, held against what CloudFormation itself says of each type of resource (cfn-lint has its schemas).

deploy/deployer-policy.json is what someone who deploys needs for a stack named helpcrunch-mark-read or the like, and no more."""

import fnmatch
import json
import pathlib
import re

import cfnlint
import pytest
from choices import CHOICES, PLATFORM, TOKEN, WATCHFUL
from stack import ROOT, Stack, translated
from test_policies import evaluate

POLICY = json.loads((ROOT / "deploy/deployer-policy.json").read_text())
OLD = "deploy/testdata/template-12a236e.json"
SCHEMAS = pathlib.Path(cfnlint.__file__).parent / "data/schemas"

# What CloudFormation's handlers can call, and for these templates do not.
NOT_FOR_THIS = {
    "of features that the stack does not use": {
        "elasticfilesystem:*", "firehose:*", "kms:CreateGrant", "kms:Encrypt", "lambda:AssociateRuntimeAlias",
        "lambda:*CodeSigningConfig", "lambda:*FunctionConcurrency", "lambda:GetLayerVersion", "lambda:PassCapacityProvider", "lambda:PublishVersion",
        "lambda:PutFunction*", "lambda:PutRuntimeManagementConfig", "logs:DeleteDataProtectionPolicy", "logs:*IndexPolicy", "logs:PutBearerTokenAuthentication",
        "logs:PutDataProtectionPolicy", "logs:PutLogGroupDeletionProtection", "logs:DeleteResourcePolicy", "s3:REST.PUT.OBJECT", "s3files:*",
        "secretsmanager:*Region*", "sns:PutDataProtectionPolicy", "iam:*GroupPolicy", "iam:*UserPolicy"},
    "of lists of everything, which only drift detection and imports ask for": {
        "cloudformation:ListStacks", "cloudwatch:ListDashboards", "iam:ListPolicies", "iam:ListRoles", "lambda:ListFunctions",
        "lambda:ListEventSourceMappings", "sns:ListSubscriptions", "sns:ListTopics", "sqs:ListQueues"},
    "of values, which the stack neither makes nor reads": {"secretsmanager:GetRandomPassword", "secretsmanager:GetSecretValue"},
    "of keys: who brings a KMS key of their own allows its use in the key's policy": {"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"},
}
# What is needed beside the handlers: the deployment itself, by SAM or install.sh, and deleting.
OF_THE_DEPLOYMENT = {
    "cloudformation:*ChangeSet", "cloudformation:ListChangeSets", "cloudformation:ContinueUpdateRollback", "cloudformation:DescribeStack*",
    "cloudformation:ListStackResources", "cloudformation:GetTemplate*", "cloudformation:GetTemplateSummary", "s3:*", "lambda:ListTags",
    "lambda:GetFunction*", "secretsmanager:ListSecrets", "logs:*LogDelivery", "logs:ListLogDeliveries", "apigateway:*"}

NAMED_OTHERWISE = {"head-bucket": "ListBucket", "list-objects-v2": "ListBucket", "put-bucket-encryption": "PutEncryptionConfiguration",
                   "put-public-access-block": "PutBucketPublicAccessBlock"}


def matches(action, patterns):
    return any(fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def allowed():
    """Each action that the policy allows."""
    return {a for s in POLICY["Statement"] for a in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])}


def schema(kind):
    """CloudFormation's own description of a type of resource."""
    index = json.loads((SCHEMAS / "providers/eu-central-1.json").read_text())
    return json.loads((SCHEMAS / "resources" / f"{index[kind]}.json").read_text())


def handlers():
    """What CloudFormation calls for each type of resource in the templates."""
    types = {r["Type"] for path in ("template.yaml", "deploy/monitoring.yaml") for r in translated(path)["Resources"].values()}
    for kind in sorted(types):
        yield kind, {action for handler in schema(kind)["handlers"].values() for action in handler["permissions"]}


@pytest.mark.parametrize("kind, calls", handlers(), ids=lambda v: v if isinstance(v, str) else "")
def test_everything_that_cloudformation_calls_is_allowed(kind, calls):
    unused = set().union(*NOT_FOR_THIS.values())
    assert not {c for c in calls if not matches(c, allowed()) and not matches(c, unused)}


def test_nothing_is_allowed_that_nobody_calls():
    calls = {c for _, calls in handlers() for c in calls}
    assert not {a for a in allowed() - OF_THE_DEPLOYMENT if not a.startswith("s3:") and not any(matches(c, [a]) for c in calls)}


def test_what_install_sh_calls_is_allowed():
    """Each AWS call of the script, by the name that IAM has for it."""
    text = "".join(path.read_text() for path in sorted((ROOT / "deploy/install").rglob("*.sh")))
    calls = re.findall(r"\b(?:call|try) (cloudformation|s3api|secretsmanager|sqs) ([a-z0-9-]+)", text)
    named = {f"{service.removesuffix('api')}:{NAMED_OTHERWISE.get(call) or ''.join(w.capitalize() for w in call.split('-'))}" for service, call in calls}
    assert len(named) >= 15
    assert not {n for n in named if not matches(n, allowed())}


def test_it_fits_into_a_managed_policy():
    assert len(json.dumps(POLICY, separators=(",", ":"))) <= 6144


def ours():
    """Calls and the resources that they are made on, for a stack with everything."""
    stack = Stack({**PLATFORM, **WATCHFUL, **TOKEN})
    arn = lambda service, rest: stack.arn(service, rest)
    yield from ((f"iam:{a}", stack.attribute(r, "Arn")) for a in ("CreateRole", "PutRolePolicy", "DeleteRole") for r in stack.of_type("AWS::IAM::Role"))
    yield from (("iam:CreatePolicy", stack.reference(p)) for p in stack.of_type("AWS::IAM::ManagedPolicy"))
    yield from ((f"lambda:{a}", stack.attribute(f, "Arn")) for a in ("CreateFunction", "AddPermission") for f in stack.of_type("AWS::Lambda::Function"))
    yield from ((f"sqs:{a}", stack.attribute(q, "Arn")) for a in ("CreateQueue", "SetQueueAttributes") for q in stack.of_type("AWS::SQS::Queue"))
    yield from (("logs:CreateLogGroup", stack.attribute(g, "Arn").removesuffix(":*")) for g in stack.of_type("AWS::Logs::LogGroup"))
    yield from (("cloudwatch:PutMetricAlarm", stack.monitoring.attribute(a, "Arn")) for a in stack.monitoring.of_type("AWS::CloudWatch::Alarm"))
    yield "sns:CreateTopic", stack.reference("AlarmTopic")
    yield "sns:Subscribe", stack.reference("AlarmTopic")
    yield "cloudformation:CreateChangeSet", arn("cloudformation", "stack/mark-read/51af3dc0-da77-11e4-872e-1234567db123")
    yield "cloudformation:CreateStack", arn("cloudformation", "stack/mark-read-Monitoring-1ABC/51af3dc0-da77-11e4-872e-1234567db123")


def test_it_is_for_our_names_and_no_others():
    calls = [(action, resource.replace("mark-read", "helpcrunch-mark-read")) for action, resource in ours()]
    calls += [("secretsmanager:CreateSecret", f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{n}-AbCdEf") for n in ("HelpCrunchSecret", "CallerTokenSecret")]
    others = [(action, resource.replace("helpcrunch-mark-read", "billing")) for action, resource in calls if "helpcrunch" in resource]
    others += [("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:HelpCrunchSecret-AbCdEf"),
               ("secretsmanager:DeleteSecret", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:billing-AbCdEf"),
               ("sqs:ReceiveMessage", "arn:aws:sqs:eu-central-1:123456789012:helpcrunch-mark-read-marks"),
               ("iam:PassRole", "arn:aws:iam::123456789012:role/helpcrunch-mark-read-HttpFunctionRole")]
    results = evaluate([{"policies": [POLICY], "action": a, "resource": r, "context": {}} for a, r in calls + others])
    assert not [(c, r) for c, r in zip(calls, results) if r != "Allowed"]
    assert not [(c, r) for c, r in zip(others, results[len(calls):]) if r == "Allowed"]


@pytest.mark.parametrize("service, result", [("lambda.amazonaws.com", "Allowed"), ("ec2.amazonaws.com", "ImplicitlyDenied")])
def test_roles_are_passed_to_lambda_only(service, result):
    role = "arn:aws:iam::123456789012:role/helpcrunch-mark-read-HttpFunctionRole"
    assert evaluate([{"policies": [POLICY], "action": "iam:PassRole", "resource": role, "context": {"iam:PassedToService": service}}]) == [result]


def at(properties, pointer):
    for part in pointer.removeprefix("/properties/").split("/"):
        properties = properties.get(part) if isinstance(properties, dict) else None
    return properties


@pytest.mark.parametrize("parameters", CHOICES.values(), ids=CHOICES.keys())
def test_an_update_from_the_template_of_12a236e_replaces_nothing(parameters):
    """Of what both templates have, no property differs that CloudFormation can set at creation only: a managed policy replaced is one
    that nobody's role has any more, a queue replaced is one without its messages."""
    new = Stack(parameters)
    old = Stack({name: value for name, value in parameters.items() if name in translated(OLD)["Parameters"]}, path=OLD)
    both = {name for name in old.resources.keys() & new.resources.keys() if old.types[name] == new.types[name]}
    assert len(both) >= 20 and not {"MarksQueue", "DeadLetterQueue", "AlarmTopic"} - both
    for name in both:
        for pointer in schema(new.types[name]).get("createOnlyProperties", []):
            assert str(at(old.resources[name], pointer)) == str(at(new.resources[name], pointer)), f"{name} {pointer}"
    assert {name: old.outputs[name] for name in old.outputs.keys() - {"DashboardName", "HttpApiUrl"}}.items() <= new.outputs.items()
