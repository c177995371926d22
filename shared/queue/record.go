package queue

import (
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// sentAt is when the message was sent; the zero time when the record does not say.
func sentAt(record *events.SQSMessage) time.Time {
	ms, err := strconv.ParseInt(record.Attributes["SentTimestamp"], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// age is how long ago the message was sent. A message that does not say has no age and is never given up.
func age(record *events.SQSMessage) time.Duration {
	sent := sentAt(record)
	if sent.IsZero() {
		return 0
	}
	return max(time.Since(sent), 0)
}

// receiveCount is how often the message has been received, this time included.
func receiveCount(record *events.SQSMessage) int {
	n, err := strconv.Atoi(record.Attributes["ApproximateReceiveCount"])
	if err != nil {
		return 1
	}
	return max(n, 1)
}
