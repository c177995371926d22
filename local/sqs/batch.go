package sqs

import (
	"errors"
	"net/http"
	"regexp"

	"helpcrunch-mark-read/local/awsjson"
)

// maxBatch is how many entries a batch has, and how many messages a receive, at most.
const maxBatch = 10

// batchEntry is an entry of any of the three batch requests.
type batchEntry interface {
	entryID() string
	size() int               // of the message to send
	lacks(fifo *queue) error // what fails the whole batch if one entry lacks it
}

// batchID is the part that all entries have, and the answer to those that return nothing else.
type batchID struct {
	Id string `json:",omitempty"` // empty outside of a batch
}

func (e batchID) entryID() string  { return e.Id }
func (batchID) size() int          { return 0 }
func (batchID) lacks(*queue) error { return nil }

// batchAnswer has status 200 even if every entry failed.
type batchAnswer struct {
	Successful []any
	Failed     []batchFailure
}

type batchFailure struct {
	Id          string
	SenderFault bool
	Code        string
	Message     string
}

var entryIDs = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// checkBatch checks the rules that fail a batch as a whole.
func checkBatch[E batchEntry](actionName string, entries []E) error {
	broken := func(rule, format string, args ...any) error { return refusal(rule, prefix+rule, format, args...) }
	if len(entries) == 0 {
		return broken("EmptyBatchRequest", "There should be at least one %sRequestEntry in the request.", actionName)
	}
	if len(entries) > maxBatch {
		return broken("TooManyEntriesInBatchRequest", "Maximum number of entries per request are %d. You have sent %d.", maxBatch, len(entries))
	}
	seen, total := map[string]bool{}, 0
	for _, entry := range entries {
		id := entry.entryID()
		if !entryIDs.MatchString(id) {
			return broken("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[id] {
			return broken("BatchEntryIdsNotDistinct", "Id %s repeated.", id)
		}
		seen[id] = true
		total += entry.size()
	}
	if total > maxMessage {
		return broken("BatchRequestTooLong", "Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxMessage, total)
	}
	return nil
}

// inBatch makes an action of what is done with one entry: the entries are carried out one by one, under one lock, in their
// order. Those that the fault hook picks fail alone; it is asked before the lock is taken, so that it may use the server.
func inBatch[E batchEntry](name string, do func(*Server, *http.Request, *queue, E) (any, error)) action {
	return func(s *Server, r *http.Request, queue string, body []byte) (any, error) {
		in, err := awsjson.Decode[struct{ Entries []E }](body)
		if err != nil {
			return nil, err
		}
		if err := checkBatch(name, in.Entries); err != nil {
			return nil, err
		}
		faults := map[string]error{}
		for _, entry := range in.Entries {
			faults[entry.entryID()] = s.ask(Call{Action: name, Queue: queue, Entry: entry.entryID()})
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		q, err := s.find(queue)
		if err != nil {
			return nil, err
		}
		for _, entry := range in.Entries {
			if err := entry.lacks(q); q.fifo && err != nil {
				return nil, err
			}
		}
		answer := &batchAnswer{Successful: []any{}, Failed: []batchFailure{}}
		for _, entry := range in.Entries {
			var done any
			err := faults[entry.entryID()]
			if err == nil {
				done, err = do(s, r, q, entry)
			}
			if err != nil {
				answer.Failed = append(answer.Failed, failure(entry.entryID(), err))
				continue
			}
			answer.Successful = append(answer.Successful, done)
		}
		return answer, nil
	}
}

func failure(id string, err error) batchFailure {
	var e *Error
	if !errors.As(err, &e) {
		e = Internal()
	}
	return batchFailure{Id: id, SenderFault: e.Status < http.StatusInternalServerError, Code: e.Code, Message: e.Message}
}
