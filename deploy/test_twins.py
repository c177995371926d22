"""Broken twins: for each check of the templates at least one template that breaks its promise, and that the check must refuse."""

import contextlib
import copy
import inspect

import pytest
import stack
import test_alarms
import test_parameters
import test_policies
import test_template
from choices import JWT, OWN_KEYS, PARTITIONS, PLATFORM, RULE, SECRET, TOKEN, WATCHFUL
from stack import Stack

GONE = object()
OTHER_QUEUE = {"Ref": "DeadLetterQueue"}
MARKS, DEAD = "Resources.MarksQueue.", "Resources.DeadLetterQueue."
HTTP, QUEUE, MAPPING = "Resources.HttpFunction.Properties.", "Resources.QueueFunction.Properties.", "Resources.QueueFunction.Properties.Events.Marks.Properties."
VARIABLES, STATEMENT = "Environment.Variables.", "Properties.PolicyDocument.Statement."
ROLE = "Properties.Policies.0.PolicyDocument.Statement."
ALARM = "Resources.HttpKeyRejectedAlarm.Properties."
IN_MONITORING = "deploy/monitoring.yaml:"

HTTP_ROUTE = {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "HttpApi"}, "RouteKey": "$default", "AuthorizationType": "NONE"}}
ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
SECRET_IN_THE_KEY = "{{resolve:secretsmanager:key:SecretString:apiKey}}"


def twin(name, check, path, value, *arguments):
    """A case: the template with `value` in the place of what is at `path`, for which `check` must fail."""
    return pytest.param(check, path, value, arguments, id=f"{name}: {check.__name__}")


