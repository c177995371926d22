package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/ops/internal/opstest"
)

const newKey = "a-new-key-that-nobody-may-see"

func (w *world) content(t *testing.T) string {
	t.Helper()
	got, err := secretsmanager.NewFromConfig(w.Config).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("the-secret")})
	if err != nil {
		t.Fatal(err)
	}
	return string(got.SecretBinary) + aws.ToString(got.SecretString)
}

func fault(kind simulator.Kind) func(*testing.T, *world) {
	f := simulator.Fault{Kind: kind}
	if kind == simulator.Redirect {
		f.Location = "http://elsewhere.local/"
	}
	return setFault(f)
}

func setFault(f simulator.Fault) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		if err := w.helpCrunch.SetFaults(f); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKeySet(t *testing.T) {
	before := `{"apiKey":"` + theKey + `","note":"kept"}`
	for _, tc := range []struct {
		name    string
		prepare func(*testing.T, *world)
		stdin   string
		args    []string
		code    int
		says    string
		content string
	}{
		{"into a JSON object", nil, newKey + "\n", nil, 0, "The key is in the secret.", `{"apiKey":"` + newKey + `","note":"kept"}`},
		{"into a plain string", func(t *testing.T, w *world) { w.rotate(t, "old") }, "\ufeff " + newKey + "\r\n", nil, 0, "The key is in the secret.", newKey},
		{"into a binary secret", func(t *testing.T, w *world) {
			if _, err := w.secrets.SetBinary("the-secret", []byte("old")); err != nil {
				t.Fatal(err)
			}
		}, newKey, nil, 0, "The key is in the secret.", newKey},
		{"into the console's key and value", func(t *testing.T, w *world) { w.rotate(t, `{"HELPCRUNCH_API_KEY": "old"}`) }, newKey, nil, 0, "The key is in the secret.", `{"HELPCRUNCH_API_KEY":"` + newKey + `"}`},
		{"beside another member", func(t *testing.T, w *world) { w.rotate(t, `{"z": 1, "password": "p"}`) }, newKey, nil, 0, "The key is in the secret.", `{"z":1,"password":"p","apiKey":"` + newKey + `"}`},
		{"with apiKey twice", func(t *testing.T, w *world) { w.rotate(t, `{"apiKey":"a","apiKey":"b"}`) }, newKey, nil, 1, "put it right by hand", `{"apiKey":"a","apiKey":"b"}`},
		{"the same key", nil, theKey, nil, 0, "The secret held this key already.", before},
		{"the same key, written over lines", func(t *testing.T, w *world) { w.rotate(t, "{\n  \"apiKey\": \""+theKey+"\"\n}\n") }, theKey, nil, 0, "The secret held this key already.", "{\n  \"apiKey\": \"" + theKey + "\"\n}\n"},
		{"a key that HelpCrunch rejects", nil, "wrong-key-value", nil, 1, "nothing was changed: HelpCrunch rejects the key (status 401)", before},
		{"a 400 that means the key", fault(simulator.BadRequestUnauthorized), newKey, nil, 1, "HelpCrunch rejects the key (status 400)", before},
		{"HelpCrunch is down", fault(simulator.Unavailable), newKey, nil, 1, "nothing was changed: the key could not be proved: HelpCrunch is not available (status 503)", before},
		{"HelpCrunch hangs", fault(simulator.Hang), newKey, nil, 1, "HelpCrunch can't be reached at helpcrunch.local", before},
		{"the connection breaks", fault(simulator.BrokenBeforeHeaders), newKey, nil, 1, "HelpCrunch can't be reached at helpcrunch.local", before},
		{"the account's limit is used up", fault(simulator.TooManyRequests), newKey, nil, 1, "limit of requests is used up", before},
		{"the limit, as a 400", fault(simulator.BadRequestTooManyRequests), newKey, nil, 1, "limit of requests is used up", before},
		{"a login page", fault(simulator.HTML), newKey, nil, 1, "what answers at helpcrunch.local is not HelpCrunch's API (status 200)", before},
		{"a page that refuses", setFault(simulator.Fault{Kind: simulator.HTML, Status: 403}), newKey, nil, 1, "is not HelpCrunch's API (status 403)", before},
		{"a redirect", fault(simulator.Redirect), newKey, nil, 1, "is not HelpCrunch's API (status 307)", before},
		{"no key at all", nil, "\n", nil, 2, "this is no key: the secret is empty", before},
		{"two lines", nil, "one\ntwo", nil, 2, "this is no key", before},
		{"as an argument", nil, "", []string{newKey}, 2, "The key is never an argument", before},
		{"a broken secret", func(t *testing.T, w *world) { w.rotate(t, `{"apiKey":`) }, newKey, nil, 1, "put it right by hand", `{"apiKey":`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, true)
				if err := w.helpCrunch.AcceptKey(newKey); err != nil {
					t.Fatal(err)
				}
				if tc.prepare != nil {
					tc.prepare(t, w)
				}
				got := w.ops(t.Context(), tc.stdin, append(onStack("key", "set"), tc.args...)...)
				if got.code != tc.code || !strings.Contains(got.err, tc.says) {
					t.Errorf("exit code %d, %q; want %d, %q", got.code, got.err, tc.code, tc.says)
				}
				if now := w.content(t); now != tc.content {
					t.Errorf("the secret holds %q, want %q", now, tc.content)
				}
				for _, key := range []string{newKey, theKey, "wrong-key-value"} {
					if strings.Contains(got.out+got.err, key) {
						t.Errorf("the key is shown: %+v", got)
					}
				}
			})
		})
	}
}

