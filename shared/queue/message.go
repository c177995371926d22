package queue

import (
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// message is a record of the batch, parsed once.
type message struct {
	id, receipt, body string
	queueARN          string
	fifo              bool
	group             string    // message group id; empty where there is none
	sentAt            time.Time // zero when the record does not say
	receives          int       // how often it was received, this time included
	traceID           string    // the X-Ray trace header that it was sent with
	attributes        map[string]types.MessageAttributeValue
}

func parse(record *events.SQSMessage) *message {
	m := &message{
		id: record.MessageId, receipt: record.ReceiptHandle, body: record.Body,
		queueARN: record.EventSourceARN, fifo: strings.HasSuffix(record.EventSourceARN, ".fifo"),
		group: record.Attributes["MessageGroupId"], traceID: record.Attributes["AWSTraceHeader"],
		attributes: make(map[string]types.MessageAttributeValue, len(record.MessageAttributes)),
	}
	if ms, err := strconv.ParseInt(record.Attributes["SentTimestamp"], 10, 64); err == nil {
		m.sentAt = time.UnixMilli(ms)
	}
	receives, _ := strconv.Atoi(record.Attributes["ApproximateReceiveCount"])
	m.receives = max(receives, 1)
	for name, value := range record.MessageAttributes {
		attribute := types.MessageAttributeValue{DataType: aws.String(value.DataType), StringValue: value.StringValue}
		if value.StringValue == nil {
			attribute.BinaryValue = value.BinaryValue
		}
		m.attributes[name] = attribute
	}
	return m
}

// age is how long ago the message was sent. A message that does not say has no age and never expires.
func (m *message) age() time.Duration {
	if m.sentAt.IsZero() {
		return 0
	}
	return max(time.Since(m.sentAt), 0)
}

// isFrom reports whether the message comes from the queue at a URL, which ends with the account and the name.
func (m *message) isFrom(queueURL string) bool {
	arn := strings.Split(m.queueARN, ":")
	return len(arn) == 6 && strings.HasSuffix(queueURL, "/"+arn[4]+"/"+arn[5])
}

// parseBatch parses a batch, oldest message first. On a FIFO queue the order within a group is that of the batch, and
// SentTimestamp decides across groups; on a standard queue it decides alone. Of a message that stands there more than once,
// the last copy counts: its receipt handle is the valid one, and no message may be reported or dead-lettered twice.
func parseBatch(records []events.SQSMessage) []*message {
	last := make(map[string]int, len(records))
	for i := range records {
		last[records[i].MessageId] = i
	}
	messages := make([]*message, 0, len(last))
	order := make(map[*message]time.Time, len(last)) // never earlier than that of the message before it in its group
	latest := map[string]time.Time{}                 // by group
	for i := range records {
		if last[records[i].MessageId] != i {
			continue
		}
		m := parse(&records[i])
		order[m] = m.sentAt
		if before := latest[m.group]; m.fifo && before.After(m.sentAt) {
			order[m] = before
		}
		latest[m.group] = order[m]
		messages = append(messages, m)
		for i := len(messages) - 1; i > 0 && order[messages[i-1]].After(order[messages[i]]); i-- { // nearly always in order
			messages[i-1], messages[i] = messages[i], messages[i-1]
		}
	}
	return messages
}
