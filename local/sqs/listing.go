package sqs

import (
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
)

// page is how SQS cuts lists of queues: MaxResults (1 to 1000) at a time, and a token for the rest.
type page struct {
	MaxResults *int
	NextToken  string
}

// cut returns the URLs of the named queues that belong on the page, and the token of the next one.
// The token is the last name shown, so that queues may come and go in between.
func (s *Server) cut(names []string, p page) (urls []string, next string, err error) {
	size := 1000
	if p.MaxResults != nil {
		size = *p.MaxResults
	}
	if size < 1 || size > 1000 {
		return nil, "", badValue(size, "MaxResults", "MaxResults must be an integer between 1 and 1000")
	}
	after, err := base64.URLEncoding.DecodeString(p.NextToken)
	if err != nil {
		return nil, "", invalidParameter("Invalid or expired NextToken.")
	}
	slices.Sort(names)
	for _, name := range names {
		if name <= string(after) {
			continue
		}
		if len(urls) == size {
			return urls, next, nil
		}
		urls = append(urls, s.QueueURL(name))
		next = base64.URLEncoding.EncodeToString([]byte(name))
	}
	return urls, "", nil
}

type listQueuesRequest struct {
	page
	QueueNamePrefix string
}

type listQueuesAnswer struct {
	QueueUrls []string `json:",omitempty"`
	NextToken string   `json:",omitempty"`
}

func (s *Server) listQueues(_ context.Context, in listQueuesRequest) (*listQueuesAnswer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := slices.DeleteFunc(slices.Collect(maps.Keys(s.queues)), func(name string) bool {
		return !strings.HasPrefix(name, in.QueueNamePrefix)
	})
	urls, next, err := s.cut(names, in.page)
	return &listQueuesAnswer{urls, next}, err
}

type listSourcesRequest struct {
	page
	QueueUrl string
}

type listSourcesAnswer struct {
	QueueUrls []string `json:"queueUrls"`
	NextToken string   `json:",omitempty"`
}

func (s *Server) listDeadLetterSourceQueues(_ context.Context, in listSourcesRequest) (*listSourcesAnswer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	urls, next, err := s.cut(s.sourcesOf(q), in.page)
	return &listSourcesAnswer{urls, next}, err
}

// sourcesOf names the queues whose redrive policy ends in q. The caller holds the lock.
func (s *Server) sourcesOf(q *queue) []string {
	var names []string
	for _, source := range s.queues {
		if source.redrive != nil && source.redrive.target == s.QueueARN(q.name) {
			names = append(names, source.name)
		}
	}
	return names
}