T, A, P, I = test_template, test_alarms, test_parameters, test_policies
TWINS = [
    twin("an alarm in the template", T.test_the_template_is_about_the_service, "Resources.X", {"Type": "AWS::CloudWatch::Alarm"}),
    twin("no encryption", T.test_queues_are_encrypted, MARKS + "Properties.SqsManagedSseEnabled", GONE),
    twin("another key", T.test_queues_are_encrypted, MARKS + "Properties.KmsMasterKeyId", "alias/aws/sqs", OWN_KEYS),
    twin("4 days", T.test_queues_keep_messages_for_14_days_and_outlive_the_stack, DEAD + "Properties.MessageRetentionPeriod", 345600),
    twin("deleted with the stack", T.test_queues_keep_messages_for_14_days_and_outlive_the_stack, MARKS + "DeletionPolicy", "Delete"),
    twin("deleted when replaced", T.test_queues_keep_messages_for_14_days_and_outlive_the_stack, DEAD + "UpdateReplacePolicy", "Delete"),
    twin("a FIFO queue always", T.test_both_queues_are_of_one_kind_and_deduplicate_by_id_only, DEAD + "Properties.FifoQueue", True, "STANDARD"),
    twin("by content", T.test_both_queues_are_of_one_kind_and_deduplicate_by_id_only, MARKS + "Properties.ContentBasedDeduplication", True, "FIFO"),
    twin("TLS goes first", T.test_what_the_queues_demand_outlives_the_stack_with_them, "Resources.DeadLetterQueuePolicy.DeletionPolicy", GONE),
    twin("10 receives", T.test_dead_letters_come_from_the_marks_queue_only, MARKS + "Properties.RedrivePolicy.maxReceiveCount", 10),
    twin("from any queue", T.test_dead_letters_come_from_the_marks_queue_only, DEAD + "Properties.RedriveAllowPolicy", {"redrivePermission": "allowAll"}),
    twin("no .fifo", T.test_dead_letters_come_from_the_marks_queue_only, MARKS + "Properties.QueueName", "mark-read-marks-51af3dc0"),
    twin("plain HTTP", T.test_queues_take_nothing_but_tls, "Resources.MarksQueuePolicy." + STATEMENT + "0.Condition.Bool.aws:SecureTransport", "true"),
    twin("one queue only", T.test_queues_take_nothing_but_tls, "Resources.DeadLetterQueuePolicy", GONE),
    twin("anybody sends", T.test_services_that_are_named_may_send_marks_and_no_others, "Resources.MarksQueuePolicy." + STATEMENT + "1", ANYBODY, ""),
    twin("any topic sends", T.test_services_that_are_named_may_send_marks_and_no_others,
         "Resources.MarksQueuePolicy." + STATEMENT + "1.Fn::If.1.Condition", GONE, RULE),
    twin("a short visibility timeout", T.test_a_batch_has_time_enough, "Mappings.ByBatchSize.25.VisibilityTimeout", 360, "STANDARD", 25),
    twin("a short timeout", T.test_a_batch_has_time_enough, "Mappings.ByBatchSize.100.Timeout", 60, "STANDARD", 100),
    twin("no window", T.test_a_batch_has_time_enough, "Mappings.ByBatchSize.50.Window", 0, "STANDARD", 50),
    twin("all or nothing", T.test_the_mapping_reports_single_failures_and_shares_its_brake_with_the_function, MAPPING + "FunctionResponseTypes", GONE),
    twin("the dead letters' mapping", T.test_the_mapping_reports_single_failures_and_shares_its_brake_with_the_function,
         MAPPING + "Queue", {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}),
    twin("two brakes", T.test_the_mapping_reports_single_failures_and_shares_its_brake_with_the_function, MAPPING + "ScalingConfig.MaximumConcurrency", 10),
    twin("no counts", T.test_the_mapping_reports_single_failures_and_shares_its_brake_with_the_function, MAPPING + "MetricsConfig", GONE),
    twin("another architecture", T.test_functions_are_small_arm64_and_log_as_the_metrics_need, "Globals.Function.Architectures", ["x86_64"]),
    twin("text logs", T.test_functions_are_small_arm64_and_log_as_the_metrics_need, "Globals.Function.LoggingConfig.LogFormat", "Text"),
    twin("metrics below the level", T.test_functions_are_small_arm64_and_log_as_the_metrics_need, "Globals.Function.LoggingConfig.ApplicationLogLevel", "WARN"),
    twin("logs for ever", T.test_functions_are_small_arm64_and_log_as_the_metrics_need, "Resources.QueueFunctionLogs.Properties.RetentionInDays", "3653"),
    twin("a variable too many", T.test_the_environment_is_what_the_code_reads, HTTP + VARIABLES + "RETRY_WINDOW", "24h", "HttpFunction", "http"),
    twin("a variable too few", T.test_the_environment_is_what_the_code_reads, QUEUE + VARIABLES + "RETRY_WINDOW", GONE, "QueueFunction", "queue"),
    twin("swapped", T.test_each_function_gets_the_queues_it_writes_to, QUEUE + VARIABLES + "DEAD_LETTER_QUEUE_URL", {"Ref": "MarksQueue"}),
    twin("marks among dead letters", T.test_each_function_gets_the_queues_it_writes_to, "Globals.Function." + VARIABLES + "MARKS_QUEUE_URL", OTHER_QUEUE),
    twin("below the promise", T.test_the_http_function_has_time_for_what_it_promises, HTTP + "Timeout", 10),
    twin("API Gateway waits for less", T.test_the_http_function_has_time_for_what_it_promises, "Resources.HttpApiIntegration.Properties.TimeoutInMillis", 9000),
    twin("restored always", T.test_restoring_unread_is_for_both_functions_and_off_by_default, "Globals.Function." + VARIABLES + "RESTORE_UNREAD", "true", "false"),
    twin("restored by default", T.test_restoring_unread_is_for_both_functions_and_off_by_default, "Parameters.RestoreUnread.Default", "true", "true"),
    twin("no bound", T.test_the_stack_says_what_it_understands, "Outputs.Understands", GONE),
    twin("tokens asked of all", T.test_callers_tokens_are_asked_for_only_by_parameter, HTTP + VARIABLES + "CALLER_TOKEN_SECRET_ID", "tokens"),
    twin("a third route", T.test_the_api_has_two_routes_and_is_closed, "Resources.X", HTTP_ROUTE),
    twin("an open route", T.test_the_api_has_two_routes_and_is_closed, "Resources.ReadByAgentRoute.Properties.AuthorizationType", "NONE"),
    twin("JWT without authorizer", T.test_the_api_has_two_routes_and_is_closed, "Resources.ReadByCustomerRoute.Properties.AuthorizerId", GONE, JWT),
    twin("a second API", T.test_the_api_has_two_routes_and_is_closed, HTTP + "Events", {"Open": {"Type": "HttpApi"}}),
    twin("payload 1.0", T.test_both_routes_call_the_http_function_with_payload_2, "Resources.HttpApiIntegration.Properties.PayloadFormatVersion", "1.0"),
    twin("the other function", T.test_both_routes_call_the_http_function_with_payload_2,
         "Resources.HttpApiIntegration.Properties.IntegrationUri", {"Fn::GetAtt": ["QueueFunction", "Arn"]}),
    twin("not allowed to call", T.test_both_routes_call_the_http_function_with_payload_2,
         "Resources.HttpApiPermission.Properties.FunctionName", {"Ref": "QueueFunction"}),
    twin("one audience", T.test_the_jwt_authorizer_has_issuer_and_audiences, "Resources.JwtAuthorizer.Properties.JwtConfiguration.Audience", [{"Ref": "JwtAudience"}]),
    twin("no throttle", T.test_the_api_throttles_and_its_log_holds_nobodys_data, "Resources.HttpApiStage.Properties.DefaultRouteSettings.ThrottlingRateLimit", 10000),
    twin("addresses in the log", T.test_the_api_throttles_and_its_log_holds_nobodys_data,
         "Resources.HttpApiStage.Properties.AccessLogSettings.Format", '{"ip":"$context.identity.sourceIp"}'),
    twin("a generated value", T.test_secrets_hold_what_the_operator_put_there_for_ever, "Resources.HelpCrunchSecret.Properties.GenerateSecretString", {}),
    twin("deleted with the stack", T.test_secrets_hold_what_the_operator_put_there_for_ever, "Resources.CallerTokenSecret.DeletionPolicy", "Delete"),
    twin("a value through a parameter", T.test_secrets_hold_what_the_operator_put_there_for_ever, "Parameters.HelpCrunchSecretName.NoEcho", True),
    twin("in an output", T.test_no_secret_value_is_resolved_into_the_stack, "Outputs.HelpCrunchSecretId.Value", SECRET_IN_THE_KEY),
    twin("in a variable", T.test_no_secret_value_is_resolved_into_the_stack, "Globals.Function." + VARIABLES + "HELPCRUNCH_SECRET_ID", SECRET_IN_THE_KEY),
    twin("in an alarm", T.test_no_secret_value_is_resolved_into_the_stack, IN_MONITORING + ALARM + "AlarmDescription", SECRET_IN_THE_KEY),
    twin("made all the same", T.test_a_secret_of_the_users_own_is_used_and_none_made, "Resources.HelpCrunchSecret.Condition", GONE, {"HelpCrunchSecretName": "mine"}),
    twin("all queues", T.test_only_what_has_no_resources_is_allowed_on_all, "Resources.HttpFunctionRole." + ROLE + "0.Resource", "*"),
    twin("all actions", T.test_only_what_has_no_resources_is_allowed_on_all, "Resources.OperatorPolicy." + STATEMENT + "0.Action", "sqs:*"),
    twin("the network for the code", T.test_only_what_has_no_resources_is_allowed_on_all,
         "Resources.QueueFunctionRole." + ROLE + "5.Fn::If.1.Condition", GONE, PLATFORM),
    twin("arn:aws", T.test_no_arn_names_another_partition, "Resources.ProducerPolicy." + STATEMENT + "0.Resource", "arn:aws:sqs:eu-central-1:123456789012:q", *PARTITIONS[2]),
    twin("anybody's role", T.test_roles_are_for_lambda_but_the_one_that_ends_a_pause,
         "Resources.HttpFunctionRole.Properties.AssumeRolePolicyDocument.Statement.0.Principal", {"AWS": "*"}),
    twin("other accounts' schedules", T.test_the_role_that_ends_a_pause_may_do_nothing_else,
         "Resources.ResumeRole.Properties.AssumeRolePolicyDocument.Statement.0.Condition", GONE),
    twin("any mapping", T.test_the_role_that_ends_a_pause_may_do_nothing_else, "Resources.ResumeRole." + ROLE + "0.Resource", "*"),
    twin("enabled again", T.test_a_deployment_keeps_a_pause, MAPPING + "Enabled", True),
    twin("a boundary for all", T.test_the_platforms_parameters_change_nothing_when_they_are_empty,
         "Resources.HttpFunctionRole.Properties.PermissionsBoundary", {"Ref": "PermissionsBoundaryArn"}),
    twin("an empty key", T.test_the_platforms_parameters_change_nothing_when_they_are_empty, "Resources.HttpApiLogs.Properties.KmsKeyId", {"Ref": "LogsKmsKeyArn"}),
    twin("a domain for all", T.test_the_platforms_parameters_change_nothing_when_they_are_empty, "Resources.HttpApiDomain.Condition", GONE),
    twin("a role without", T.test_every_role_has_the_permissions_boundary, "Resources.ResumeRole.Properties.PermissionsBoundary", GONE),
    twin("a log group without", T.test_every_log_group_has_the_logs_key, "Resources.HttpApiLogs.Properties.KmsKeyId", GONE),
    twin("outside", T.test_both_functions_are_in_the_subnets, "Globals.Function.VpcConfig", GONE),
    twin("the old URL", T.test_the_domain_is_the_base_url_and_leads_to_the_api, "Outputs.HttpApiUrl.Value", "https://api.example/v1"),
    twin("old TLS", T.test_the_domain_is_the_base_url_and_leads_to_the_api,
         "Resources.HttpApiDomain.Properties.DomainNameConfigurations.0.SecurityPolicy", "TLS_1_0"),
    twin("no licence", T.test_the_application_repository_finds_what_it_asks_for, "Metadata.AWS::ServerlessRepo::Application.LicenseUrl", "COPYING"),

    twin("an outcome without", A.test_every_outcome_that_needs_a_person_has_an_alarm_for_each_function, IN_MONITORING + "Resources.QueueTimedOutAlarm", GONE),
    twin("the other function's", A.test_every_outcome_that_needs_a_person_has_an_alarm_for_each_function,
         IN_MONITORING + ALARM + "Dimensions.0.Value", {"Ref": "QueueFunction"}),
    twin("wired to the other function", A.test_every_outcome_that_needs_a_person_has_an_alarm_for_each_function,
         "Resources.Monitoring.Properties.Parameters.HttpFunction", {"Ref": "HttpFunctionLogs"}),
    twin("no throttles", A.test_there_is_an_alarm_for, IN_MONITORING + "Resources.DeadLettersAlarm", GONE, "AWS/SQS", "ApproximateNumberOfMessagesVisible"),
    twin("nobody", A.test_every_alarm_says_what_to_do_and_notifies_somebody, IN_MONITORING + ALARM + "AlarmActions", GONE),
    twin("another topic", A.test_every_alarm_says_what_to_do_and_notifies_somebody, "Resources.Monitoring.Properties.Parameters.AlarmTopic", "arn:aws:sns:x:1:other"),
    twin("another's name", A.test_every_alarm_says_what_to_do_and_notifies_somebody, IN_MONITORING + ALARM + "AlarmName", "mark-read-DeadLettersAlarm"),
    twin("no words", A.test_every_alarm_says_what_to_do_and_notifies_somebody, IN_MONITORING + ALARM + "AlarmDescription", "Look at docs/operations.md"),
    twin("every stack's", A.test_every_alarm_says_what_to_do_and_notifies_somebody, IN_MONITORING + ALARM + "Dimensions", []),
    twin("silence is no breach", A.test_every_alarm_says_what_to_do_and_notifies_somebody,
         IN_MONITORING + "Resources.SilenceAlarm.Properties.TreatMissingData", "notBreaching", WATCHFUL),
    twin("scanners raise it", A.test_callers_tokens_that_cannot_be_read_raise_an_alarm,
         IN_MONITORING + "Resources.HttpCallerTokensAlarm.Properties.Dimensions.1.Value", "unauthorized"),
    twin("without tokens", A.test_callers_tokens_that_cannot_be_read_raise_an_alarm, IN_MONITORING + "Resources.HttpCallerTokensAlarm.Condition", GONE),
    twin("for everybody", A.test_alarms_on_silence_and_on_what_was_not_applied_are_for_those_who_ask, IN_MONITORING + "Resources.SilenceAlarm.Condition", GONE),
    twin("half of the silence", A.test_alarms_on_silence_and_on_what_was_not_applied_are_for_those_who_ask,
         IN_MONITORING + "Resources.SilenceAlarm.Properties.Metrics.2.MetricStat.Metric.Dimensions.0.Value", {"Ref": "HttpFunction"}),
    twin("a topic all the same", A.test_alarms_go_where_the_parameters_say, "Resources.AlarmTopic.Condition", GONE),
    twin("a metric that nobody writes", A.test_the_dashboard_shows_every_metric_the_functions_write_and_no_other,
         IN_MONITORING + "Resources.Dashboard.Properties.DashboardBody.Fn::Sub.0", '{"x": ["HelpCrunchMarkRead", "Unknown"]}'),
    twin("an alarm without", A.test_the_dashboard_shows_the_state_of_every_alarm,
         IN_MONITORING + "Resources.XAlarm", {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "mark-read-XAlarm"}}),
    twin("one that is not there", A.test_the_dashboard_shows_the_state_of_every_alarm,
         IN_MONITORING + "Resources.Dashboard.Properties.DashboardBody.Fn::Sub.1.Silence", ', "arn:aws:cloudwatch:x"'),
    twin("no section", A.test_the_runbook_has_a_section_for_every_alarm, IN_MONITORING + ALARM + "AlarmDescription", "See docs/operations.md, the moon."),

    twin("not described", P.test_every_parameter_is_described_grouped_and_has_a_default, "Parameters.BatchSize.Description", GONE),
    twin("not grouped", P.test_every_parameter_is_described_grouped_and_has_a_default, "Parameters.X", {"Type": "String", "Default": "", "Description": "x"}),
    twin("no default", P.test_every_parameter_is_described_grouped_and_has_a_default, "Parameters.AlarmEmail.Default", GONE),
    twin("Go's durations of every kind", P.test_patterns_let_every_valid_value_pass, "Parameters.HelpCrunchKeyTtl.AllowedPattern", "^[0-9.hmsun]+$",
         "HelpCrunchKeyTtl", "99h", False),
    twin("too narrow", P.test_patterns_let_every_valid_value_pass, "Parameters.RetryWindow.AllowedPattern", "^24h$", "RetryWindow", "96h", True),
    twin("WARN", P.test_the_level_of_the_logs_never_hides_the_metrics, "Parameters.LogLevel.AllowedValues", ["INFO", "WARN"]),
    twin("no rule", P.test_parameters_that_do_not_fit_together_are_refused, "Rules.FifoBatchIsTen", GONE, {"BatchSize": 25}, 1),
    twin("a key for a token", P.test_parameters_that_do_not_fit_together_are_refused, "Rules.TokensAreNotTheKey", GONE,
         {**TOKEN, "HelpCrunchSecretName": "same", "CallerTokenSecretName": "same"}, 1),
    twin("half a domain", P.test_parameters_that_do_not_fit_together_are_refused, "Rules.DomainHasCertificate", GONE, {"DomainName": "marks.example.com"}, 1),

    twin("more than is needed", I.test_what_is_for_others_is_not_allowed, "Resources.ProducerPolicy." + STATEMENT + "0.Action",
         ["sqs:SendMessage", "sqs:ReceiveMessage"], "ProducerPolicy"),
    twin("too long", I.test_the_operators_policy_fits, "Resources.OperatorPolicy." + STATEMENT + "0.Sid", 4000 * "x"),
    twin("the code's own network", I.test_a_function_cannot_use_what_puts_it_into_its_subnets,
         "Resources.HttpFunctionRole." + ROLE + "6.Fn::If.1.Condition", GONE),
    twin("any function", I.test_an_operator_turns_the_mapping_to_no_other_function, "Resources.OperatorPolicy." + STATEMENT + "7.Condition", GONE),
    twin("every secret", I.test_a_secret_of_the_users_own_is_read_and_no_other, "Resources.ReadHelpCrunchSecretPolicy." + STATEMENT + "0.Resource",
         "arn:aws:secretsmanager:eu-central-1:123456789012:secret:*", {"HelpCrunchSecretName": "team/key"},
         "arn:aws:secretsmanager:eu-central-1:123456789012:secret:team/key-AbCdEf", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:other-AbCdEf"),
]


