package doctor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"helpcrunch-mark-read/ops/internal/bulk"
	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/metrics"
	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/ops/internal/terminal"
)

func checkWaiting(ctx context.Context, d *Doctor, s *seen) Finding {
	counts, err := deadletters.Count(ctx, d.SQS, d.QueueURL)
	if err != nil {
		return unknown(err)
	}
	says := fmt.Sprintf("about %d wait, and %d are being worked on or held", counts.Visible+counts.Delayed, counts.InFlight)
	if d.RequestsPerMinute == 0 {
		return ok("%s", says)
	}
	estimate := bulk.Estimate{Waiting: counts.Total(), PerMinute: d.RequestsPerMinute}
	limits := bulk.Limits{Window: d.Stack.RetryWindow(), Retention: counts.Retention}
	if late := limits.Warning(estimate.Duration()); late != "" {
		return warning(fmt.Sprintf("%s: at %s a minute the last is made in about %s, %s", says, terminal.Count(d.RequestsPerMinute, "call"), estimate.Duration().Round(time.Minute), late),
			"raise RequestsPerMinute if the account's limit allows it")
	}
	return ok("%s", says)
}

func checkOldest(ctx context.Context, d *Doctor, s *seen) Finding {
	age, known, err := metrics.Oldest(ctx, d.CloudWatch, d.QueueURL[strings.LastIndexByte(d.QueueURL, '/')+1:])
	if err != nil {
		return unknown(err)
	}
	if !known {
		return ok("the queue was empty in the last minutes, as far as CloudWatch knows")
	}
	says := fmt.Sprintf("the oldest mark has waited for %s", age.Round(time.Second))
	if limit := number(d.Stack.Parameters[stack.OldestMarkSeconds]); limit > 0 && age >= time.Duration(limit)*time.Second {
		if s.stopped {
			return warning(says+", as the queue is stopped", "see the pause above")
		}
		return problem(says, "see docs/operations.md, oldest mark")
	}
	return ok("%s", says)
}

// checkDeadLetters looks at every dead letter: they are out of sight meanwhile, so their alarm may go off and on again.
func checkDeadLetters(ctx context.Context, d *Doctor, s *seen) Finding {
	box := deadletters.Open(ctx, d.SQS, d.DeadLetterURL)
	defer box.Close(ctx)
	summary, unseen, err := deadletters.List(ctx, box, deadletters.Filter{}, func(int) {})
	switch {
	case err != nil:
		return unknown(err)
	case summary.Count == 0 && unseen.Behind == 0 && unseen.Elsewhere == 0:
		return ok("there are none")
	}
	return problem(describe(summary, unseen), "ops dead list; fix the cause; ops dead redrive")
}

func describe(summary deadletters.Summary, unseen deadletters.Unseen) string {
	says := terminal.CountWas(summary.Count, "mark") + " not made"
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

// number is 0 for what is no number.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
