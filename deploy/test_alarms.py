"""Alarms and dashboard (deploy/monitoring.yaml): complete against what the functions log and count."""

import itertools
import json
import re

import pytest
from choices import CHOICES, TOKEN, TOPIC, WATCHFUL
from stack import ROOT, Stack

# The outcomes of shared/outcome that pass only when somebody does something, or that somebody should know of.
OUTCOMES_FOR_A_PERSON = ["key_rejected", "key_unavailable", "unavailable", "timed_out", "unexpected"]


ALL = CHOICES | {"watchful": WATCHFUL}


@pytest.fixture(params=ALL.values(), ids=ALL.keys())
def stack(request):
    return Stack(request.param)


def alarms(stack):
    return stack.monitoring.of_type("AWS::CloudWatch::Alarm")


def alarms_on(stack, namespace, metric, **dimensions):
    return [a for a in alarms(stack).values()
            if (a.get("Namespace"), a.get("MetricName")) == (namespace, metric)
            and dimensions.items() <= {d["Name"]: d["Value"] for d in a["Dimensions"]}.items()]


def test_every_outcome_that_needs_a_person_has_an_alarm_for_each_function(stack):
    for outcome, function in itertools.product(OUTCOMES_FOR_A_PERSON, ("HttpFunction", "QueueFunction")):
        assert len(alarms_on(stack, "HelpCrunchMarkRead", "Marks", Outcome=outcome, FunctionName=stack.reference(function))) == 1


def test_the_outcomes_of_the_alarms_are_the_codes():
    codes = set(re.findall(r'Outcome += "([a-z_]+)"', (ROOT / "shared/outcome/outcome.go").read_text()))
    without = codes - set(OUTCOMES_FOR_A_PERSON)
    # Done; the sender's own mistake, reported to the sender or dead-lettered; back-pressure, which shows in the age of the marks.
    assert without == {"applied", "invalid_request", "chat_not_found", "rate_limited"}


@pytest.mark.parametrize("namespace, metric", [
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"), ("AWS/SQS", "ApproximateAgeOfOldestMessage"), ("HelpCrunchMarkRead", "HeldAge"),
    ("AWS/ApiGateway", "5xx"), ("AWS/Lambda", "Errors"), ("AWS/Lambda", "Throttles"), ("AWS/Lambda", "Duration")])
def test_there_is_an_alarm_for(namespace, metric):
    assert alarms_on(Stack(), namespace, metric)


def test_every_alarm_says_what_to_do_and_notifies_somebody(stack):
    topic = stack.outputs["AlarmTopicArn"]
    for name, alarm in alarms(stack).items():
        assert alarm["AlarmName"] == f"mark-read-{name}", "the name that the runbook and ops doctor know"
        assert len(alarm["AlarmDescription"]) > 100 and "docs/operations.md" in alarm["AlarmDescription"], name
        assert alarm["AlarmActions"] == alarm["OKActions"] == [topic], name
        silence = name == "SilenceAlarm"
        assert alarm["TreatMissingData"] == ("breaching" if silence else "notBreaching")
        metrics = [m["MetricStat"]["Metric"] for m in alarm["Metrics"] if "MetricStat" in m] if silence else [alarm]
        assert all(m["Dimensions"] for m in metrics), f"{name} would ring for other stacks"


def test_callers_tokens_that_cannot_be_read_raise_an_alarm():
    stack = Stack(TOKEN)
    assert len(alarms_on(stack, "HelpCrunchMarkRead", "Refused", Reason="key_unavailable", FunctionName=stack.reference("HttpFunction"))) == 1
    assert not alarms_on(Stack(), "HelpCrunchMarkRead", "Refused"), "nobody refuses a caller then"


def test_alarms_on_silence_and_on_what_was_not_applied_are_for_those_who_ask():
    assert not {"SilenceAlarm", "HttpNotAppliedAlarm", "QueueNotAppliedAlarm"} & set(alarms(Stack()))
    stack = Stack(WATCHFUL)
    silence = alarms(stack)["SilenceAlarm"]
    assert (silence["EvaluationPeriods"], {m["MetricStat"]["Period"] for m in silence["Metrics"] if "MetricStat" in m}) == ("24", {3600})
    assert {m["MetricStat"]["Metric"]["MetricName"] for m in silence["Metrics"] if "MetricStat" in m} == {"Calls"}
    for function in ("HttpFunction", "QueueFunction"):
        assert len(alarms_on(stack, "HelpCrunchMarkRead", "NotApplied", FunctionName=stack.reference(function))) == 1
        assert {"Name": "FunctionName", "Value": stack.reference(function)} in [
            d for m in silence["Metrics"] if "MetricStat" in m for d in m["MetricStat"]["Metric"]["Dimensions"]]


def test_alarms_go_where_the_parameters_say():
    topic = TOPIC.format("aws", "eu-central-1")
    stack = Stack({"AlarmTopicArn": topic, "AlarmEmail": "on-call@example.com"})
    assert not stack.of_type("AWS::SNS::Topic")
    assert stack.resources["AlarmSubscription"] == {"TopicArn": topic, "Protocol": "email", "Endpoint": "on-call@example.com"}
    assert "AlarmSubscription" not in Stack().resources


def emitted():
    """The metrics that the functions write (shared/telemetry/metrics.go)."""
    names = set(re.findall(r'"([A-Za-z]+)", "(?:Count|Seconds|Milliseconds)"', (ROOT / "shared/telemetry/metrics.go").read_text()))
    assert len(names) >= 9
    return names


def test_the_dashboard_shows_every_metric_the_functions_write_and_no_other(stack):
    text = stack.monitoring.resources["Dashboard"]["DashboardBody"]
    json.loads(text)
    ours = set(re.findall(r'"HelpCrunchMarkRead", "(\w+)"', text)) | set(re.findall(r'MetricName=\\"(\w+)\\"', text))
    assert ours == emitted()


def test_the_dashboard_shows_the_state_of_every_alarm(stack):
    shown = json.loads(stack.monitoring.resources["Dashboard"]["DashboardBody"])["widgets"][0]["properties"]["alarms"]
    assert set(shown) == {stack.monitoring.attribute(name, "Arn") for name in alarms(stack)}


def test_the_runbook_has_a_section_for_every_alarm(stack):
    sections = set(re.findall(r"^### (.+)$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE))
    for name, alarm in alarms(stack).items():
        assert alarm["AlarmDescription"].rpartition("See docs/operations.md, ")[2].rstrip(".") in sections, name
