package sqsbatch_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/ops/internal/sqsbatch"
)

// answers is an SQS that returns one prepared answer after another.
type answers struct {
	list  []answer
	asked [][]string // the ids of each call
}

type answer struct {
	done, late, wrong []string // ids
	err               error
}

// client is a client of it.
func (a *answers) client() *sqs.Client {
	return sqs.NewFromConfig(opstest.Intercept(opstest.Config("https://sqs.example", http.DefaultClient), func(in any, _ func() (any, error)) (any, error) {
		return a.next(in.(*sqs.SendMessageBatchInput))
	}))
}

func (a *answers) next(in *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
	var ids []string
	for _, e := range in.Entries {
		ids = append(ids, aws.ToString(e.Id))
	}
	a.asked = append(a.asked, ids)
	now := a.list[min(len(a.asked), len(a.list))-1]
	var output sqs.SendMessageBatchOutput
	for _, id := range now.done {
		output.Successful = append(output.Successful, types.SendMessageBatchResultEntry{Id: aws.String(id)})
	}
	for _, id := range now.late {
		output.Failed = append(output.Failed, types.BatchResultErrorEntry{Id: aws.String(id), Code: aws.String("InternalError")})
	}
	for _, id := range now.wrong {
		output.Failed = append(output.Failed, types.BatchResultErrorEntry{Id: aws.String(id), Code: aws.String("InvalidMessageContents"), SenderFault: true})
	}
	return &output, now.err
}

func TestSend(t *testing.T) {
	broken := errors.New("broken")
	for _, tc := range []struct {
		name    string
		answers []answer
		asked   [][]string
		failed  []int // the entries of three that have an error in the end
	}{
		{"all at once", []answer{{done: []string{"0", "1", "2"}}}, [][]string{{"0", "1", "2"}}, nil},
		{"a late one is tried again, alone", []answer{{done: []string{"0", "2"}, late: []string{"1"}}, {done: []string{"1"}}}, [][]string{{"0", "1", "2"}, {"1"}}, nil},
		{"a late one is not tried for ever", []answer{{done: []string{"0", "2"}, late: []string{"1"}}, {late: []string{"1"}}}, [][]string{{"0", "1", "2"}, {"1"}, {"1"}, {"1"}}, []int{1}},
		{"a wrong one is not tried again", []answer{{done: []string{"0", "2"}, wrong: []string{"1"}}}, [][]string{{"0", "1", "2"}}, []int{1}},
		{"one that is not answered did not succeed", []answer{{done: []string{"0"}, wrong: []string{"1"}}}, [][]string{{"0", "1", "2"}}, []int{1, 2}},
		{"ids that were never given", []answer{{done: []string{"0", "1", "2"}, late: []string{"3", "-1", "x"}}}, [][]string{{"0", "1", "2"}}, nil},
		{"the whole call fails", []answer{{err: broken}}, [][]string{{"0", "1", "2"}}, []int{0, 1, 2}},
		{"the second call fails", []answer{{done: []string{"0", "2"}, late: []string{"1"}}, {err: broken}}, [][]string{{"0", "1", "2"}, {"1"}}, []int{1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := &answers{list: tc.answers}
				var failed []int
				_, results := sqsbatch.Send(t.Context(), api.client(), "queue", make([]types.SendMessageBatchRequestEntry, 3))
				for i, err := range results {
					if err != nil {
						failed = append(failed, i)
					}
				}
				if !slices.Equal(failed, tc.failed) || !slices.EqualFunc(api.asked, tc.asked, slices.Equal) {
					t.Errorf("asked %v, failed %v; want %v and %v", api.asked, failed, tc.asked, tc.failed)
				}
			})
		})
	}
}

func TestNothingStartsAfterAStop(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	api := &answers{list: []answer{{done: []string{"0"}}}}
	_, results := sqsbatch.Send(ctx, api.client(), "queue", make([]types.SendMessageBatchRequestEntry, 1))
	if !errors.Is(results[0], context.Canceled) || len(api.asked) != 0 {
		t.Errorf("results %v after %d calls", results, len(api.asked))
	}
}
