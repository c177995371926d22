package sqs

import (
	"slices"
	"strconv"
	"time"
)

// senderID stands for the sender's IAM id, which nobody here has; it is the one of AWS's examples.
const senderID = "AIDACKCEVSQ6C2EXAMPLE"

type receivedMessage struct {
	MessageId              string
	ReceiptHandle          string
	Body                   string
	MD5OfBody              string
	Attributes             map[string]string    `json:",omitempty"`
	MessageAttributes      map[string]Attribute `json:",omitempty"`
	MD5OfMessageAttributes string               `json:",omitempty"` // of those that were asked for
}

// shown is the message as a receive gives it out.
func (s *Server) shown(q *queue, m *message, in *receiveRequest) receivedMessage {
	attributes := matching(m.attributes, in.MessageAttributeNames)
	return receivedMessage{
		MessageId:              m.id,
		ReceiptHandle:          receiptHandle(q, m),
		Body:                   m.body,
		MD5OfBody:              bodyMD5(m.body),
		Attributes:             m.systemAttributes(append(in.AttributeNames, in.MessageSystemAttributeNames...)),
		MessageAttributes:      attributes,
		MD5OfMessageAttributes: attributesMD5(attributes),
	}
}

func (m *message) systemAttributes(wanted []string) map[string]string {
	out := map[string]string{}
	for name, value := range map[string]string{
		"SenderId":                         senderID,
		"SentTimestamp":                    millis(m.sent),
		"ApproximateReceiveCount":          strconv.Itoa(m.receives),
		"ApproximateFirstReceiveTimestamp": millis(m.firstReceived),
		"MessageGroupId":                   m.groupID,
		"MessageDeduplicationId":           m.dedupID,
		"SequenceNumber":                   m.sequence,
		"AWSTraceHeader":                   m.trace,
		"DeadLetterQueueSourceArn":         m.source,
	} {
		if value != "" && (slices.Contains(wanted, "All") || slices.Contains(wanted, name)) {
			out[name] = value
		}
	}
	return out
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
