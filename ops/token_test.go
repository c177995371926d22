package main

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"helpcrunch-mark-read/ops/internal/secrets"
)

// withTokens runs a test on a stack with Authorization TOKEN, whose secret has a content, or none when it is empty.
func withTokens(t *testing.T, content string, test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		defer w.account.unschedule()
		w.parameters = map[string]string{"Authorization": "TOKEN"}
		w.outputs = map[string]string{"CallerTokenSecretId": "tokens", "HttpApiUrl": "https://api.local/v1"}
		if _, err := w.secrets.Create("tokens"); err != nil {
			t.Fatal(err)
		}
		if content != "" {
			w.setTokens(t, content)
		}
		test(t, w)
	})
}

func (w *world) setTokens(t *testing.T, content string) {
	t.Helper()
	if _, err := w.secrets.Set("tokens", content); err != nil {
		t.Fatal(err)
	}
}

func (w *world) tokens(t *testing.T) secrets.Set {
	t.Helper()
	set, _, err := (&secrets.Store{API: (&target{aws: w.Config}).secrets("tokens"), SecretID: "tokens"}).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

const oldToken = "an-old-token-of-the-crm"

func TestTokenAdd(t *testing.T) {
	for name, content := range map[string]string{"an empty secret": "", "a token a line": oldToken + "\n", "an object": `{"token-1": "` + oldToken + `"}`} {
		t.Run(name, func(t *testing.T) {
			withTokens(t, content, func(t *testing.T, w *world) {
				before := w.tokens(t)
				got := w.ops(t.Context(), "", onStack("token", "add", "app")...)
				got.check(t, 0, "The token app is in the secret. It counts within 30 s.", "base URL is https://api.local/v1")
				token := strings.TrimSpace(got.out)
				if set := w.tokens(t); !slices.Equal(set, append(before, secrets.Token{Name: "app", Value: token})) || len(token) < 32 || strings.Contains(got.err, token) {
					t.Errorf("%v, shown %q", set, got.out)
				}
				for _, args := range [][]string{{"list"}, {"list", "--json"}, {"remove", "app"}} {
					if got := w.ops(t.Context(), "", onStack(append([]string{"token"}, args...)...)...); strings.Contains(got.out+got.err, token) {
						t.Errorf("the token is shown again: %+v", got)
					}
				}
			})
		})
	}
}

func TestTokenAddOfOnesOwn(t *testing.T) {
	for _, tc := range []struct {
		name, stdin string
		args        []string
		code        int
		says        string
	}{
		{"a good one", " my-own-token-of-the-app\n", []string{"app", "--own"}, 0, "The token app is in the secret"},
		{"too short", "short", []string{"app", "--own"}, 2, "at least 16 characters"},
		{"two lines", "my-own-token-of-the-app\nx", []string{"app", "--own"}, 2, "only A-Z a-z 0-9"},
		{"HelpCrunch's key", longKey, []string{"app", "--own"}, 1, "nothing was changed: the token app is HelpCrunch's own key"},
		{"one that is there", oldToken, []string{"app", "--own"}, 1, "nothing was changed: this token is in the secret already, as crm"},
		{"a name that is there", "", []string{"crm"}, 1, "nothing was changed: a token named crm is in the secret already"},
		{"a bad name", "", []string{"the app"}, 2, "a token's name has only"},
		{"no name", "", nil, 2, `expected "<name>"`},
		{"as an argument", "", []string{"app", longKey}, 2, "A token is never an argument"},
		{"as a flag", "", []string{"app", "--token=" + longKey}, 2, "A token is never an argument"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			withTokens(t, `{"crm": "`+oldToken+`"}`, func(t *testing.T, w *world) {
				w.rotate(t, `{"apiKey": "`+longKey+`"}`)
				got := w.ops(t.Context(), tc.stdin, onStack(append([]string{"token", "add"}, tc.args...)...)...)
				got.check(t, tc.code, tc.says)
				if strings.Contains(got.out+got.err, "my-own-token") || strings.Contains(got.out+got.err, longKey) || strings.Contains(got.out+got.err, oldToken) {
					t.Errorf("a secret is shown: %+v", got)
				}
				if want := map[int]int{0: 2}[tc.code]; tc.code != 0 && len(w.tokens(t)) != 1 || tc.code == 0 && len(w.tokens(t)) != want {
					t.Errorf("%v", w.tokens(t))
				}
			})
		})
	}
}

