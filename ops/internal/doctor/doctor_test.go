package doctor_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	apitypes "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"helpcrunch-mark-read/local/loopback"
	localsecrets "helpcrunch-mark-read/local/secretsmanager"
	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/ops/internal/doctor"
	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/shared/mark"
)

// account is a deployment in which all is well, until a test breaks something.
type account struct {
	*opstest.Queues
	t          *testing.T
	doctor     doctor.Doctor
	secrets    *localsecrets.Server
	helpCrunch *simulator.Simulator

	environment   map[string]string
	routes        []apitypes.Route
	urls          []lambdatypes.FunctionUrlConfig
	mapping       lambda.GetEventSourceMappingOutput
	subscriptions []string
	alarms        []cwtypes.MetricAlarm
	age           []float64
	denied        error // of Lambda, CloudWatch and SNS
}

func newAccount(t *testing.T) *account {
	t.Helper()
	helpCrunch, err := simulator.New(simulator.Options{Keys: []string{"good", goodKey}})
	if err != nil {
		t.Fatal(err)
	}
	a := &account{Queues: opstest.New(t, true), t: t, secrets: localsecrets.New(localsecrets.Options{}), helpCrunch: helpCrunch}
	if _, err := a.secrets.Set("the-secret", "good"); err != nil {
		t.Fatal(err)
	}
	a.environment = map[string]string{
		"MARKS_QUEUE_URL": a.Marks, "DEAD_LETTER_QUEUE_URL": a.Dead, "HELPCRUNCH_SECRET_ID": "the-secret",
		"HELPCRUNCH_BASE_URL": "https://helpcrunch.local/v1", "REQUESTS_PER_MINUTE": "100", "MAXIMUM_CONCURRENCY": "2",
	}
	a.mapping = lambda.GetEventSourceMappingOutput{
		State: aws.String("Enabled"), EventSourceArn: aws.String(a.Server.QueueARN("marks.fifo")), FunctionArn: aws.String("arn of queue-function"),
		FunctionResponseTypes: []lambdatypes.FunctionResponseType{lambdatypes.FunctionResponseTypeReportBatchItemFailures},
		ScalingConfig:         &lambdatypes.ScalingConfig{MaximumConcurrency: aws.Int32(2)},
	}
	for _, key := range []string{"PUT /v1/chats/readByAgent", "PUT /v1/chats/readByCustomer"} {
		a.routes = append(a.routes, apitypes.Route{RouteKey: aws.String(key), AuthorizationType: apitypes.AuthorizationTypeAwsIam})
	}
	a.subscriptions = []string{"arn:aws:sns:us-east-1:0:topic:1"}
	a.alarms = []cwtypes.MetricAlarm{
		{AlarmName: aws.String("mark-read-DeadLettersAlarm"), StateValue: cwtypes.StateValueOk},
		{AlarmName: aws.String("mark-read-staging-DeadLettersAlarm"), StateValue: cwtypes.StateValueAlarm},
		{AlarmName: aws.String("mark-read-staging-DeadLettersAlarm-ABC"), StateValue: cwtypes.StateValueAlarm},
	}
	a.doctor = doctor.Doctor{
		AWS:        opstest.Intercept(opstest.Config("http://aws.local", &http.Client{Transport: loopback.Transport(a)}), a.answer),
		HelpCrunch: loopback.Transport(a.helpCrunch),
		Stack: &stack.Stack{
			Name: "mark-read", Status: "UPDATE_COMPLETE", Parameters: map[string]string{
				stack.OldestMarkSeconds: "900", stack.Authorization: "IAM", stack.HelpCrunchBaseURL: "https://helpcrunch.local/v1",
				stack.RequestsPerMinute: "100", stack.MaximumConcurrency: "2", stack.RetryWindow: "24h",
			},
			Outputs: map[string]string{
				stack.MarksQueueURL: a.Marks, stack.DeadLetterQueueURL: a.Dead, stack.HelpCrunchSecretID: "the-secret", stack.Understands: "asOf",
				stack.HTTPFunctionName: "http-function", stack.QueueFunctionName: "queue-function",
				stack.EventSourceMappingID: "mapping", stack.AlarmTopicARN: "topic",
			},
		},
		QueueURL: a.Marks, DeadLetterURL: a.Dead, SecretID: "the-secret", BaseURL: "https://helpcrunch.local/v1",
	}
	return a
}

