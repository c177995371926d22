package deadletters

import (
	"crypto/rand"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// attemptID names one receive, so that the SDK's second try returns the messages of an answer that was lost on the way
// instead of leaving them out of sight. Only FIFO queues know such ids.
func (b *Box) attemptID() *string {
	if !b.FIFO() {
		return nil
	}
	return aws.String("ops-" + rand.Text())
}

// lostAnswers counts the attempts of a call after which it is not known whether SQS did what it was asked: those that
// ended without an answer, or with a failure of SQS's own.
func lostAnswers(metadata middleware.Metadata) int {
	attempts, _ := retry.GetAttemptResults(metadata)
	lost := 0
	for _, attempt := range attempts.Results {
		var answer *smithyhttp.ResponseError
		status := 0 // as the SDK has it for a connection that broke
		if errors.As(attempt.Err, &answer) {
			status = answer.HTTPStatusCode()
		}
		refused := status >= http.StatusBadRequest && status < http.StatusInternalServerError
		if attempt.Err != nil && !refused {
			lost++
		}
	}
	return lost
}
