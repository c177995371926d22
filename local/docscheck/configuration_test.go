package docscheck

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"helpcrunch-mark-read/shared/boot"
)

// required are the least that a function needs; everything else is left to its default.
var required = map[string]string{
	"HELPCRUNCH_SECRET_ID": "a-secret", "MARKS_QUEUE_URL": "https://sqs.test/marks", "DEAD_LETTER_QUEUE_URL": "https://sqs.test/dead",
}

type reading func(func(string) string) (boot.Config, error)

// asked gives the variables that a function reads, less Lambda's own.
func asked(from reading) map[string]bool {
	names := map[string]bool{}
	_, _ = from(func(name string) string {
		if !strings.HasPrefix(name, "AWS_LAMBDA_") {
			names[name] = true
		}
		return ""
	})
	return names
}

// short writes a duration as a document does.
func short(d time.Duration) string {
	return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
}

// TestConfigurationTable: the README's table has the variables that the functions read, for the function that reads them, and
// with the default that they take.
func TestConfigurationTable(t *testing.T) {
	table, ok := between(read(t, "README.md"), "configuration")
	if !ok {
		t.Fatal("the README does not show the configuration")
	}
	http, queue := asked(boot.HTTPConfig), asked(boot.QueueConfig)
	expected := maps.Clone(http)
	maps.Copy(expected, queue)
	for _, row := range cells(table) {
		name, of, value := strings.Trim(row[0], "`"), row[1], row[2]
		want := map[[2]bool]string{{true, true}: "both", {true, false}: "http", {false, true}: "queue"}[[2]bool{http[name], queue[name]}]
		if of != want {
			t.Errorf("%s is said to be for %q; it is for %q", name, of, want)
		}
		if d := defaultOf(t, name); !strings.HasPrefix(value, d) {
			t.Errorf("%s is said to be %q, and is %s by default", name, value, d)
		}
		delete(expected, name)
	}
	if len(expected) > 0 {
		t.Errorf("not in the table: %v", slices.Sorted(maps.Keys(expected)))
	}
}

// defaultOf gives how the default of a variable must be told.
func defaultOf(t *testing.T, name string) string {
	t.Helper()
	if required[name] != "" {
		without := func(n string) string {
			if n == name {
				return ""
			}
			return required[n]
		}
		if _, err := boot.QueueConfig(without); err == nil {
			t.Errorf("%s is not required", name)
		}
		return "required"
	}
	c, err := boot.QueueConfig(func(n string) string { return required[n] })
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		"HELPCRUNCH_BASE_URL": c.BaseURL, "HELPCRUNCH_KEY_TTL": short(c.KeyTTL), "REQUESTS_PER_MINUTE": strconv.Itoa(c.RequestsPerMinute),
		"MAXIMUM_CONCURRENCY": strconv.Itoa(c.MaximumConcurrency), "RETRY_WINDOW": short(c.RetryWindow), "CALLER_TOKEN_SECRET_ID": c.TokenSecret,
	}
	value, known := values[name]
	switch {
	case !known:
		t.Errorf("no function reads %s", name)
	case value == "":
		return "none"
	}
	return "`" + value + "`"
}
