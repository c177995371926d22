package deadletters_test

import (
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	localsqs "helpcrunch-mark-read/local/sqs"
	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/opstest"
)

// An answer that is lost on the way leaves its dead letters out of sight, and is not taken for somebody else's look.
func TestALostAnswerIsNotSomebodyElse(t *testing.T) {
	throttled := &localsqs.Error{Status: http.StatusBadRequest, Type: "com.amazonaws.sqs#RequestThrottled", Code: "RequestThrottled", Message: "slower"}
	for _, tc := range []struct {
		name            string
		fault           error // of the first receive, as SQS answers it
		cut             bool  // its answer is cut off
		lost, elsewhere int
	}{
		{"all answers arrive", nil, false, 0, 0},
		{"one is cut off", nil, true, 1, 10},
		{"SQS fails after it has done it", localsqs.ErrLoseAnswer, false, 1, 10},
		{"SQS refuses once", throttled, false, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := opstest.New(t, false)
				q.AddDead(t, deadLettersOf(map[int64]int{1: 30})...)
				var first sync.Once
				q.Server.SetFault(func(c localsqs.Call) (fault error) {
					if c.Action == "ReceiveMessage" && !tc.cut {
						first.Do(func() { fault = tc.fault })
					}
					return fault
				})
				config := q.Config
				config.HTTPClient = aws.HTTPClient(httpClient(func(r *http.Request) (*http.Response, error) {
					response, err := q.Config.HTTPClient.Do(r)
					if err == nil && tc.cut && r.Header.Get("X-Amz-Target") == "AmazonSQS.ReceiveMessage" {
						first.Do(func() {
							response.Body.Close()
							response, err = nil, &net.OpError{Op: "read", Err: syscall.ECONNRESET}
						})
					}
					return response, err
				}))
				config.RetryMaxAttempts = 3
				box := deadletters.Open(t.Context(), sqs.NewFromConfig(config), q.Dead)
				defer box.Close(t.Context())
				summary, unseen, err := list(t.Context(), box)
				if err != nil || summary.Count != 30-tc.elsewhere || unseen.Elsewhere != tc.elsewhere || unseen.Lost != tc.lost {
					t.Errorf("%d dead letters, %+v, %v", summary.Count, unseen, err)
				}
			})
		})
	}
}

type httpClient func(*http.Request) (*http.Response, error)

func (do httpClient) Do(r *http.Request) (*http.Response, error) { return do(r) }

// The second try for a lost answer names the same receive, so that a FIFO queue of SQS's returns the same messages again.
func TestARetriedReceiveNamesTheSameAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, fifo := range []bool{true, false} {
			q := opstest.New(t, fifo)
			var attempts []string
			box := deadletters.Open(t.Context(), sqs.NewFromConfig(opstest.Intercept(q.Config, func(in any, call func() (any, error)) (any, error) {
				if receive, ok := in.(*sqs.ReceiveMessageInput); ok {
					attempts = append(attempts, aws.ToString(receive.ReceiveRequestAttemptId))
				}
				return call()
			})), q.Dead)
			if _, _, err := list(t.Context(), box); err != nil {
				t.Fatal(err)
			}
			box.Close(t.Context())
			if len(attempts) == 0 || (attempts[0] != "") != fifo {
				t.Errorf("FIFO %t: attempt ids %q", fifo, attempts)
			}
			seen := map[string]bool{}
			for _, id := range attempts {
				if id != "" && seen[id] {
					t.Errorf("two receives have the id %s: the second would return what the first did", id)
				}
				seen[id] = true
			}
		}
	})
}
