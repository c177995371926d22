// Package sqsbatch makes SQS's batch calls as an operator needs them: ten entries and 1 MiB a call, what failed in part
// is tried again, and every entry has a result of its own.
package sqsbatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// SQS's limits on one batch call.
const (
	Most      = 10
	MostBytes = 1 << 20 // of bodies and attributes together
)

const (
	// tries is how often an entry is tried when SQS says that the failure is its own.
	tries = 4
	// firstWait is the pause before the second try; it doubles.
	firstWait = 200 * time.Millisecond
	// callWithin bounds one call, the SDK's own retries included.
	callWithin = 30 * time.Second
)

// EntryError is SQS's word on one entry of a batch. It is a smithy.APIError, so that it is explained as any other.
type EntryError struct {
	Code, Message string
	Sender        bool // the entry itself is wrong: trying again does not help
}

func (e *EntryError) Error() string { return fmt.Sprintf("%s: %s", e.Code, e.Message) }

// ErrorCode is SQS's code, such as InvalidMessageContents.
func (e *EntryError) ErrorCode() string { return e.Code }

// ErrorMessage is SQS's own text.
func (e *EntryError) ErrorMessage() string { return e.Message }

// ErrorFault says whose fault it is.
func (e *EntryError) ErrorFault() smithy.ErrorFault {
	if e.Sender {
		return smithy.FaultClient
	}
	return smithy.FaultServer
}

func entryError(e types.BatchResultErrorEntry) *EntryError {
	return &EntryError{Code: aws.ToString(e.Code), Message: aws.ToString(e.Message), Sender: e.SenderFault}
}

// errUnanswered is for an entry that SQS neither confirmed nor refused.
var errUnanswered = errors.New("SQS did not say whether it did it")

// answer is what SQS says of the entries of one call, by their ids.
type answer struct {
	done   []*string
	failed []types.BatchResultErrorEntry
}

// call makes one batch call for the entries with these numbers.
type call func(ctx context.Context, numbers []int) (answer, error)

// each makes the calls until every one of n entries has its result: nil, an *EntryError, or the error of the whole call, after
// which whether SQS did it is not known. A call under way is finished even when ctx ends, so that stopping a command
// leaves nothing unknown; no new one is started.
func each(ctx context.Context, n int, do call) []error {
	results := make([]error, n)
	left := make([]int, n)
	for i := range left {
		left[i] = i
	}
	wait := firstWait
	for try := 1; len(left) > 0; try++ {
		left = once(ctx, left, results, do)
		if try == tries || len(left) == 0 {
			break
		}
		select {
		case <-time.After(wait):
			wait *= 2
		case <-ctx.Done():
			return results
		}
	}
	return results
}

// once makes one call, writes the results, and returns the entries that are worth another try.
func once(ctx context.Context, numbers []int, results []error, do call) (again []int) {
	if ctx.Err() != nil {
		set(results, numbers, ctx.Err())
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callWithin)
	defer cancel()
	said, err := do(ctx, numbers)
	if err != nil {
		set(results, numbers, err)
		return nil // the SDK has tried again already
	}
	set(results, numbers, errUnanswered)
	for _, id := range said.done {
		if i, ok := number(id, len(results)); ok {
			results[i] = nil
		}
	}
	for _, f := range said.failed {
		i, ok := number(f.Id, len(results))
		if !ok {
			continue
		}
		reason := entryError(f)
		results[i] = reason
		if !reason.Sender {
			again = append(again, i)
		}
	}
	return again
}

func set(results []error, numbers []int, err error) {
	for _, i := range numbers {
		results[i] = err
	}
}
