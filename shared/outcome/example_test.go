package outcome_test

import (
	"fmt"
	"time"

	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/outcome"
)

func ExampleDecide() {
	v := outcome.Decide(outcome.Evidence{Answer: &helpcrunch.Answer{Status: 429, RetryAfter: 17 * time.Second}})
	fmt.Println(v.Outcome, v.HTTPStatus, v.Queue, v.RetryAfter)

	v = outcome.Decide(outcome.Evidence{Err: &helpcrunch.NoAnswerError{Reason: "the connection was refused"}})
	fmt.Println(v.Outcome, v.HTTPStatus, v.Queue, "-", v.Reason)
	// Output:
	// rate_limited 429 hold 17s
	// unavailable 502 hold - the connection was refused
}
