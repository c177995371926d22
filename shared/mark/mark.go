// Package mark says what a mark is and reads one strictly: a misread mark is a wrong write.
package mark

import (
	"fmt"
	"strconv"
	"strings"
)

// Reader is the side of a chat that has, or has not, read it.
type Reader string

// The two readers that HelpCrunch knows.
const (
	Agent    Reader = "agent"
	Customer Reader = "customer"
)

// Mark is a wish: the chat is to count as read, or as unread, by one of its two readers.
type Mark struct {
	ID     int64 // the chat's id, from 1
	Reader Reader
	Read   bool
}

// AppendBody appends the body that HelpCrunch's endpoints take: {"id": 5208, "read": true}.
func (m Mark) AppendBody(b []byte) []byte {
	b = append(b, `{"id": `...)
	b = strconv.AppendInt(b, m.ID, 10)
	b = append(b, `, "read": `...)
	return append(strconv.AppendBool(b, m.Read), '}')
}

// Message is the mark as the body of a queue message; ReadMessage is its inverse.
func (m Mark) Message() string {
	return fmt.Sprintf(`{"id": %d, "reader": %q, "read": %t}`, m.ID, m.Reader, m.Read)
}

// Fault is one thing that is wrong with a body.
type Fault struct {
	Field   string // the name it is about; empty when it is about the body as a whole
	Message string // for the one who sent it; shows nothing of the body's values
}

// InvalidError says everything that is wrong with a body.
type InvalidError struct{ Faults []Fault }

// Error joins the faults to one line.
func (e *InvalidError) Error() string {
	texts := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		texts[i] = f.Message
	}
	return strings.Join(texts, "; ")
}