const longKey = "helpcrunch-key-as-long-as-a-token"

func TestTokenList(t *testing.T) {
	withTokens(t, `{"crm": "`+oldToken+`", "app`+"\u009b2J"+`": "another-token-of-16"}`, func(t *testing.T, w *world) {
		got := w.ops(t.Context(), "", onStack("token", "list")...)
		got.check(t, 0)
		checkShown(t, got.out)
		if got.out != "crm\napp\ufffd2J\n" {
			t.Errorf("%q", got.out)
		}
		var names []string
		w.ops(t.Context(), "", onStack("token", "list", "--json")...).read(t, &names)
		if !slices.Equal(names, []string{"crm", "app\u009b2J"}) {
			t.Errorf("%q", names)
		}
		w.rotate(t, oldToken)
		w.ops(t.Context(), "", onStack("token", "list")...).check(t, 1, "the token crm is HelpCrunch's own key")
		w.setTokens(t, "# the token of the CRM\n"+oldToken)
		w.ops(t.Context(), "", onStack("token", "list")...).check(t, 1, "line 1 of the secret with the caller tokens is no token")
	})
	withTokens(t, "", func(t *testing.T, w *world) {
		w.ops(t.Context(), "", onStack("token", "list")...).check(t, 0, "There are no tokens: nobody is let in.")
	})
}

func TestTokenRemove(t *testing.T) {
	both := `{"crm": "` + oldToken + `", "app": "another-token-of-16"}`
	last := `{"crm": "` + oldToken + `"}`
	for _, tc := range []struct {
		name, content, typed string
		args                 []string
		code                 int
		says                 string
		left                 []string
	}{
		{"one of two", both, "", []string{"crm"}, 0, "The token crm is removed. It counts for 60 s more at most.", []string{"app"}},
		{"as JSON", both, "", []string{"crm", "--json"}, 0, `{"countsForSeconds":60,"name":"crm"}`, []string{"app"}},
		{"one that is not there", both, "", []string{"web"}, 1, "there is no token of this name", []string{"crm", "app"}},
		{"the last", last, "", []string{"crm"}, 1, "this is the last token", []string{"crm"}},
		{"the last, asked twice", last, "", []string{"crm", "--last"}, 0, "is removed", []string{}},
		{"the last, typed", last, "crm", []string{"crm"}, 0, "is removed", []string{}},
		{"the last, mistyped", last, "yes", []string{"crm"}, 1, "nothing was changed", []string{"crm"}},
		{"of a token a line", oldToken + "\nanother-token-of-16", "", []string{"token-2"}, 0, "is removed", []string{"token-1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			withTokens(t, tc.content, func(t *testing.T, w *world) {
				w.answer = tc.typed
				w.ops(t.Context(), "", onStack(append([]string{"token", "remove"}, tc.args...)...)...).check(t, tc.code, tc.says)
				if got := w.tokens(t).Names(); !slices.Equal(got, tc.left) {
					t.Errorf("%v are left", got)
				}
			})
		})
	}
}

func TestTokensOfAStackThatChecksNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		w.ops(t.Context(), "", onStack("token", "list")...).check(t, 1, "the stack mark-read has Authorization IAM: it checks no tokens. Deploy it with Authorization=TOKEN first")
		w.ops(t.Context(), "", "token", "list", "--queue-url", w.Marks).check(t, 2, "name the stack with --stack, or give --token-secret-id")
		w.ops(t.Context(), "", onStack("token", "add", "x", "--token-secret-id", "the-secret")...).check(t, 2, "is the one with HelpCrunch's key")
		w.ops(t.Context(), "", onStack("token", "add", "x", "--token-secret-id", "no-secret")...).check(t, 1, "there is no such thing")
	})
}
