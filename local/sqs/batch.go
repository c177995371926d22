package sqs

import (
	"errors"
	"regexp"
)

// maxBatch is how many entries a batch has, and how many messages a receive, at most.
const maxBatch = 10

// batchEntry is an entry of any of the three batch requests.
type batchEntry interface {
	entryID() string
}

type batchID struct{ Id string }

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

var entryID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// checkBatch holds the rules that fail a batch as a whole.
func checkBatch[E batchEntry](actionName string, entries []E) error {
	if len(entries) == 0 {
		return modelled(400, "EmptyBatchRequest", "EmptyBatchRequest", "There should be at least one %sRequestEntry in the request.", actionName)
	}
	if len(entries) > maxBatch {
		return modelled(400, "TooManyEntriesInBatchRequest", "TooManyEntriesInBatchRequest",
			"Maximum number of entries per request are %d. You have sent %d.", maxBatch, len(entries))
	}
	seen := map[string]bool{}
	for _, entry := range entries {
		id := entry.entryID()
		if !entryID.MatchString(id) {
			return modelled(400, "InvalidBatchEntryId", "InvalidBatchEntryId",
				"A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[id] {
			return modelled(400, "BatchEntryIdsNotDistinct", "BatchEntryIdsNotDistinct", "Id %s repeated.", id)
		}
		seen[id] = true
	}
	return nil
}

// inBatch carries the entries out one by one, under one lock, in their order. Entries that the fault hook
// picks fail alone.
func inBatch[E batchEntry](s *Server, actionName, queueURL string, entries []E, do func(*queue, E) (any, error)) (*batchAnswer, error) {
	faults := entryFaults(s, actionName, queueURL, entries)
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(queueURL)
	if err != nil {
		return nil, err
	}
	answer := &batchAnswer{Successful: []any{}, Failed: []batchFailure{}}
	for i, entry := range entries {
		err := faults[i]
		var done any
		if err == nil {
			done, err = do(q, entry)
		}
		if err != nil {
			answer.Failed = append(answer.Failed, failure(entry.entryID(), err))
			continue
		}
		answer.Successful = append(answer.Successful, done)
	}
	return answer, nil
}

// entryFaults asks the hook before the lock is taken, so that a hook may use the server.
func entryFaults[E batchEntry](s *Server, actionName, queueURL string, entries []E) []error {
	faults := make([]error, len(entries))
	for i, entry := range entries {
		faults[i] = s.ask(Call{Action: actionName, Queue: lastPart(queueURL), Entry: entry.entryID()})
	}
	return faults
}

func failure(id string, err error) batchFailure {
	var e *Error
	if !errors.As(err, &e) {
		e = Internal()
	}
	return batchFailure{Id: id, SenderFault: e.Status < 500, Code: e.Code, Message: e.Message}
}
