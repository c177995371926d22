package boot_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"helpcrunch-mark-read/shared/boot"
)

// environment is a complete one; changes are pairs of name and value.
func environment(changes ...string) func(string) string {
	values := map[string]string{
		"HELPCRUNCH_SECRET_ID": "helpcrunch/key", "MARKS_QUEUE_URL": "https://sqs.test/1/marks.fifo", "DEAD_LETTER_QUEUE_URL": "https://sqs.test/1/dead.fifo",
	}
	for i := 0; i+1 < len(changes); i += 2 {
		values[changes[i]] = changes[i+1]
	}
	return func(name string) string { return values[name] }
}

func TestDefaults(t *testing.T) {
	common := boot.Common{
		SecretID: "helpcrunch/key", BaseURL: "https://api.helpcrunch.com/v1", KeyTTL: 5 * time.Minute,
		MarksQueue: "https://sqs.test/1/marks.fifo", Function: "local", LogFormat: "JSON", LogLevel: "INFO",
	}
	if got, err := boot.ReadHTTPConfig(environment()); err != nil || got != (boot.HTTPConfig{Common: common}) {
		t.Errorf("ReadHTTPConfig = %+v, %v\nwant %+v", got, err, common)
	}
	want := boot.QueueConfig{Common: common, DeadLetterQueue: "https://sqs.test/1/dead.fifo", RequestsPerMinute: 100, MaximumConcurrency: 2, RetryWindow: 24 * time.Hour}
	got, err := boot.ReadQueueConfig(environment())
	if err != nil || got != want {
		t.Errorf("ReadQueueConfig = %+v, %v\nwant %+v", got, err, want)
	}
	empty := environment("HELPCRUNCH_BASE_URL", "", "HELPCRUNCH_KEY_TTL", "", "REQUESTS_PER_MINUTE", "", "MAXIMUM_CONCURRENCY", "",
		"RETRY_WINDOW", "", "RESTORE_UNREAD", "", "CALLER_TOKEN_SECRET_ID", "", "AWS_LAMBDA_LOG_LEVEL", "")
	if again, err := boot.ReadQueueConfig(empty); err != nil || again != got {
		t.Errorf("empty variables are not as missing ones: %+v, %v", again, err)
	}
}

func TestValues(t *testing.T) {
	for _, tc := range []struct {
		name, value, field string
		want               any
	}{
		{"HELPCRUNCH_SECRET_ID", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-AbCdEf", "SecretID", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-AbCdEf"},
		{"HELPCRUNCH_BASE_URL", "http://127.0.0.1:8080/v1/", "BaseURL", "http://127.0.0.1:8080/v1"},
		{"HELPCRUNCH_BASE_URL", "https://x", "BaseURL", "https://x"},
		{"HELPCRUNCH_BASE_URL", "https://[::1]:8443//", "BaseURL", "https://[::1]:8443"},
		{"HELPCRUNCH_KEY_TTL", "1s", "KeyTTL", time.Second},
		{"HELPCRUNCH_KEY_TTL", "1h30m", "KeyTTL", 90 * time.Minute},
		{"REQUESTS_PER_MINUTE", "1", "RequestsPerMinute", 1},
		{"MAXIMUM_CONCURRENCY", "1000", "MaximumConcurrency", 1000},
		{"RESTORE_UNREAD", "true", "RestoreUnread", true},
		{"RESTORE_UNREAD", "false", "RestoreUnread", false},
		{"RETRY_WINDOW", "96h", "RetryWindow", 96 * time.Hour},
		{"RETRY_WINDOW", "1ms", "RetryWindow", time.Millisecond},
		{"AWS_LAMBDA_FUNCTION_NAME", "mark-read-queue", "Function", "mark-read-queue"},
		{"AWS_LAMBDA_LOG_FORMAT", "Text", "LogFormat", "Text"},
		{"AWS_LAMBDA_LOG_LEVEL", "WARN", "LogLevel", "WARN"},
	} {
		t.Run(tc.name+"="+tc.value, func(t *testing.T) {
			c, err := boot.ReadQueueConfig(environment(tc.name, tc.value))
			if got := reflect.ValueOf(c).FieldByName(tc.field).Interface(); err != nil || got != tc.want {
				t.Errorf("%s = %v, %v; want %v", tc.field, got, err, tc.want)
			}
		})
	}
	c, err := boot.ReadHTTPConfig(environment("CALLER_TOKEN_SECRET_ID", "tokens"))
	if err != nil || c.TokenSecret != "tokens" {
		t.Errorf("CALLER_TOKEN_SECRET_ID: %q, %v", c.TokenSecret, err)
	}
}