func (w *world) rotate(t *testing.T, content string) {
	t.Helper()
	if err := w.secrets.Rotate("the-secret", content); err != nil {
		t.Fatal(err)
	}
}

func TestKeySetIntoAnEmptySecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		if _, err := w.secrets.Create("new-secret"); err != nil {
			t.Fatal(err)
		}
		got := w.ops(t.Context(), theKey, "key", "set", "--secret-id", "new-secret", "--base-url", "https://helpcrunch.local/v1")
		if got.code != 0 {
			t.Errorf("%+v", got)
		}
		if got := w.ops(t.Context(), theKey, "key", "set", "--secret-id", "no-secret", "--base-url", "https://helpcrunch.local/v1"); got.code != 1 || !strings.Contains(got.err, "there is no such thing") {
			t.Errorf("a secret that does not exist: %+v", got)
		}
	})
}

// The command watches until the queue is empty, or its time is over.
func TestKeySetWatchesTheQueueDrain(t *testing.T) {
	for _, tc := range []struct {
		name   string
		drains time.Duration
		says   string
		took   time.Duration // at most
	}{
		{"it drains", 7 * time.Minute, "The queue is empty", 8 * time.Minute},
		{"it does not", time.Hour, "About 1 mark is still on the queue.", 10 * time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, true)
				_, err := w.Client.SendMessage(t.Context(), &sqs.SendMessageInput{
					QueueUrl: aws.String(w.Marks), MessageBody: aws.String("x"), MessageGroupId: aws.String("1"), MessageDeduplicationId: aws.String("1"),
				})
				if err != nil {
					t.Fatal(err)
				}
				draining := time.AfterFunc(tc.drains, func() {
					emptyMarks(t, w.Queues)
				})
				defer draining.Stop()
				start := time.Now()
				got := w.ops(t.Context(), theKey, append(onStack("key", "set"), "--watch", "10m")...)
				if took := time.Since(start); got.code != 0 || !strings.Contains(got.err, tc.says) || took > tc.took {
					t.Errorf("after %s: %+v", took, got)
				}
			})
		})
	}
}

func TestDoctorEndsWithItsOwnCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		queues := []string{"doctor", "--queue-url", w.Marks, "--dead-letter-queue-url", w.Dead, "--secret-id", "the-secret", "--base-url", "https://helpcrunch.local/v1"}
		if got := w.ops(t.Context(), "", queues...); got.code != 0 || !strings.Contains(got.out, "ok       key                  HelpCrunch accepts it") ||
			strings.Count(got.out, "skipped") != 1 || !strings.Contains(got.out, "\nskipped  stack, functions/http, ") {
			t.Errorf("all is well: %+v", got)
		}
		w.AddDead(t, deadLetters()...)
		if got := w.ops(t.Context(), "", queues...); got.code != 3 || !strings.Contains(got.out, "5 marks were not made") {
			t.Errorf("dead letters: %+v", got)
		}
		var findings []struct{ Check, Status string }
		got := w.ops(t.Context(), "", append(queues, "--json")...)
		if got.read(t, &findings); got.code != 3 || len(findings) != 18 {
			t.Errorf("as JSON: %+v", got)
		}
	})
}