def edit(template, path, value):
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        template = template[str(part) if isinstance(template, dict) else part]  # a mapping's key may be a number
    if value is GONE:
        del template[last]
    else:
        template[last] = value


@contextlib.contextmanager
def edited(monkeypatch, path, value):
    """The templates as every check reads them, with one edit."""
    file, _, path = path.rpartition(".yaml:")
    file, read = file + ".yaml" if file else "template.yaml", stack.raw
    template = read(file)
    edit(template, path, value)
    raw = lambda name="template.yaml": copy.deepcopy(template) if name == file else read(name)
    with monkeypatch.context() as patch:
        for module in (stack, test_template, test_parameters):
            patch.setattr(module, "raw", raw)
        stack.translated.cache_clear()
        yield
    stack.translated.cache_clear()


@pytest.mark.parametrize("check, path, value, arguments", TWINS)
def test_a_broken_twin_is_refused(monkeypatch, check, path, value, arguments):
    takes_a_stack = "stack" in inspect.signature(check).parameters
    with edited(monkeypatch, path, value), pytest.raises((AssertionError, KeyError)):
        check(Stack(*arguments)) if takes_a_stack else check(*arguments)


def test_every_check_has_a_twin():
    checks = {f for module in (T, A, P, I) for n, f in inspect.getmembers(module, inspect.isfunction) if n.startswith("test_") and f.__module__ == module.__name__}
    others = {
        T.test_the_translated_template_is_clean,  # cfn-lint's own
        T.test_every_environment_of_samconfig_builds_afresh, A.test_the_outcomes_of_the_alarms_are_the_codes, I.test_the_table_holds_every_call_of_the_sources,
        I.test_no_statement_is_there_for_nothing,  # the twin, statement by statement, of test_what_is_needed_is_allowed
        I.test_what_is_needed_is_allowed_and_the_same_elsewhere_is_not,
    }
    assert checks - others == {t.values[0] for t in TWINS}
