"""What the deploy test's stand-ins do not honour, and what stands in for it. Each gap that is worked around has a canary here,
which fails when a newer version has closed the gap: then the workaround can go.

| AWS does                                        | here                                         | so                                        |
| ----------------------------------------------- | -------------------------------------------- | ----------------------------------------- |
| sqs:SendMessage allows SendMessageBatch         | MiniStack asks for sqs:SendMessageBatch      | emulator.with_batch_actions (canary)      |
| numbers out of parameters are numbers           | MiniStack's poller trips over a text         | Deployed.fix_mapping (canary)            |
| Ref of a secret is its ARN                      | MiniStack: its name                          | the template takes GetAtt Id (canary)     |
| alarms may use metric math                      | MiniStack rolls the stack back               | the template's have one metric (canary)   |
| Lambda runs the function with its role          | the RIE runs it; no role can be assumed      | a user with the role's policies           |
| functions run on arm64                          | the RIE runs them on this machine            | the same sources, built by the same command; the deployed binary's kind is checked |
| the mapping runs FIFO groups side by side,      | one FIFO batch at a time, no window          | the mapping's properties: test_template.py; |
| waits for a window                              |                                              | groups side by side: local/eventsource    |
| throttling, access logs, metrics, alarms,       | stored, nothing comes of them                | test_template.py, test_alarms.py          |
| dashboard, X-Ray, log retention                 |                                              |                                           |
| boundaries, subnets and domains work            | taken, nothing comes of them                 | test_template.py, test_policies.py        |
| KMS and SSE encrypt                             | stored, nothing is encrypted                 | test_template.py, test_policies.py        |
| redrive after maxReceiveCount, message moves    | not tried: 1,000 receives                    | local/sqs, ops                            |
| HTTP API over IPv6, TLS policies, quotas        | not there                                    | not tried anywhere                        |
"""

import json

import botocore.exceptions
import pytest
from emulator import until

ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}}
FUNCTION = {"Type": "AWS::Lambda::Function", "Properties": {
    "Runtime": "python3.13", "Handler": "index.handler", "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {"ZipFile": "handler = print"}}}
MAPPING = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
    "FunctionName": {"Ref": "Function"}, "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
    "ScalingConfig": {"MaximumConcurrency": {"Ref": "Concurrency"}}}}
ALARM = {"Type": "AWS::CloudWatch::Alarm", "Properties": {
    "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 0,
    "Metrics": [{"Id": "sum", "Expression": "one + one"}, {"Id": "one", "ReturnData": False, "MetricStat": {
        "Metric": {"Namespace": "AWS/Lambda", "MetricName": "Errors"}, "Period": 60, "Stat": "Sum"}}]}}


def create(world, name, resources, outputs=None, parameters=None):
    """Deploys resources, and returns the outputs, or None where MiniStack rolled back."""
    cloudformation = world.client("cloudformation")
    template = {"Parameters": parameters or {}, "Resources": resources, "Outputs": {n: {"Value": v} for n, v in (outputs or {}).items()}}
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"])

    def settled():
        stack, = cloudformation.describe_stacks(StackName=name)["Stacks"]
        return stack if stack["StackStatus"].endswith(("_COMPLETE", "_FAILED")) else None

    stack = until(settled, f"the stack {name}")
    if stack["StackStatus"] != "CREATE_COMPLETE":
        return None
    return {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}


def test_canary_a_batch_asks_for_an_action_of_its_own(world):
    url = world.client("sqs").create_queue(QueueName="canary")["QueueUrl"]
    iam = world.client("iam")
    iam.create_user(UserName="canary")
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}
    iam.put_user_policy(UserName="canary", PolicyName="send", PolicyDocument=json.dumps(allow))
    key = iam.create_access_key(UserName="canary")["AccessKey"]
    sqs = world.client("sqs", (key["AccessKeyId"], key["SecretAccessKey"]))
    sqs.send_message(QueueUrl=url, MessageBody="one")
    with pytest.raises(botocore.exceptions.ClientError, match="SendMessageBatch"):
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "two"}])


def test_canary_a_number_out_of_a_parameter_is_text(world):
    resources = {"Role": ROLE, "Function": FUNCTION, "Queue": {"Type": "AWS::SQS::Queue"}, "Mapping": MAPPING}
    created = create(world, "canary-mapping", resources, {"Mapping": {"Ref": "Mapping"}}, {"Concurrency": {"Type": "Number", "Default": 2}})
    mappings = world.client("lambda")
    seen = {}  # as it came: boto3 makes a number of it
    mappings.meta.events.register("after-call.lambda.GetEventSourceMapping",
                                  lambda http_response, **_: seen.update(json.loads(http_response.content)))
    mappings.get_event_source_mapping(UUID=created["Mapping"])
    assert seen["ScalingConfig"]["MaximumConcurrency"] == "2"
    mappings.delete_event_source_mapping(UUID=created["Mapping"])  # or no queue of this MiniStack is polled any more


def test_canary_ref_of_a_secret_is_a_name(world):
    created = create(world, "canary-secret", {"Secret": {"Type": "AWS::SecretsManager::Secret"}},
                     {"Ref": {"Ref": "Secret"}, "Id": {"Fn::GetAtt": ["Secret", "Id"]}})
    assert created["Id"].startswith("arn:") and not created["Ref"].startswith("arn:")


def test_canary_metric_math_rolls_back(world):
    assert create(world, "canary-alarm", {"Alarm": ALARM}) is None
