package secrets_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"helpcrunch-mark-read/ops/internal/secrets"
	"helpcrunch-mark-read/shared/callertoken"
)

const (
	one = "first-token-of-a-caller"
	two = "c2Vjb25kIHRva2Vu+/=="
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		name, content string
		want          secrets.Set
		fails         string
	}{
		{"nothing", " \ufeff\n", nil, ""},
		{"a token", one, secrets.Set{{"token-1", one}}, ""},
		{"a token a line", "\n" + one + "\r\n\n " + two + "\n", secrets.Set{{"token-1", one}, {"token-2", two}}, ""},
		{"an object", `{"crm": "` + one + `", "app": "` + two + `"}`, secrets.Set{{"crm", one}, {"app", two}}, ""},
		{"an empty object", "{}", nil, ""},
		{"a short line", one + "\nshort", nil, "line 2 of the secret"},
		{"a comment", "# the CRM's token\n" + one, nil, "line 1 of the secret"},
		{"a short member", `{"crm": "` + one + `", "app": "short"}`, nil, "member 2 of the secret"},
		{"a number", `{"crm": 1234567890123456}`, nil, "member 1 of the secret"},
		{"a name twice", `{"crm": "` + one + `", "crm": "` + two + `"}`, nil, "member 2 of the secret"},
		{"half an object", `{"crm": "` + one + `"`, nil, "fix it by hand"},
		{"more after the object", `{"crm": "` + one + `"} x`, nil, "fix it by hand"},
		{"no name", `{1: 2}`, nil, "fix it by hand"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := secrets.Parse(tc.content)
			if tc.fails == "" {
				if err != nil || !slices.Equal(got, tc.want) {
					t.Errorf("%v, %v", got, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.fails) || strings.Contains(err.Error(), "short") || strings.Contains(err.Error(), "crm") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestWithAndWithout(t *testing.T) {
	set := secrets.Set{{"crm", one}}
	if _, err := set.With(secrets.Token{Name: "crm", Value: two}); !errors.Is(err, secrets.ErrThere) {
		t.Errorf("a name that is there: %v", err)
	}
	if _, err := set.With(secrets.Token{Name: "app", Value: one}); !errors.Is(err, secrets.ErrThere) {
		t.Errorf("a value that is there: %v", err)
	}
	if same, err := set.With(set[0]); err != nil || len(same) != 1 {
		t.Errorf("both are there: %v, %v", same, err)
	}
	both, err := set.With(secrets.Token{Name: "app", Value: two})
	if err != nil || !slices.Equal(both.Names(), []string{"crm", "app"}) || len(set) != 1 {
		t.Errorf("%v, %v", both, err)
	}
	if _, err := both.Without("other", true); !errors.Is(err, secrets.ErrMissing) {
		t.Errorf("a name that is not there: %v", err)
	}
	if left, err := both.Without("crm", false); err != nil || !slices.Equal(left.Names(), []string{"app"}) {
		t.Errorf("%v, %v", left, err)
	}
	if _, err := set.Without("crm", false); !errors.Is(err, secrets.ErrLast) {
		t.Errorf("the last: %v", err)
	}
	if left, err := set.Without("crm", true); err != nil || len(left) != 0 {
		t.Errorf("the last, asked twice: %v, %v", left, err)
	}
}

func TestNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"crm": true, "crm-2026.1_b": true, "1": true, "": false, "-crm": false, "a b": false, "a\n": false, "ä": false, strings.Repeat("a", 64): true, strings.Repeat("a", 65): false,
	} {
		if err := secrets.CheckName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// What is made here is what functions/http reads.
func TestRandomTokensAreAccepted(t *testing.T) {
	set := secrets.Set{{"crm", secrets.Random()}, {`odd "name"`, secrets.Random()}}
	content := set.Content()
	if again, err := secrets.Parse(content); err != nil || !slices.Equal(again, set) {
		t.Errorf("%v, %v", again, err)
	}
	if _, err := callertoken.Parse(content); err != nil {
		t.Error(err)
	}
	if set[0].Value == set[1].Value || len(set[0].Value) < 32 || secrets.CheckValue(set[0].Value) != nil {
		t.Errorf("%v", set)
	}
}

// FuzzParse holds that whatever can be read is written and read again unchanged, and that no error quotes the secret.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", one, one + "\n" + two, `{"crm": "` + one + `"}`, `{"a": {}}`, "{", "\xff", `{"\ud800": "` + one + `"}`, `{"a":"` + one + `","a":1}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		set, err := secrets.Parse(content)
		if err != nil {
			return
		}
		written := set.Content()
		again, err := secrets.Parse(written)
		if err != nil || !slices.Equal(again, set) {
			t.Errorf("%q became %q: %v, %v", content, written, again, err)
		}
	})
}
