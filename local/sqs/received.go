package sqs

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
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

// shown is the message as a receive returns it.
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

// receiptHandle names one receive of one message. Clients must take it as opaque, so it can hold all
// that is needed to know it again after the message is gone.
func receiptHandle(q *queue, m *message) string {
	return base64.StdEncoding.EncodeToString([]byte(q.name + " " + m.id + " " + strconv.Itoa(m.receipt)))
}

// receipt is a handle that was read: the message is nil if it is no longer there.
type receipt struct {
	handle string
	*message
	latest bool // no receive came after this one
}

// read finds what a handle stands for. One that this queue never gave out is an error.
func (q *queue) read(handle string) (receipt, error) {
	raw, err := base64.StdEncoding.DecodeString(handle)
	part := strings.Split(string(raw), " ")
	if err != nil || len(part) != 3 || part[0] != q.name {
		return receipt{}, invalidHandle(handle)
	}
	n, err := strconv.Atoi(part[2])
	m := q.byID[part[1]]
	if err != nil {
		return receipt{}, invalidHandle(handle)
	}
	return receipt{handle, m, m != nil && n == m.receipt}, nil
}

// expired reports whether a FIFO queue no longer takes the handle: its visibility timeout is over, or the
// message was received again. A standard queue knows no such thing.
func (r receipt) expired(now time.Time) bool {
	return !r.latest || r.state(now) != InFlight
}
