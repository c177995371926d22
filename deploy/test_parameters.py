"""What the parameters of the template take, and refuse."""

import itertools
import re

import pytest
from choices import JWT, KEY, KMS, PARTITIONS, PLATFORM, RULE, SECRET, STANDARD, TOKEN, TOPIC
from stack import Stack, raw


def test_every_parameter_is_described_grouped_and_has_a_default():
    template = raw()
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    assert sorted(grouped) == sorted(template["Parameters"])
    for name, parameter in template["Parameters"].items():
        assert parameter.get("Description"), name
        assert "Default" in parameter, f"{name}: a first deployment would have to ask for it"


def values():
    for (partition, region), (name, arn) in itertools.product(PARTITIONS, {
            "HelpCrunchSecretArn": SECRET, "CallerTokenSecretArn": SECRET, "SecretsKmsKeyArn": KEY, "QueueKmsKeyArn": KEY,
            "CallerTokenKmsKeyArn": KEY, "LogsKmsKeyArn": KEY,
            "AlarmTopicArn": TOPIC}.items()):
        yield name, arn.format(partition, region), True
    yield from [
        ("ProducerSourceArns", RULE, True),
        ("ProducerSourceArns", f"{RULE},{TOPIC.format('aws-cn', 'cn-north-1')},arn:aws:events:eu-central-1:123456789012:rule/bus/crm-*", True),
        ("ProducerSourceArns", f"{RULE}, {RULE}", False),
        ("ProducerSourceArns", f"{RULE},", False),
        ("ProducerSourceArns", "*", False),
        ("ProducerSourceArns", "arn:aws:events:*:*:*", False),
        ("ProducerSourceArns", "arn:aws:s3:::bucket", False),
        ("QueueKmsKeyArn", KMS, True),
        ("QueueKmsKeyArn", "alias/aws/sqs", False),
        ("HelpCrunchSecretName", "team/help_crunch+key=x.y@z", True),
        ("HelpCrunchSecretName", "a secret", False),
        ("HelpCrunchSecretArn", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:short", False),
        ("HelpCrunchBaseUrl", "https://api.helpcrunch.com/v1", True),
        ("HelpCrunchBaseUrl", "https://127.0.0.1:8443", True),
        ("HelpCrunchBaseUrl", "http://api.helpcrunch.com/v1", False),
        ("HelpCrunchBaseUrl", "https://api.helpcrunch.com/v1?key=1", False),
        ("HelpCrunchBaseUrl", "https://api.helpcrunch.com/v1#part", False),
        ("HelpCrunchBaseUrl", "https://user:password@api.helpcrunch.com/v1", False),
        ("HelpCrunchBaseUrl", "https://api.helpcrunch.com/v1/", True),
        ("HelpCrunchBaseUrl", "https://localhost:65535/v1", True),
        ("HelpCrunchBaseUrl", "https://localhost:65536/v1", False),
        ("HelpCrunchKeyTtl", "1h30m", True),
        ("HelpCrunchKeyTtl", "1.5h", True),
        ("HelpCrunchKeyTtl", "5 minutes", False),
        ("HelpCrunchKeyTtl", "90s", True),
        ("HelpCrunchKeyTtl", "24h", True),
        ("HelpCrunchKeyTtl", "24h1s", False),
        ("HelpCrunchKeyTtl", "99h", False),
        ("HelpCrunchKeyTtl", "5", False),
        ("HelpCrunchKeyTtl", "0m", False),
        ("RequestsPerMinute", "1", True),
        ("RequestsPerMinute", "1000000", True),
        ("RequestsPerMinute", "1000001", False),
        ("RequestsPerMinute", "1.5", False),
        ("RequestsPerMinute", "0", False),
        ("MaximumConcurrency", "1000", True),
        ("MaximumConcurrency", "1001", False),
        ("MaximumConcurrency", "1", False),
        ("ThrottleBurst", "2.5", False),
        ("SilenceHours", "168", True),
        ("SilenceHours", "169", False),
        ("DomainName", "marks.example.com", True),
        ("DomainName", "https://marks.example.com", False),
        ("CertificateArn", PLATFORM["CertificateArn"], True),
        ("PermissionsBoundaryArn", PLATFORM["PermissionsBoundaryArn"], True),
        ("PermissionsBoundaryArn", "arn:aws-cn:iam::aws:policy/PowerUserAccess", True),
        ("SubnetIds", PLATFORM["SubnetIds"], True),
        ("SubnetIds", "subnet-01, subnet-02", False),
        ("SecurityGroupIds", "sg-01,sg-02", True),
        ("RetryWindow", "96h", True),
        ("RetryWindow", "97h", False),
        ("RetryWindow", "5761m", False),
        ("RetryWindow", "1d", False),
        ("JwtIssuer", "https://login.example/tenant/v2.0/", True),
        ("JwtIssuer", "http://login.example", False),
        ("JwtAudience", "api://marks,other-audience", True),
        ("AlarmEmail", "on-call+marks@mail.example.co.uk", True),
        ("AlarmEmail", "on-call", False),
    ]
    for name, parameter in raw()["Parameters"].items():
        if "AllowedPattern" in parameter:
            yield name, parameter["Default"], True


@pytest.mark.parametrize("name, value, valid", values())
def test_patterns_let_every_valid_value_pass(name, value, valid):
    assert bool(re.search(raw()["Parameters"][name]["AllowedPattern"], value)) == valid


def test_the_level_of_the_logs_never_hides_the_metrics():
    assert raw()["Parameters"]["LogLevel"]["AllowedValues"] == ["TRACE", "DEBUG", "INFO"]


@pytest.mark.parametrize("parameters, broken", [
    ({}, 0),
    ({"Authorization": "JWT"}, 2),
    (JWT, 0),
    ({"BatchSize": 25}, 1),
    ({"BatchSize": 100, **STANDARD}, 0),
    ({"HelpCrunchSecretArn": SECRET.format("aws", "eu-central-1"), "HelpCrunchSecretName": "both"}, 1),
    ({"CallerTokenSecretArn": SECRET.format("aws", "eu-central-1"), "CallerTokenSecretName": "both"}, 1),
    ({**TOKEN, "HelpCrunchSecretArn": SECRET.format("aws", "eu-central-1"), "CallerTokenSecretArn": SECRET.format("aws", "eu-central-1")}, 1),
    ({**TOKEN, "HelpCrunchSecretName": "same", "CallerTokenSecretName": "same"}, 1),
    ({**TOKEN, "HelpCrunchSecretName": "one", "CallerTokenSecretName": "another"}, 0),
    ({**TOKEN, "HelpCrunchSecretName": "same", "CallerTokenSecretArn": SECRET.format("aws", "eu-central-1")}, 1),
    ({**TOKEN, "HelpCrunchSecretArn": SECRET.format("aws", "eu-central-1"), "CallerTokenSecretName": "same"}, 1),
    (TOKEN, 0),
    (PLATFORM, 0),
    ({"DomainName": "marks.example.com"}, 1),
    ({"CertificateArn": PLATFORM["CertificateArn"]}, 1),
    ({"SubnetIds": PLATFORM["SubnetIds"]}, 1),
    ({"SecurityGroupIds": PLATFORM["SecurityGroupIds"]}, 1),
])
def test_parameters_that_do_not_fit_together_are_refused(parameters, broken):
    assert len(Stack(parameters).broken_rules()) == broken