// A key is never sent in clear text, except on this machine; nobody is even asked for it.
func TestKeySetRefusesPlainHTTP(t *testing.T) {
	for _, tc := range []struct {
		baseURL string
		code    int
		says    string
	}{
		{"http://api.helpcrunch.com/v1", 2, `the key is not sent to "http://api.helpcrunch.com/v1": it does not begin with https://`},
		{"http://10.0.0.1/v1", 2, "clear text"},
		{"http://127.0.0.1.example.com/v1", 2, "clear text"},
		{"http://localhost.example.com/v1", 2, "clear text"},
		{"api.helpcrunch.com/v1", 2, "it is no URL"},
		{"ftp://127.0.0.1/v1", 2, "does not begin with https://"},
		{"http://127.0.0.1:8090/v1", 0, "The secret held this key already."},
		{"http://localhost:8090/v1/", 0, "The secret held this key already."},
		{"http://[::1]:8090/v1", 0, "The secret held this key already."},
		{"https://helpcrunch.example/v1", 0, "The secret held this key already."},
	} {
		t.Run(tc.baseURL, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, true)
				got := w.ops(t.Context(), theKey, onStack("key", "set", "--watch", "0", "--base-url", tc.baseURL)...)
				if got.code != tc.code || !strings.Contains(got.err, tc.says) {
					t.Errorf("exit code %d, want %d and %q: %+v", got.code, tc.code, tc.says, got)
				}
			})
		})
	}
}

// Without a terminal there is a line a minute, so that nobody takes the command for dead.
func TestKeySetReportsProgressWithoutATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		for _, id := range []string{"1", "2", "3"} {
			_, err := w.Client.SendMessage(t.Context(), &sqs.SendMessageInput{
				QueueUrl: aws.String(w.Marks), MessageBody: aws.String("x"), MessageGroupId: aws.String(id), MessageDeduplicationId: aws.String(id),
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		draining := time.AfterFunc(150*time.Second, func() {
			emptyMarks(t, w.Queues)
		})
		defer draining.Stop()
		got := w.ops(t.Context(), theKey, onStack("key", "set")...)
		if got.code != 0 || !strings.Contains(got.err, "Watching the queue drain, for 20m0s at most.") || strings.Count(got.err, "0 of about 3 marks drained.\n") != 2 {
			t.Errorf("%+v", got)
		}
	})
}

// A secret that is named by its ARN is asked for where that says it is.
func TestASecretOfAnotherRegionIsAskedThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		var regions []string
		w.refuse = func(_ http.ResponseWriter, r *http.Request) bool {
			if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "secretsmanager.") {
				regions = append(regions, strings.Split(r.Header.Get("Authorization"), "/")[2])
			}
			return false
		}
		const elsewhere = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:the-secret-AbCdEf"
		_ = w.ops(t.Context(), theKey, onStack("key", "set", "--watch", "0", "--secret-id", elsewhere)...)
		_ = w.ops(t.Context(), "", onStack("doctor", "--secret-id", elsewhere)...)
		if len(regions) < 2 || len(slices.Compact(regions)) != 1 || regions[0] != "eu-west-1" {
			t.Errorf("asked in %v", regions)
		}
	})
}

// emptyMarks deletes every message on the queue of marks that is not in flight.
func emptyMarks(t testing.TB, q *opstest.Queues) {
	for {
		output, err := q.Client.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(q.Marks), MaxNumberOfMessages: 10})
		if err != nil {
			t.Error(err)
		}
		if err != nil || len(output.Messages) == 0 {
			return
		}
		for _, m := range output.Messages {
			if _, err := q.Client.DeleteMessage(context.Background(), &sqs.DeleteMessageInput{QueueUrl: aws.String(q.Marks), ReceiptHandle: m.ReceiptHandle}); err != nil {
				t.Error(err)
			}
		}
	}
}
