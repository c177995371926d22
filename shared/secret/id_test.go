package secret_test

import (
	"testing"

	"helpcrunch-mark-read/shared/secret"
)

func TestSame(t *testing.T) {
	const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"
	for _, tc := range []struct {
		name, one, other string
		want             bool
	}{
		{"one name", "helpcrunch/key", "helpcrunch/key", true},
		{"two names", "helpcrunch/key", "helpcrunch/tokens", false},
		{"a name and its ARN", "helpcrunch/key", arn + "helpcrunch/key-AbCdEf", true},
		{"a name and its ARN without the suffix", "helpcrunch/key", arn + "helpcrunch/key", true},
		{"an ARN with and without the suffix", arn + "helpcrunch/key", arn + "helpcrunch/key-AbCdEf", true},
		{"one ARN", arn + "key-AbCdEf", arn + "key-AbCdEf", true},
		{"two ARNs of one name, the secret made anew", arn + "key-AbCdEf", arn + "key-GhIjKl", false},
		{"a name and another's ARN", "helpcrunch/key", arn + "helpcrunch/tokens-AbCdEf", false},
		{"a name that begins as another's ARN", "helpcrunch", arn + "helpcrunch/key-AbCdEf", false},
		{"a name and an ARN of another region", "key", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-AbCdEf", false},
		{"ARNs of two regions", arn + "key-AbCdEf", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-AbCdEf", false},
		{"ARNs of two accounts", arn + "key-AbCdEf", "arn:aws:secretsmanager:eu-central-1:210987654321:secret:key-AbCdEf", false},
		{"a name like an ARN's suffix", "-AbCdEf", arn + "-AbCdEf", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, back := secret.Same(tc.one, tc.other, "eu-central-1"), secret.Same(tc.other, tc.one, "eu-central-1"); got != tc.want || back != tc.want {
				t.Errorf("same %v, and the other way round %v; want %v", got, back, tc.want)
			}
		})
	}
	if !secret.Same("key", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-AbCdEf", "") {
		t.Error("without a region of its own, a name can be of any")
	}
}
