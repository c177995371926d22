package sqs

import "time"

// Attribute is one message attribute.
type Attribute struct {
	DataType    string // String, Number or Binary, or one of these with a custom suffix: String.uuid
	StringValue string `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"`
}

// message is a message in one queue. Times are the server's; the server's lock guards it.
type message struct {
	id         string
	body       string
	attributes map[string]Attribute
	trace      string // the AWSTraceHeader system attribute
	groupID    string
	dedupID    string
	sequence   string // FIFO only
	source     string // the queue that the redrive policy took it from, an ARN

	group         *group
	serial        uint64 // the order of arrival
	sent          time.Time
	visibleFrom   time.Time
	received      time.Time // the latest receive
	firstReceived time.Time
	receives      int // as consumers see it: it goes on counting in a dead-letter queue
	receivesHere  int // in this queue, which is what its own redrive policy counts
	receipt       int // the number of the newest receipt handle
}

func (m *message) state(now time.Time) State {
	switch {
	case !m.visibleFrom.After(now):
		return Visible
	case m.receivesHere == 0:
		return Delayed
	}
	return InFlight
}

// receive hands the message out until now+timeout. A timeout of zero leaves it visible.
func (m *message) receive(now time.Time, timeout time.Duration) {
	m.receives++
	m.receivesHere++
	m.receipt++
	m.received = now
	m.visibleFrom = now.Add(timeout)
	if m.firstReceived.IsZero() {
		m.firstReceived = now
	}
}
