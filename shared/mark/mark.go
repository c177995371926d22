// Package mark defines a mark and reads one strictly: a misread mark is a wrong write.
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

// Mark is a request to set one chat's read flag for one reader.
type Mark struct {
	ID     int64 // the chat's id, from 1
	Reader Reader
	Read   bool
	AsOf   Bound
}

// Bound is the moment up to which the reader had seen the chat. The zero value is no bound.
type Bound struct {
	Set     bool
	Seconds int64 // Unix time, truncated to whole seconds
}

// later returns the later of two bounds. No bound is later than any.
func (b Bound) later(other Bound) Bound {
	if !b.Set || !other.Set {
		return Bound{}
	}
	return Bound{Set: true, Seconds: max(b.Seconds, other.Seconds)}
}

// Merge returns the one mark that stands for several of the same chat and reader: the latest, with the latest bound of
// those since the last read: false. There must be at least one mark.
func Merge(oldestFirst []Mark) Mark {
	last := len(oldestFirst) - 1
	merged := oldestFirst[last]
	for i := last; i >= 0 && oldestFirst[i].Read; i-- {
		merged.AsOf = merged.AsOf.later(oldestFirst[i].AsOf)
	}
	return merged
}

// AppendBody appends the body that HelpCrunch's endpoints take: {"id": 5208, "read": true}.
func (m Mark) AppendBody(b []byte) []byte {
	b = append(b, `{"id": `...)
	b = strconv.AppendInt(b, m.ID, 10)
	b = append(b, `, "read": `...)
	return append(strconv.AppendBool(b, m.Read), '}')
}

// Message returns the mark as the body of a queue message; ReadMessage is its inverse.
func (m Mark) Message() string {
	asOf := ""
	if m.AsOf.Set {
		asOf = fmt.Sprintf(`, "asOf": %d`, m.AsOf.Seconds)
	}
	return fmt.Sprintf(`{"id": %d, "reader": %q, "read": %t%s}`, m.ID, m.Reader, m.Read, asOf)
}

// Fault is one thing that is wrong with a body.
type Fault struct {
	Field   string // the field's name; empty when the fault is the whole body's
	Message string // for the sender; shows none of the body's values
}

// InvalidError lists everything that is wrong with a body.
type InvalidError struct{ Faults []Fault }

// Error joins the faults to one line.
func (e *InvalidError) Error() string {
	texts := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		texts[i] = f.Message
	}
	return strings.Join(texts, "; ")
}