func TestFaults(t *testing.T) {
	faulty := map[string][]string{
		"HELPCRUNCH_SECRET_ID": {""},
		"HELPCRUNCH_BASE_URL": {
			"api.helpcrunch.com/v1", "ftp://x/v1", "https://", "https:///v1", "https://:443/v1", "https://PRIVATE@x/v1", "https://a:PRIVATE@x/v1", "https://x/v1?a=b",
			"https://x/v1?", "https://x/v1#a", "https://x/v1#", "https://x\n/v1", " https://x/v1", "https://x/v1 ", "https://x/%zz", "https://x:port/",
		},
		"HELPCRUNCH_KEY_TTL":    {"5", "0", "0s", "-5m", "five", "5 m", "25h", "99999999999h"},
		"MARKS_QUEUE_URL":       {"", "marks", "sqs.test/marks"},
		"DEAD_LETTER_QUEUE_URL": {"", "arn:aws:sqs:eu-central-1:123456789012:dead"},
		"REQUESTS_PER_MINUTE":   {"0", "-1", "1.5", "1e2", "many", "99999999999999999999", "1000001", " 5"},
		"MAXIMUM_CONCURRENCY":   {"0", "-2", "1001", "two"},
		"RESTORE_UNREAD":        {"TRUE", "True", "1", "yes", "none", " true", "0"},
		"RETRY_WINDOW":          {"0", "-1h", "97h", "96h1ns", "4d", "1"},
	}
	for name, values := range faulty {
		for _, value := range values {
			t.Run(name+"="+value, func(t *testing.T) {
				_, err := boot.ReadQueueConfig(environment(name, value))
				if err == nil || strings.Count(err.Error(), name) != 1 || strings.Contains(err.Error(), ";") {
					t.Fatalf("error = %v, want one that names %s", err, name)
				}
				if strings.Contains(err.Error(), "PRIVATE") {
					t.Errorf("the error holds a password: %v", err)
				}
			})
		}
	}
}

