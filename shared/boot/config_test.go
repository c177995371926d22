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
	want := boot.Config{
		SecretID: "helpcrunch/key", BaseURL: "https://api.helpcrunch.com/v1", KeyTTL: 5 * time.Minute,
		MarksQueue: "https://sqs.test/1/marks.fifo", Function: "local", LogFormat: "JSON", LogLevel: "INFO",
	}
	got, err := boot.HTTPConfig(environment())
	if err != nil || got != want {
		t.Errorf("HTTPConfig = %+v, %v\nwant %+v", got, err, want)
	}
	want.DeadLetterQueue, want.RequestsPerMinute, want.MaximumConcurrency, want.RetryWindow = "https://sqs.test/1/dead.fifo", 100, 2, 24*time.Hour
	got, err = boot.QueueConfig(environment())
	if err != nil || got != want {
		t.Errorf("QueueConfig = %+v, %v\nwant %+v", got, err, want)
	}
	empty := environment("HELPCRUNCH_BASE_URL", "", "HELPCRUNCH_KEY_TTL", "", "REQUESTS_PER_MINUTE", "", "MAXIMUM_CONCURRENCY", "",
		"RETRY_WINDOW", "", "CALLER_TOKEN_SECRET_ID", "", "AWS_LAMBDA_LOG_LEVEL", "")
	if again, err := boot.QueueConfig(empty); err != nil || again != got {
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
		{"RETRY_WINDOW", "96h", "RetryWindow", 96 * time.Hour},
		{"RETRY_WINDOW", "1ms", "RetryWindow", time.Millisecond},
		{"AWS_LAMBDA_FUNCTION_NAME", "mark-read-queue", "Function", "mark-read-queue"},
		{"AWS_LAMBDA_LOG_FORMAT", "Text", "LogFormat", "Text"},
		{"AWS_LAMBDA_LOG_LEVEL", "WARN", "LogLevel", "WARN"},
	} {
		t.Run(tc.name+"="+tc.value, func(t *testing.T) {
			c, err := boot.QueueConfig(environment(tc.name, tc.value))
			if got := reflect.ValueOf(c).FieldByName(tc.field).Interface(); err != nil || got != tc.want {
				t.Errorf("%s = %v, %v; want %v", tc.field, got, err, tc.want)
			}
		})
	}
	c, err := boot.HTTPConfig(environment("CALLER_TOKEN_SECRET_ID", "tokens"))
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
		"RETRY_WINDOW":          {"0", "-1h", "97h", "96h1ns", "4d", "1"},
	}
	for name, values := range faulty {
		for _, value := range values {
			t.Run(name+"="+value, func(t *testing.T) {
				_, err := boot.QueueConfig(environment(name, value))
				if err == nil || strings.Count(err.Error(), name) != 1 || strings.Contains(err.Error(), ";") {
					t.Fatalf("error = %v, want one that names %s", err, name)
				}
				if strings.Contains(err.Error(), "PRIVATE") {
					t.Errorf("the error tells a password: %v", err)
				}
			})
		}
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	_, err := boot.QueueConfig(func(name string) string {
		return map[string]string{
			"HELPCRUNCH_BASE_URL": "x", "HELPCRUNCH_KEY_TTL": "x", "REQUESTS_PER_MINUTE": "x", "MAXIMUM_CONCURRENCY": "x", "RETRY_WINDOW": "x",
		}[name]
	})
	for _, name := range []string{
		"HELPCRUNCH_SECRET_ID", "HELPCRUNCH_BASE_URL", "HELPCRUNCH_KEY_TTL", "MARKS_QUEUE_URL",
		"DEAD_LETTER_QUEUE_URL", "REQUESTS_PER_MINUTE", "MAXIMUM_CONCURRENCY", "RETRY_WINDOW",
	} {
		if err == nil || strings.Count(err.Error(), name) != 1 {
			t.Errorf("%s is not told: %v", name, err)
		}
	}
	_, err = boot.HTTPConfig(environment("HELPCRUNCH_SECRET_ID", "", "MARKS_QUEUE_URL", ""))
	if err == nil || !strings.Contains(err.Error(), "HELPCRUNCH_SECRET_ID is missing") || !strings.Contains(err.Error(), "MARKS_QUEUE_URL") {
		t.Errorf("error = %v", err)
	}
}

// TestEachFunctionAsksForItsOwnOnly: what one function does not read is no fault of its environment.
func TestEachFunctionAsksForItsOwnOnly(t *testing.T) {
	if _, err := boot.HTTPConfig(environment("DEAD_LETTER_QUEUE_URL", "", "REQUESTS_PER_MINUTE", "x", "RETRY_WINDOW", "x")); err != nil {
		t.Errorf("HTTPConfig: %v", err)
	}
	if _, err := boot.QueueConfig(environment("CALLER_TOKEN_SECRET_ID", "helpcrunch/key")); err != nil {
		t.Errorf("QueueConfig: %v", err)
	}
}

func TestHelpCrunchsKeyIsNoCallerToken(t *testing.T) {
	_, err := boot.HTTPConfig(environment("CALLER_TOKEN_SECRET_ID", "helpcrunch/key"))
	if err == nil || !strings.Contains(err.Error(), "CALLER_TOKEN_SECRET_ID") {
		t.Errorf("error = %v", err)
	}
}