// ServeHTTP is SQS and Secrets Manager.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.") {
		a.Server.ServeHTTP(w, r)
	} else {
		a.secrets.ServeHTTP(w, r)
	}
}

func (a *account) set(queueURL, name, value string) {
	a.t.Helper()
	_, err := a.Client.SetQueueAttributes(a.t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: aws.String(queueURL), Attributes: map[string]string{name: value}})
	if err != nil {
		a.t.Fatal(err)
	}
}

// answer is AWS, but for SQS and Secrets Manager.
func (a *account) answer(in any, call func() (any, error)) (any, error) {
	switch in := in.(type) {
	case *lambda.GetFunctionConfigurationInput:
		return &lambda.GetFunctionConfigurationOutput{
			State: lambdatypes.StateActive, FunctionArn: aws.String("arn of " + *in.FunctionName), Timeout: aws.Int32(15),
			Environment: &lambdatypes.EnvironmentResponse{Variables: a.environment},
		}, a.denied
	case *lambda.GetEventSourceMappingInput:
		return &a.mapping, a.denied
	case *lambda.ListTagsInput:
		return &lambda.ListTagsOutput{}, a.denied
	case *lambda.ListFunctionUrlConfigsInput:
		if *in.FunctionName != "http-function" {
			a.t.Errorf("asked for the URLs of %s", *in.FunctionName)
		}
		return &lambda.ListFunctionUrlConfigsOutput{FunctionUrlConfigs: a.urls}, a.denied
	case *cloudformation.DescribeStackResourcesInput:
		return &cloudformation.DescribeStackResourcesOutput{StackResources: []cftypes.StackResource{{PhysicalResourceId: aws.String("api-id")}}}, a.denied
	case *apigatewayv2.GetRoutesInput:
		return a.onePage(in), a.denied
	case *cloudwatch.DescribeAlarmsInput:
		return &cloudwatch.DescribeAlarmsOutput{MetricAlarms: a.alarms}, a.denied
	case *cloudwatch.GetMetricDataInput:
		result := cwtypes.MetricDataResult{Id: in.MetricDataQueries[0].Id, Values: a.age}
		for range a.age {
			result.Timestamps = append(result.Timestamps, time.Now())
		}
		return &cloudwatch.GetMetricDataOutput{MetricDataResults: []cwtypes.MetricDataResult{result}}, a.denied
	case *sns.ListSubscriptionsByTopicInput:
		var output sns.ListSubscriptionsByTopicOutput
		for _, arn := range a.subscriptions {
			output.Subscriptions = append(output.Subscriptions, snstypes.Subscription{SubscriptionArn: aws.String(arn)})
		}
		return &output, a.denied
	}
	return call()
}

// onePage returns the routes one by one.
func (a *account) onePage(in *apigatewayv2.GetRoutesInput) *apigatewayv2.GetRoutesOutput {
	if *in.ApiId != "api-id" {
		a.t.Errorf("asked for the routes of %s", *in.ApiId)
	}
	i, _ := strconv.Atoi(aws.ToString(in.NextToken))
	output := &apigatewayv2.GetRoutesOutput{Items: a.routes[i : i+1]}
	if i+1 < len(a.routes) {
		output.NextToken = aws.String(strconv.Itoa(i + 1))
	}
	return output
}

