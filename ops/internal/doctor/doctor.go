// Package doctor walks the whole chain from the stack to HelpCrunch and says what is wrong in plain words. It changes
// nothing; the one call to HelpCrunch reads the list of agents.
package doctor

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/ops/internal/explain"
	"helpcrunch-mark-read/ops/internal/stack"
)

// Status is how a finding is to be taken.
type Status string

// From harmless to bad. Unknown is for what could not be looked at: it may be bad.
const (
	OK      Status = "ok"
	Skipped Status = "skipped"
	Warning Status = "warning"
	Unknown Status = "unknown"
	Problem Status = "problem"
)

// Finding is what one check found.
type Finding struct {
	Check  string `json:"check"`
	Status Status `json:"status"`
	Says   string `json:"says"`
	Do     string `json:"do,omitempty"` // what to do about it
}

// Bad says whether somebody must look at it.
func (f Finding) Bad() bool { return f.Status == Problem || f.Status == Unknown }

// Doctor has all that the checks look at. Stack is nil when the queues were named one by one; an empty id or URL makes the
// checks that need it skip.
type Doctor struct {
	AWS           aws.Config
	HelpCrunch    http.RoundTripper
	Stack         *stack.Stack
	QueueURL      string
	DeadLetterURL string
	SecretID      string
	TokenSecretID string
	BaseURL       string
}

func (d *Doctor) sqs() *sqs.Client { return sqs.NewFromConfig(d.AWS) }

// check looks at one thing. What an earlier check has read is in seen.
type check struct {
	name  string
	look  func(context.Context, *Doctor, *seen) Finding
	needs []need
}

// need is what a check is skipped without, and what is said then.
type need struct {
	met   func(*Doctor, *seen) bool
	lacks string
}

const (
	needsStack  = "needs --stack"
	needsQueues = "the queues can't be read, see above"
)

var (
	aStack           = need{func(d *Doctor, _ *seen) bool { return d.Stack != nil }, needsStack}
	aMapping         = need{func(d *Doctor, _ *seen) bool { return d.Stack.Outputs[stack.EventSourceMappingID] != "" }, needsStack}
	aRate            = need{func(d *Doctor, _ *seen) bool { return d.Stack.Parameter(stack.RequestsPerMinute) > 0 }, needsStack}
	aQueue           = need{func(_ *Doctor, s *seen) bool { return s.queue != nil }, needsQueues}
	aDeadLetterQueue = need{func(_ *Doctor, s *seen) bool { return s.deadLetters != nil }, needsQueues}
	aKey             = need{func(_ *Doctor, s *seen) bool { return s.key != "" }, "there is no key to try, see above"}
)

// checks are made in this order: from the ground up, so that the first problem is most likely the cause of the later ones.
var checks = []check{
	{"stack", checkStack, []need{aStack}},
	{"queue", checkQueue, nil},
	{"dead-letter queue", checkDeadLetterQueue, nil},
	{"queue wiring", checkWiring, []need{aQueue, aDeadLetterQueue}},
	{"functions/http", checkHTTPFunction, []need{aStack}},
	{"functions/queue", checkQueueFunction, []need{aStack}},
	{"pause", checkPause, []need{aStack, aMapping}},
	{"event source mapping", checkMapping, []need{aStack}},
	{"secret", checkSecret, nil},
	{"key", checkKey, []need{aKey}},
	{"caller tokens", checkTokens, nil},
	{"open routes", checkOpenings, []need{aStack}},
	{"rate budget", checkRate, []need{aStack, aRate}},
	{"waiting marks", checkWaiting, []need{aQueue}},
	{"oldest mark", checkOldest, []need{aStack, aQueue}},
	{"dead letters", checkDeadLetters, []need{aDeadLetterQueue}},
	{"alarm subscription", checkSubscription, []need{aStack}},
	{"alarms", checkAlarms, []need{aStack}},
}

// Examine makes all checks; report is called with each finding as it is made.
func (d *Doctor) Examine(ctx context.Context, report func(Finding)) []Finding {
	var findings []Finding
	seen := &seen{}
	for _, c := range checks {
		if ctx.Err() != nil {
			break
		}
		var finding Finding
		if i := slices.IndexFunc(c.needs, func(n need) bool { return !n.met(d, seen) }); i >= 0 {
			finding = skipped(c.needs[i].lacks)
		} else {
			finding = c.look(ctx, d, seen)
		}
		finding.Check = c.name
		findings = append(findings, finding)
		report(finding)
	}
	return findings
}

func ok(format string, args ...any) Finding {
	return Finding{Status: OK, Says: fmt.Sprintf(format, args...)}
}

func skipped(why string) Finding { return Finding{Status: Skipped, Says: why} }

func warning(says, do string) Finding { return Finding{Status: Warning, Says: says, Do: do} }

func problem(says, do string) Finding { return Finding{Status: Problem, Says: says, Do: do} }

// unknown is for a look that AWS did not allow or answer.
func unknown(err error) Finding { return Finding{Status: Unknown, Says: explain.Sentence(err)} }
