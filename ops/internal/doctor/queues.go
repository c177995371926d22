package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/bulk"
	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/overview"
	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/ops/internal/terminal"
)

// seen is what the checks have read so far; nil where it could not be read.
type seen struct {
	queue, deadLetters map[string]string // attributes
	queueFunction      *lambda.GetFunctionConfigurationOutput
	key                string
	stopped            bool // by somebody or by a pause, as the check of the pause reports
}

const deploy = "deploy the stack again; its template sets this"

const fewReceives = 200 // a maxReceiveCount at which SQS itself may well move marks before the function decides

func checkQueue(ctx context.Context, d *Doctor, s *seen) (f Finding) {
	s.queue, f = attributes(ctx, d, d.QueueURL)
	return f
}

func checkDeadLetterQueue(ctx context.Context, d *Doctor, s *seen) (f Finding) {
	s.deadLetters, f = attributes(ctx, d, d.DeadLetterURL)
	return f
}

func attributes(ctx context.Context, d *Doctor, queueURL string) (map[string]string, Finding) {
	output, err := d.sqs().GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(queueURL), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return nil, unknown(err)
	}
	kind := "standard"
	if output.Attributes["FifoQueue"] == "true" {
		kind = "FIFO"
	}
	return output.Attributes, ok("%s is there (%s)", path.Base(queueURL), kind)
}

func checkWiring(_ context.Context, d *Doctor, s *seen) Finding {
	var redrive struct {
		DeadLetterTargetARN string      `json:"deadLetterTargetArn"`
		MaxReceiveCount     json.Number `json:"maxReceiveCount"` // SQS writes a number, some tools a string
	}
	_ = json.Unmarshal([]byte(s.queue["RedrivePolicy"]), &redrive)
	receives, _ := strconv.Atoi(strings.Trim(string(redrive.MaxReceiveCount), `"`))
	switch {
	case redrive.DeadLetterTargetARN == "":
		return problem("the queue has no redrive policy: a mark on which the function crashes again and again never becomes a dead letter", deploy)
	case redrive.DeadLetterTargetARN != s.deadLetters["QueueArn"]:
		return problem("the queue's redrive policy names another dead-letter queue: "+redrive.DeadLetterTargetARN, deploy)
	case s.queue["FifoQueue"] != s.deadLetters["FifoQueue"]:
		return problem("one of the queues is FIFO and the other is not", deploy)
	case !allows(s.deadLetters["RedriveAllowPolicy"], s.queue["QueueArn"]):
		return problem("the dead-letter queue does not allow this queue (RedriveAllowPolicy)", deploy)
	case s.queue["ContentBasedDeduplication"] == "true":
		return problem("the queue deduplicates by content: of read, unread, read within five minutes the third is swallowed", deploy)
	case receives < fewReceives:
		return warning(fmt.Sprintf("SQS moves a mark to the dead-letter queue after %d receives: held marks are received often and could go there before the retry window is over", receives), deploy)
	}
	return ok("each names the other; SQS itself dead-letters a mark after %d receives", receives)
}

// allows reads a RedriveAllowPolicy; without one every queue is allowed.
func allows(policy, queueARN string) bool {
	if policy == "" {
		return true
	}
	var allow struct {
		RedrivePermission string
		SourceQueueARNs   []string `json:"sourceQueueArns"`
	}
	_ = json.Unmarshal([]byte(policy), &allow)
	return allow.RedrivePermission == "allowAll" || slices.Contains(allow.SourceQueueARNs, queueARN)
}

func checkWaiting(ctx context.Context, d *Doctor, s *seen) Finding {
	counts, err := deadletters.Count(ctx, d.sqs(), d.QueueURL)
	if err != nil {
		return unknown(err)
	}
	says := fmt.Sprintf("about %d wait, and %d are being worked on or held", counts.Visible+counts.Delayed, counts.InFlight)
	rate := d.Stack.Parameter(stack.RequestsPerMinute)
	if rate == 0 {
		return ok("%s", says)
	}
	estimate := bulk.Estimate{Waiting: counts.Total(), PerMinute: rate}
	if late := bulk.TooLate(estimate.Duration(), d.Stack.RetryWindow(), counts.Retention); late != "" {
		return warning(fmt.Sprintf("%s: at %s a minute the last is made in about %s, %s", says, terminal.Count(rate, "call"), estimate.Duration().Round(time.Minute), late),
			"raise RequestsPerMinute if the account's limit allows it")
	}
	return ok("%s", says)
}

func checkOldest(ctx context.Context, d *Doctor, s *seen) Finding {
	age, known, err := overview.Oldest(ctx, d.AWS, d.QueueURL)
	limit := time.Duration(d.Stack.Parameter(stack.OldestMarkSeconds)) * time.Second
	says := fmt.Sprintf("the oldest mark has waited for %s", age.Round(time.Second))
	switch {
	case err != nil:
		return unknown(err)
	case !known:
		return ok("the queue was empty in the last minutes, as far as CloudWatch knows")
	case limit == 0 || age < limit:
		return ok("%s", says)
	case s.stopped:
		return warning(says+", as the queue is stopped", "see the pause above")
	}
	return problem(says, "see docs/operations.md, oldest mark")
}

// checkDeadLetters looks at every dead letter: they are out of sight meanwhile, so their alarm may go off and on again.
func checkDeadLetters(ctx context.Context, d *Doctor, s *seen) Finding {
	box := deadletters.Open(ctx, d.sqs(), d.DeadLetterURL)
	defer box.Close(ctx)
	summary, unseen, err := deadletters.List(ctx, box, deadletters.Filter{})
	switch {
	case err != nil:
		return unknown(err)
	case summary.Count == 0 && unseen.Behind == 0 && unseen.Elsewhere == 0:
		return ok("there are none")
	}
	return problem(describe(summary, unseen), "ops dead list; fix the cause; ops dead redrive")
}

func describe(summary deadletters.Summary, unseen deadletters.Unseen) string {
	says := terminal.Count(summary.Count, "mark", "was", "were") + " not made"
	separator := ": "
	byOutcome := summary.ByOutcome()
	for _, outcome := range slices.Sorted(maps.Keys(byOutcome)) {
		says += fmt.Sprintf("%s%s %d", separator, outcome, byOutcome[outcome])
		separator = ", "
	}
	if n := unseen.Behind + unseen.Elsewhere; n > 0 {
		says += fmt.Sprintf("; about %d more could not be looked at", n)
	}
	return says
}