func TestExamine(t *testing.T) {
	for _, tc := range []struct {
		name  string
		harm  func(*account)
		check string
		want  doctor.Status
		says  string // a part of what is said or advised
	}{
		{"all is well", func(*account) {}, "", "", ""},
		{"the stack failed", func(a *account) { a.doctor.Stack.Status = "ROLLBACK_COMPLETE" }, "stack", doctor.Problem, "ROLLBACK_COMPLETE"},
		{"the last deployment failed", func(a *account) { a.doctor.Stack.Status = "UPDATE_ROLLBACK_COMPLETE" }, "stack", doctor.Warning, "the one before it is running"},
		{"no redrive policy", func(a *account) { a.set(a.Marks, "RedrivePolicy", "") }, "queue wiring", doctor.Problem, "no redrive policy"},
		{"few receives", func(a *account) {
			a.set(a.Marks, "RedrivePolicy", fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":5}`, a.Server.QueueARN("dead.fifo")))
		}, "queue wiring", doctor.Warning, "after 5 receives"},
		{"another queue is allowed", func(a *account) {
			a.set(a.Dead, "RedriveAllowPolicy", `{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:other.fifo"]}`)
		}, "queue wiring", doctor.Problem, "RedriveAllowPolicy"},
		{"deduplication by content", func(a *account) { a.set(a.Marks, "ContentBasedDeduplication", "true") }, "queue wiring", doctor.Problem, "swallowed"},
		{"the function has another queue", func(a *account) { a.environment["DEAD_LETTER_QUEUE_URL"] = "other" }, "functions/queue", doctor.Problem, "another DEAD_LETTER_QUEUE_URL"},
		{"the mapping is disabled", func(a *account) { a.mapping.State = aws.String("Disabled") }, "pause", doctor.Problem, "nothing leaves the queue"},
		{"the mapping reads another queue", func(a *account) { a.mapping.EventSourceArn = aws.String("arn:other") }, "event source mapping", doctor.Problem, "another queue"},
		{"the mapping calls another function", func(a *account) { a.mapping.FunctionArn = aws.String("arn:other") }, "event source mapping", doctor.Problem, "another function"},
		{"whole batches", func(a *account) { a.mapping.FunctionResponseTypes = nil }, "event source mapping", doctor.Problem, "ReportBatchItemFailures"},
		{"another concurrency", func(a *account) { a.mapping.ScalingConfig = nil }, "event source mapping", doctor.Problem, "maximum concurrency is 0"},
		{"a short visibility timeout", func(a *account) { a.set(a.Marks, "VisibilityTimeout", "10") }, "event source mapping", doctor.Problem, "made twice"},
		{"the secret is empty", func(a *account) { a.rotate(" ") }, "secret", doctor.Problem, "the secret is empty"},
		{"the secret is missing", func(a *account) { a.doctor.SecretID = "nothing" }, "secret", doctor.Unknown, "there is no such thing"},
		{"the key is rejected", func(a *account) { a.rotate("bad-key-value") }, "key", doctor.Problem, "rejects the key (status 401)"},
		{"HelpCrunch is down", func(a *account) {
			_ = a.helpCrunch.SetFaults(simulator.Fault{Kind: simulator.InternalError})
		}, "key", doctor.Unknown, "not available (status 500)"},
		{"too large a share", func(a *account) { a.rate("500") }, "rate budget", doctor.Warning, "500 calls"},
		{"less than a call a minute for each environment", func(a *account) { a.rate("1") }, "rate budget", doctor.Warning, "1 call a minute among 2 execution environments is less than one for each"},
		{"a backlog that takes too long", func(a *account) { a.rate("2"); a.queued(2*24*60 + 10) }, "waiting marks", doctor.Warning, "about 2890 wait, and 0 are being worked on or held: at 2 calls a minute the last is made in about 24h5m0s, longer than the retry window (24h0m0s)"},
		{"the base URL with a slash at its end", func(a *account) {
			a.environment["HELPCRUNCH_BASE_URL"] += "/"
			a.doctor.Stack.Parameters[stack.HelpCrunchBaseURL] = "HTTPS://HelpCrunch.local:443/v1"
		}, "", "", ""},
		{"another base URL", func(a *account) { a.environment["HELPCRUNCH_BASE_URL"] = "https://other.local/v1" }, "functions", doctor.Problem, "another HELPCRUNCH_BASE_URL than the stack"},
		{"flags that replace the stack's values", func(a *account) {
			a.doctor.SecretID = a.secretARN("the-secret")
			a.doctor.BaseURL, a.doctor.QueueURL = "https://HELPCRUNCH.local/v1", strings.Replace(a.Marks, "http://", "HTTP://", 1)
		}, "", "", ""},
		{"a secret by ARN and by name", func(a *account) { a.environment["HELPCRUNCH_SECRET_ID"] = a.secretARN("the-secret") }, "", "", ""},
		{"another secret", func(a *account) { a.environment["HELPCRUNCH_SECRET_ID"] = a.secretARN("the-secret-2") }, "functions", doctor.Problem, "another HELPCRUNCH_SECRET_ID than the stack"},
		{"tokens", func(a *account) { a.tokens("a-long-random-token\nanother-random-token\n") }, "", "", ""},
		{"tokens of the other secret in the function", func(a *account) {
			a.tokens("a-long-random-token")
			a.environment["CALLER_TOKEN_SECRET_ID"] = "another"
		}, "functions/http", doctor.Problem, "another CALLER_TOKEN_SECRET_ID"},
		{"a token that is too short", func(a *account) { a.tokens("a-long-random-token\nshort\n") }, "caller tokens", doctor.Problem, "nobody is let in: line 2 of the secret with the caller tokens is no token"},
		{"a token that is too short, before an upgrade", func(a *account) {
			a.tokens("a-long-random-token\nshort\n")
			delete(a.doctor.Stack.Outputs, stack.Understands)
		}, "caller tokens", doctor.Warning, "line 2 of the secret with the caller tokens is no token, which is 16 or more of A-Z a-z 0-9 - . _ ~ + /, and perhaps = at the end; this version may accept it, but after an upgrade nobody is let in"},
		{"no token", func(a *account) { a.tokens("\n") }, "caller tokens", doctor.Problem, "holds none"},
		{"no secret of tokens", func(a *account) { a.tokens("a-long-random-token"); a.doctor.TokenSecretID = "nothing" }, "caller tokens", doctor.Unknown, "ops token add"},
		{"tokens in the key's secret", func(a *account) { a.tokens("a-long-random-token"); a.doctor.TokenSecretID = a.secretARN("the-secret") }, "caller tokens", doctor.Problem, "are in one secret"},
		{"the key as a token", func(a *account) {
			a.rotate(goodKey)
			a.tokens("a-long-random-token\n" + goodKey)
		}, "caller tokens", doctor.Problem, "one of the tokens is HelpCrunch's API key"},
		{"a route that somebody made by hand", func(a *account) {
			a.routes = append(a.routes, apitypes.Route{RouteKey: aws.String("ANY /{proxy+}"), AuthorizationType: apitypes.AuthorizationTypeNone})
		}, "open routes", doctor.Warning, `the route "ANY /{proxy+}": without an authorizer, so its callers get 401`},
		{"a route made by hand, before an upgrade", func(a *account) {
			a.routes = append(a.routes, apitypes.Route{RouteKey: aws.String("$default"), AuthorizationType: apitypes.AuthorizationTypeNone})
			delete(a.doctor.Stack.Outputs, stack.Understands)
		}, "open routes", doctor.Warning, `the route "$default": without an authorizer; after an upgrade its callers get 401`},
		{"an open function URL", func(a *account) {
			a.urls = []lambdatypes.FunctionUrlConfig{{AuthType: lambdatypes.FunctionUrlAuthTypeNone, FunctionUrl: aws.String("https://abc.lambda-url.example/")}}
		}, "open routes", doctor.Warning, "the function URL https://abc.lambda-url.example/: without an authorizer"},
		{"a function URL with IAM", func(a *account) {
			a.urls = []lambdatypes.FunctionUrlConfig{{AuthType: lambdatypes.FunctionUrlAuthTypeAwsIam}}
		}, "", "", ""},
		{"an old mark", func(a *account) { a.age = []float64{1000} }, "oldest mark", doctor.Problem, "16m40s"},
		{"dead letters", func(a *account) {
			a.AddDead(a.t, opstest.DeadLetter{Number: 1, Mark: mark.Mark{ID: 1, Reader: mark.Agent}, Outcome: "key_rejected"},
				opstest.DeadLetter{Number: 2, Mark: mark.Mark{ID: 2, Reader: mark.Agent}, Outcome: "chat_not_found"},
				opstest.DeadLetter{Number: 3, Mark: mark.Mark{ID: 3, Reader: mark.Agent}, Outcome: "chat_not_found"})
		}, "dead letters", doctor.Problem, "3 marks were not made: chat_not_found 2, key_rejected 1"},
		{"nobody receives the alarms", func(a *account) { a.subscriptions = nil }, "alarm subscription", doctor.Problem, "nobody receives the alarms"},
		{"nobody has confirmed", func(a *account) { a.subscriptions = []string{"PendingConfirmation"} }, "alarm subscription", doctor.Problem, "not confirmed"},
		{"an alarm with the name of before", func(a *account) {
			a.alarms[0] = cwtypes.MetricAlarm{AlarmName: aws.String("mark-read-DeadLettersAlarm-1A2B"), StateValue: cwtypes.StateValueAlarm}
		}, "alarms", doctor.Warning, "in alarm: DeadLettersAlarm"},
		{"an alarm rings", func(a *account) { a.alarms[0].StateValue = cwtypes.StateValueAlarm }, "alarms", doctor.Warning, "in alarm: DeadLettersAlarm"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAccount(t)
				tc.harm(a)
				for _, f := range a.doctor.Examine(t.Context(), func(doctor.Finding) {}) {
					want := doctor.OK
					if f.Check == tc.check || tc.check == "functions" && strings.HasPrefix(f.Check, "functions/") {
						want = tc.want
						if !strings.Contains(f.Says+" "+f.Do, tc.says) {
							t.Errorf("%s: %q does not say %q", f.Check, f.Says, tc.says)
						}
					}
					if tc.check == "secret" && f.Check == "key" {
						want = doctor.Skipped
					}
					if f.Status != want {
						t.Errorf("%s is %s (%s), want %s", f.Check, f.Status, f.Says, want)
					}
					if strings.Contains(f.Says+f.Do, "bad-key-value") || strings.Contains(f.Says+f.Do, goodKey) || strings.Contains(f.Says+f.Do, "random-token") {
						t.Errorf("%s shows the key", f.Check)
					}
				}
			})
		})
	}
}

