"""What the templates come to for given parameters, worked out offline: translated by SAM's own translator, with their
conditions decided and their references filled in as CloudFormation does."""

import copy
import functools
import json
import os
import pathlib

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
ACCOUNT = "123456789012"
NO_VALUE = object()


@functools.cache
def _json(path):
    return json.dumps(yaml_parse((ROOT / path).read_text()))


def raw(path="template.yaml"):
    """A template as it is written, with a copy in the place of each YAML alias."""
    return json.loads(_json(path))


@functools.cache
def translated(path="template.yaml"):
    """A template without SAM's transform: plain CloudFormation, nothing decided yet."""
    template = raw(path)
    if "Transform" not in template:
        return template
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    for resource in template["Resources"].values():
        resource.get("Properties", {}).pop("CodeUri", None)
    return transform(template, {}, _NoManagedPolicies())


class _NoManagedPolicies:
    def load(self):
        return {}


class Stack:
    """A template, deployed on paper. `resources` holds the properties of each resource that is made, by logical id."""

    def __init__(self, parameters=None, partition="aws", region="eu-central-1", path="template.yaml"):
        self.template = copy.deepcopy(translated(path))
        defaults = {name: p.get("Default", "") for name, p in self.template["Parameters"].items()}
        unknown = set(parameters or {}) - set(defaults)
        assert not unknown, f"the template has no parameters {unknown}"
        self.parameters = {name: str(value) for name, value in {**defaults, **(parameters or {})}.items()}
        self.arn_prefix = (partition, region)
        self.pseudo = {
            "AWS::Partition": partition, "AWS::Region": region, "AWS::AccountId": ACCOUNT, "AWS::StackName": "mark-read",
            "AWS::URLSuffix": "amazonaws.com", "AWS::NoValue": NO_VALUE,
            "AWS::StackId": f"arn:{partition}:cloudformation:{region}:{ACCOUNT}:stack/mark-read/51af3dc0-da77-11e4-872e-1234567db123",
        }
        made = {n: r for n, r in self.template["Resources"].items() if self.condition(r.get("Condition"))}
        self.types = {name: r["Type"] for name, r in made.items()}
        self.resources = {}
        for name, r in made.items():
            self.resources[name] = self.value(r.get("Properties", {}))
        outputs = self.template["Outputs"]
        self.outputs = {n: self.value(o["Value"]) for n, o in outputs.items() if self.condition(o.get("Condition"))}

    @functools.cached_property
    def monitoring(self):
        """The nested stack."""
        properties = self.resources["Monitoring"]
        missing = set(translated(properties["TemplateURL"])["Parameters"]) - set(properties["Parameters"])
        assert not missing, f"the nested stack gets no {missing}"
        return Stack(properties["Parameters"], *self.arn_prefix, properties["TemplateURL"])

    def of_type(self, kind):
        return {name: self.resources[name] for name, t in self.types.items() if t == kind}

    def broken_rules(self):
        """The descriptions of the assertions that these parameters break; CloudFormation refuses them."""
        rules = self.template.get("Rules", {}).values()
        return [a["AssertDescription"] for r in rules if self.decide(r["RuleCondition"]) for a in r["Assertions"]
                if not self.decide(a["Assert"])]

    def condition(self, name):
        return True if name is None else self.decide(self.template["Conditions"][name])

    def decide(self, expression):
        (function, argument), = expression.items()
        if function == "Condition":
            return self.condition(argument)
        if function == "Fn::Equals":
            return self.value(argument[0]) == self.value(argument[1])
        return {"Fn::Not": lambda v: not v[0], "Fn::And": all, "Fn::Or": any}[function]([self.decide(a) for a in argument])

    def value(self, v):
        if isinstance(v, list):
            return [x for x in map(self.value, v) if x is not NO_VALUE]
        if not isinstance(v, dict):
            return v
        if len(v) == 1:
            (function, argument), = v.items()
            method = getattr(self, "_" + function.replace("::", "_"), None) if function != "Condition" else None
            if method:
                return method(argument)
        pairs = {k: self.value(x) for k, x in v.items()}
        return {k: x for k, x in pairs.items() if x is not NO_VALUE}

    def _Ref(self, name):
        if name in self.pseudo:
            return self.pseudo[name]
        return self.parameters[name] if name in self.parameters else self.reference(name)

    def _Fn_If(self, argument):
        return self.value(argument[1] if self.condition(argument[0]) else argument[2])

    def _Fn_Join(self, argument):
        return argument[0].join(self.value(argument[1]))

    def _Fn_Split(self, argument):
        return self.value(argument[1]).split(argument[0])

    def _Fn_Select(self, argument):
        return self.value(argument[1])[int(argument[0])]

    def _Fn_FindInMap(self, argument):
        table, key, column = map(self.value, argument)
        return self.template["Mappings"][table][key][column]

    def _Fn_GetAtt(self, argument):
        name, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
        return self.attribute(name, attribute)

    def _Fn_Sub(self, argument):
        rest, own = (argument, {}) if isinstance(argument, str) else (argument[0], self.value(argument[1]))
        out = ""
        while "${" in rest:
            before, _, rest = rest.partition("${")
            name, _, rest = rest.partition("}")
            if name.startswith("!"):
                value = "${" + name[1:] + "}"
            elif name in own:
                value = own[name]
            else:
                value = self._Fn_GetAtt(name) if "." in name else self._Ref(name)
            out += before + value
        return out + rest

    def kind(self, name):
        return self.template["Resources"][name]["Type"].split("::", 1)[1]

    def arn(self, service, rest):
        partition, region = self.arn_prefix
        region = "" if service == "iam" else region
        return f"arn:{partition}:{service}:{region}:{ACCOUNT}:{rest}"

    def queue_name(self, name):
        properties = self.template["Resources"][name]["Properties"]
        suffix = ".fifo" if self.condition("IsFifo") else ""
        return self.value(properties["QueueName"]) if "QueueName" in properties else f"mark-read-{name}-XYZ{suffix}"

    def reference(self, name):
        """What Ref returns for a resource."""
        of = {
            "SQS::Queue": lambda: f"https://sqs.{self.arn_prefix[1]}.amazonaws.com/{ACCOUNT}/{self.queue_name(name)}",
            "SNS::Topic": lambda: self.arn("sns", f"mark-read-{name}"),
            "ApiGatewayV2::DomainName": lambda: self.value(self.template["Resources"][name]["Properties"]["DomainName"]),
            "CloudWatch::Dashboard": lambda: self.resources[name]["DashboardName"],
            "IAM::ManagedPolicy": lambda: self.arn("iam", f"policy/mark-read-{name}"),
            "Logs::LogGroup": lambda: self.value(self.template["Resources"][name]["Properties"]["LogGroupName"]),
        }
        return of.get(self.kind(name), lambda: f"mark-read-{name}")()

    def attribute(self, name, attribute):
        of = {
            ("SecretsManager::Secret", "Id"): lambda: self.arn("secretsmanager", f"secret:{name}-AbCdEf"),
            ("ApiGatewayV2::DomainName", "RegionalDomainName"): lambda: "d-abc.execute-api.eu-central-1.amazonaws.com",
            ("ApiGatewayV2::DomainName", "RegionalHostedZoneId"): lambda: "Z1U9ULNL0V5AJ3",
            ("SQS::Queue", "Arn"): lambda: self.arn("sqs", self.queue_name(name)),
            ("SQS::Queue", "QueueName"): lambda: self.queue_name(name),
            ("Logs::LogGroup", "Arn"): lambda: self.arn("logs", f"log-group:{self.reference(name)}:*"),
            ("IAM::Role", "Arn"): lambda: self.arn("iam", f"role/mark-read-{name}"),
            ("Lambda::Function", "Arn"): lambda: self.arn("lambda", f"function:mark-read-{name}"),
            ("Serverless::Function", "Arn"): lambda: self.arn("lambda", f"function:mark-read-{name}"),
            ("CloudWatch::Alarm", "Arn"): lambda: self.arn("cloudwatch", f"alarm:{self.resources[name]['AlarmName']}"),
        }
        if self.kind(name) == "CloudFormation::Stack":
            return self.monitoring.outputs[attribute.removeprefix("Outputs.")]
        return of[(self.kind(name), attribute)]()
