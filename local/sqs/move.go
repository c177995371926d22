package sqs

import (
	"context"
	"slices"
	"strings"
	"time"
)

// moveTask is a redrive of a dead-letter queue. It is over when StartMessageMoveTask answers, however
// many messages there are: AWS takes its time, and a client must ask ListMessageMoveTasks anyway.
type moveTask struct {
	SourceArn                         string
	DestinationArn                    string `json:",omitempty"`
	Status                            string // COMPLETED or FAILED
	FailureReason                     string `json:",omitempty"`
	ApproximateNumberOfMessagesMoved  int
	ApproximateNumberOfMessagesToMove int
	StartedTimestamp                  int64 // milliseconds since 1970
}

type startMoveRequest struct{ SourceArn, DestinationArn string }

type startMoveAnswer struct{ TaskHandle string }

func (s *Server) startMessageMoveTask(_ context.Context, in startMoveRequest) (*startMoveAnswer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	source := s.findByARN(in.SourceArn)
	if source == nil {
		return nil, noSuchResource("SourceArn")
	}
	if in.DestinationArn != "" && s.findByARN(in.DestinationArn) == nil {
		return nil, noSuchResource("DestinationArn")
	}
	if len(s.sourcesOf(source)) == 0 {
		return nil, invalidParameter("Source queue must be configured as a Dead Letter Queue.")
	}
	s.moves = append(s.moves, s.move(source, in, time.Now()))
	s.notify()
	return &startMoveAnswer{newID()}, nil
}

// move redrives what is visible, in order, until a message has nowhere to go.
func (s *Server) move(source *queue, in startMoveRequest, now time.Time) *moveTask {
	task := &moveTask{
		SourceArn: in.SourceArn, DestinationArn: in.DestinationArn,
		Status: "COMPLETED", StartedTimestamp: now.UnixMilli(),
	}
	visible := slices.DeleteFunc(source.list(), func(m *message) bool { return m.state(now) != Visible })
	task.ApproximateNumberOfMessagesToMove = len(visible)
	for _, m := range visible {
		if reason := s.moveOne(source, m, in.DestinationArn, now); reason != "" {
			task.Status, task.FailureReason = "FAILED", reason
			break
		}
		task.ApproximateNumberOfMessagesMoved++
	}
	return task
}

// moveOne returns AWS's reason for a failure, or nothing. A letter that a program sent has no source of
// its own, so that it can go only where the caller says. A moved message is a new one.
func (s *Server) moveOne(from *queue, m *message, destination string, now time.Time) string {
	if destination == "" {
		destination = m.source
	}
	if destination == "" {
		return "CouldNotDetermineMessageSource"
	}
	to := s.findByARN(destination)
	if to == nil {
		return "AWS.SimpleQueueService.NonExistentQueue"
	}
	from.remove(m)
	fresh := &message{
		id: newID(), body: m.body, attributes: m.attributes, trace: m.trace,
		groupID: m.groupID, dedupID: m.dedupID, sent: now, visibleFrom: now,
	}
	s.arrive(fresh)
	if to.fifo {
		fresh.sequence = sequenceNumber(fresh.serial)
	}
	to.put(fresh)
	return ""
}

func noSuchResource(parameter string) *Error {
	return plain(404, "ResourceNotFoundException", "The resource that you specified for the %s parameter doesn't exist.", parameter)
}

type listMovesRequest struct {
	SourceArn  string
	MaxResults int
}

type listMovesAnswer struct{ Results []*moveTask }

// listMessageMoveTasks shows the newest first, one unless MaxResults (at most 10) says more.
func (s *Server) listMessageMoveTasks(_ context.Context, in listMovesRequest) (*listMovesAnswer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.HasPrefix(in.SourceArn, "arn:") || s.findByARN(in.SourceArn) == nil {
		return nil, noSuchResource("SourceArn")
	}
	answer := &listMovesAnswer{Results: []*moveTask{}}
	for _, task := range slices.Backward(s.moves) {
		if task.SourceArn == in.SourceArn && len(answer.Results) < min(max(in.MaxResults, 1), 10) {
			answer.Results = append(answer.Results, task)
		}
	}
	return answer, nil
}