// goodKey is a key that could be a token by its shape.
const goodKey = "good-key-of-helpcrunch"

// rate sets the stack's and the function's calls a minute.
func (a *account) rate(perMinute string) {
	a.environment["REQUESTS_PER_MINUTE"], a.doctor.Stack.Parameters[stack.RequestsPerMinute] = perMinute, perMinute
}

// queued puts so many messages on the queue.
func (a *account) queued(n int) {
	a.t.Helper()
	for ; n > 0; n -= 10 {
		entries := make([]sqstypes.SendMessageBatchRequestEntry, min(n, 10))
		for i := range entries {
			id := strconv.Itoa(n - i)
			entries[i] = sqstypes.SendMessageBatchRequestEntry{Id: aws.String(id), MessageBody: aws.String("x"), MessageGroupId: aws.String(id), MessageDeduplicationId: aws.String(id)}
		}
		if _, err := a.Client.SendMessageBatch(a.t.Context(), &sqs.SendMessageBatchInput{QueueUrl: aws.String(a.Marks), Entries: entries}); err != nil {
			a.t.Fatal(err)
		}
	}
}

// tokens makes functions/http check callers by the tokens in a secret.
func (a *account) tokens(content string) {
	a.t.Helper()
	if _, err := a.secrets.Set("the-tokens", content); err != nil {
		a.t.Fatal(err)
	}
	a.doctor.Stack.Parameters[stack.Authorization] = "TOKEN"
	a.doctor.Stack.Outputs[stack.CallerTokenSecretID] = "the-tokens"
	a.doctor.TokenSecretID, a.environment["CALLER_TOKEN_SECRET_ID"] = "the-tokens", "the-tokens"
	a.routes = []apitypes.Route{{RouteKey: aws.String("PUT /v1/chats/readByAgent"), AuthorizationType: apitypes.AuthorizationTypeNone}}
}

