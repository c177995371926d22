package deploy_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"helpcrunch-mark-read/shared/boot"
)

// parameter is what the template says of a parameter, as far as it decides which values are accepted.
type parameter struct {
	Type           string   `yaml:"Type"`
	Default        string   `yaml:"Default"`
	AllowedPattern string   `yaml:"AllowedPattern"`
	AllowedValues  []string `yaml:"AllowedValues"`
}

// accepts returns what decides whether CloudFormation takes a value.
func (p parameter) accepts() func(value string) bool {
	if len(p.AllowedValues) > 0 {
		return func(value string) bool { return slices.Contains(p.AllowedValues, value) }
	}
	return regexp.MustCompile(p.AllowedPattern).MatchString
}

// variables are the parameters that become a variable as they are.
var variables = map[string]string{
	"HelpCrunchBaseUrl": "HELPCRUNCH_BASE_URL", "HelpCrunchKeyTtl": "HELPCRUNCH_KEY_TTL", "RestoreUnread": "RESTORE_UNREAD",
	"RequestsPerMinute": "REQUESTS_PER_MINUTE", "MaximumConcurrency": "MAXIMUM_CONCURRENCY", "RetryWindow": "RETRY_WINDOW",
}

func readParameters(t *testing.T) map[string]parameter {
	t.Helper()
	text, err := os.ReadFile("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Parameters map[string]parameter `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^ +([A-Z_]+): !Ref (\w+)$`).FindAllStringSubmatch(string(text), -1)
	refs := map[string]string{}
	for _, match := range found {
		if _, is := template.Parameters[match[2]]; is {
			refs[match[2]] = match[1]
		}
	}
	if !maps.Equal(refs, variables) {
		t.Fatalf("the template makes variables of %v, tried are %v", refs, variables)
	}
	return template.Parameters
}

// TestNoValueThatTheTemplateAcceptsStopsAFunction tries every value at the edge of what the template accepts, and far beyond.
func TestNoValueThatTheTemplateAcceptsStopsAFunction(t *testing.T) {
	all := readParameters(t)
	for name, variable := range variables {
		t.Run(name, func(t *testing.T) {
			if all[name].Type != "String" {
				t.Errorf("the type is %s, which takes more than a pattern says", all[name].Type)
			}
			accepts, accepted := all[name].accepts(), 0
			for value := range candidates(all[name]) {
				if !accepts(value) {
					continue
				}
				accepted++
				if err := start(variable, value); err != nil {
					t.Errorf("the template accepts %q: %v", value, err)
				}
			}
			if accepted < 2 {
				t.Errorf("only %d values were tried", accepted)
			}
			if !accepts(all[name].Default) {
				t.Errorf("the template does not accept its own default %q", all[name].Default)
			}
		})
	}
}

// start reads the configuration of both functions with one variable set.
func start(variable, value string) error {
	getenv := func(name string) string {
		return map[string]string{
			"HELPCRUNCH_SECRET_ID": "key", "MARKS_QUEUE_URL": "https://sqs.example/1/marks", "DEAD_LETTER_QUEUE_URL": "https://sqs.example/1/dead", variable: value,
		}[name]
	}
	if _, err := boot.ReadHTTPConfig(getenv); err != nil {
		return err
	}
	_, err := boot.ReadQueueConfig(getenv)
	return err
}

// candidates yields the extremes of every kind of value: numbers, durations, URLs, words.
func candidates(p parameter) func(func(string) bool) {
	values := slices.Concat(p.AllowedValues, []string{"", " ", "-1", "+1", "1e2", "0x10", "1.0", "1.5", "007", "١", "true", "TRUE", "1", "yes"})
	for n := 1; n <= 100_000_000; n *= 10 {
		for _, around := range []int{n - 1, n, n + 1, 2 * n, 5 * n, 9 * n} {
			values = append(values, fmt.Sprint(around))
		}
	}
	for _, unit := range []string{"ns", "us", "µs", "ms", "s", "m", "h", "d"} {
		for n := range 200 {
			values = append(values, fmt.Sprintf("%d%s", n, unit), fmt.Sprintf("%d.5%s", n, unit), fmt.Sprintf("%d.999%s", n, unit))
		}
		for _, n := range []int{999, 1000, 1439, 1440, 1441, 5759, 5760, 5761, 5799, 5999, 9999, 10_000, 86_400, 86_401, 99_999, 100_000, 345_600, 345_601} {
			values = append(values, fmt.Sprintf("%d%s", n, unit))
		}
	}
	for h := range 200 {
		for _, rest := range []string{"0m", "1m", "59m", "60m", "99m", "0s", "1s", "59s", "59m59s", "60m60s", "1m0.5s", "m", "s", "59s59m", "1h"} {
			values = append(values, fmt.Sprintf("%dh%s", h, rest))
		}
	}
	for _, scheme := range []string{"https://", "http://", "HTTPS://", "https:", "ftp://", "//"} {
		for _, host := range []string{"api.example.com", "a", "", ".", "-", "a-", "a..b", "user:password@a", "user@a", "a b", "[::1]", "::1", "127.0.0.1", "exämple.com", "a%20b", "a%zz", "a\\b", "a\tb"} {
			for _, port := range []string{"", ":", ":0", ":1", ":443", ":65535", ":65536", ":99999", ":a", ":-1", ":1:1"} {
				for _, path := range []string{"", "/", "/v1", "/v1/", "//", "/v1?a=b", "?", "#", "/#", "/%", "/%zz", "/a%20b", "/a b", "/:", "/@", "/..", "/v1;x", "\n"} {
					values = append(values, scheme+host+port+path)
				}
			}
		}
	}
	return slices.Values(values)
}

// TestDurationsOperatorsWriteAreAccepted keeps the patterns from being as narrow as they are safe.
func TestDurationsOperatorsWriteAreAccepted(t *testing.T) {
	all := readParameters(t)
	for name, values := range map[string]string{"HelpCrunchKeyTtl": "90s 5m 1h 1h30m 1.5h 1440m 24h", "RetryWindow": "30s 90m 24h 36h30m 2.5h 5760m 96h"} {
		for value := range strings.FieldsSeq(values) {
			if !all[name].accepts()(value) {
				t.Errorf("%s refuses %s", name, value)
			}
		}
	}
}