func TestAllFaultsAreNamedAtOnce(t *testing.T) {
	_, err := boot.ReadQueueConfig(func(name string) string {
		return map[string]string{
			"HELPCRUNCH_BASE_URL": "x", "HELPCRUNCH_KEY_TTL": "x", "REQUESTS_PER_MINUTE": "x", "MAXIMUM_CONCURRENCY": "x", "RETRY_WINDOW": "x", "RESTORE_UNREAD": "x",
		}[name]
	})
	for _, name := range []string{
		"HELPCRUNCH_SECRET_ID", "HELPCRUNCH_BASE_URL", "HELPCRUNCH_KEY_TTL", "MARKS_QUEUE_URL",
		"DEAD_LETTER_QUEUE_URL", "REQUESTS_PER_MINUTE", "MAXIMUM_CONCURRENCY", "RETRY_WINDOW", "RESTORE_UNREAD",
	} {
		if err == nil || strings.Count(err.Error(), name) != 1 {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
	_, err = boot.ReadHTTPConfig(environment("HELPCRUNCH_SECRET_ID", "", "MARKS_QUEUE_URL", ""))
	if err == nil || !strings.Contains(err.Error(), "HELPCRUNCH_SECRET_ID is missing") || !strings.Contains(err.Error(), "MARKS_QUEUE_URL") {
		t.Errorf("error = %v", err)
	}
}

// TestEachFunctionAsksForItsOwnOnly: what one function does not read is no fault of its environment.
func TestEachFunctionAsksForItsOwnOnly(t *testing.T) {
	if _, err := boot.ReadHTTPConfig(environment("DEAD_LETTER_QUEUE_URL", "", "REQUESTS_PER_MINUTE", "x", "RETRY_WINDOW", "x")); err != nil {
		t.Errorf("ReadHTTPConfig: %v", err)
	}
	if _, err := boot.ReadQueueConfig(environment("CALLER_TOKEN_SECRET_ID", "helpcrunch/key")); err != nil {
		t.Errorf("ReadQueueConfig: %v", err)
	}
}

func TestHelpCrunchsKeyIsNoCallerToken(t *testing.T) {
	const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"
	for _, tc := range []struct {
		name, key, tokens string
		refused           bool
	}{
		{"one name", "helpcrunch/key", "helpcrunch/key", true},
		{"a name and its ARN", "helpcrunch/key", arn + "helpcrunch/key-AbCdEf", true},
		{"an ARN and its name", arn + "helpcrunch/key-AbCdEf", "helpcrunch/key", true},
		{"an ARN without its suffix", arn + "helpcrunch/key-AbCdEf", arn + "helpcrunch/key", true},
		{"another secret", "helpcrunch/key", "helpcrunch/tokens", false},
		{"another secret's ARN", arn + "helpcrunch/key-AbCdEf", arn + "helpcrunch/tokens-AbCdEf", false},
		{"a name here and an ARN elsewhere", "helpcrunch/key", "arn:aws:secretsmanager:us-east-1:123456789012:secret:helpcrunch/key-AbCdEf", false},
		{"none", "helpcrunch/key", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := boot.ReadHTTPConfig(environment("HELPCRUNCH_SECRET_ID", tc.key, "CALLER_TOKEN_SECRET_ID", tc.tokens, "AWS_REGION", "eu-central-1"))
			if (err != nil) != tc.refused || err != nil && !strings.Contains(err.Error(), "CALLER_TOKEN_SECRET_ID") {
				t.Errorf("error = %v, want one %v", err, tc.refused)
			}
		})
	}
}

func TestDeadLettersAreNotTheMarksQueue(t *testing.T) {
	for _, tc := range []struct {
		name, marks, dead string
		refused           bool
	}{
		{"one URL", "https://sqs.test/1/marks.fifo", "https://sqs.test/1/marks.fifo", true},
		{"a slash at the end", "https://sqs.test/1/marks.fifo", "https://sqs.test/1/marks.fifo/", true},
		{"a doubled slash", "https://sqs.test/1/marks.fifo", "https://sqs.test//1/marks.fifo", true},
		{"the host in another case", "https://sqs.test/1/marks.fifo", "https://SQS.test/1/marks.fifo", true},
		{"the usual port", "https://sqs.test/1/marks.fifo", "https://sqs.test:443/1/marks.fifo", true},
		{"two of AWS's hosts", "https://sqs.eu-central-1.amazonaws.com/1/marks.fifo", "https://eu-central-1.queue.amazonaws.com/1/marks.fifo", true},
		{"another queue", "https://sqs.test/1/marks.fifo", "https://sqs.test/1/dead.fifo", false},
		{"another account", "https://sqs.eu-central-1.amazonaws.com/1/marks", "https://sqs.eu-central-1.amazonaws.com/2/marks", false},
		{"another port", "http://127.0.0.1:4566/1/marks", "http://127.0.0.1:4567/1/marks", false},
		{"the name in another case", "https://sqs.test/1/marks", "https://sqs.test/1/Marks", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := boot.ReadQueueConfig(environment("MARKS_QUEUE_URL", tc.marks, "DEAD_LETTER_QUEUE_URL", tc.dead))
			if (err != nil) != tc.refused || err != nil && !strings.Contains(err.Error(), "DEAD_LETTER_QUEUE_URL") {
				t.Errorf("error = %v, want one %v", err, tc.refused)
			}
		})
	}
}

// TestVariables: the table, from which the documents are made, has what each function reads, and what it does without it.
func TestVariables(t *testing.T) {
	asked := map[string]map[string]bool{"http": {}, "queue": {}}
	spy := func(function string) func(string) string {
		return func(name string) string {
			if !strings.HasPrefix(name, "AWS_") {
				asked[function][name] = true
			}
			return ""
		}
	}
	_, httpErr := boot.ReadHTTPConfig(spy("http"))
	_, queueErr := boot.ReadQueueConfig(spy("queue"))
	names := map[string]bool{}
	for _, v := range boot.Variables() {
		names[v.Name] = true
		if asked["http"][v.Name] != (v.For != "queue") || asked["queue"][v.Name] != (v.For != "http") {
			t.Errorf("%s is for %s, read by http %v, by queue %v", v.Name, v.For, asked["http"][v.Name], asked["queue"][v.Name])
		}
		missing := v.Name + " is missing"
		if v.For != "queue" && strings.Contains(httpErr.Error(), missing) != v.Required || v.For != "http" && strings.Contains(queueErr.Error(), missing) != v.Required {
			t.Errorf("%s: required %v; http: %v; queue: %v", v.Name, v.Required, httpErr, queueErr)
		}
	}
	for function, read := range asked {
		for name := range read {
			if !names[name] {
				t.Errorf("%s reads %s, which is not listed", function, name)
			}
		}
	}
	boot.Variables()[0].Name = "changed"
	if boot.Variables()[0].Name == "changed" {
		t.Error("callers can change the table")
	}
}