// secretARN is the ARN that Secrets Manager gave a secret; another account's for one that does not exist.
func (a *account) secretARN(name string) string {
	got, err := secretsmanager.NewFromConfig(a.doctor.AWS).DescribeSecret(a.t.Context(), &secretsmanager.DescribeSecretInput{SecretId: aws.String(name)})
	if err != nil {
		return "arn:aws:secretsmanager:us-east-1:000000000000:secret:" + name + "-AbCdEf"
	}
	return aws.ToString(got.ARN)
}

func (a *account) rotate(key string) {
	a.t.Helper()
	if err := a.secrets.Rotate("the-secret", key); err != nil {
		a.t.Fatal(err)
	}
}

func TestExamineWithoutPermissions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t)
		a.denied = &smithy.GenericAPIError{Code: "AccessDenied"}
		unknown := 0
		for _, f := range a.doctor.Examine(t.Context(), func(doctor.Finding) {}) {
			if f.Status == doctor.Unknown && f.Bad() && strings.Contains(f.Says, ": these credentials may not do that (") {
				unknown++
			}
		}
		if unknown != 8 {
			t.Errorf("%d checks say that they may not look, want 8", unknown)
		}
	})
}

func TestExamineWithoutAStack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t)
		a.doctor.Stack = nil
		for _, f := range a.doctor.Examine(t.Context(), func(doctor.Finding) {}) {
			want := doctor.Skipped
			switch f.Check {
			case "queue", "dead-letter queue", "queue wiring", "secret", "key", "waiting marks", "dead letters":
				want = doctor.OK
			}
			if f.Status != want {
				t.Errorf("%s is %s (%s), want %s", f.Check, f.Status, f.Says, want)
			}
		}
	})
}
