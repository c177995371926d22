package sqs_test

import (
	"errors"
	"testing"
	"time"

	"helpcrunch-mark-read/local/sqs"
)

func TestViewShowsMessagesWithoutReceivingThem(t *testing.T) {
	bubble(t, func(t *testing.T, s *sqs.Server, p *probe) {
		url := p.fifo()
		start := time.Now()
		sent := p.send(url, "first", group("5208"), dedup("d1"), with("Source", "String", "crm"))
		p.pass(time.Second)
		p.send(url, "second", group("7"), dedup("d2"))
		p.receiveOne(url)
		for range 2 { // looking changes nothing
			got, err := s.Messages("test-q1.fifo")
			p.ok(err)
			p.equal("messages", len(got), 2)
			p.equal("first", got[0], sqs.Message{
				ID: *sent.MessageId, Body: "first", GroupID: "5208", DeduplicationID: "d1", SequenceNumber: *sent.SequenceNumber,
				Attributes: map[string]sqs.Attribute{"Source": {DataType: "String", StringValue: "crm"}},
				SentAt:     start, ReceiveCount: 1, InFlight: true, VisibleAt: start.Add(31 * time.Second),
			})
			p.equal("second", [2]any{got[1].InFlight, got[1].ReceiveCount}, [2]any{false, 0})
		}
		p.pass(30 * time.Second)
		got, _ := s.Messages("test-q1.fifo")
		p.equal("in flight after the timeout", got[0].InFlight, false)
	})
}

func TestViewShowsWhereADeadLetterComesFrom(t *testing.T) {
	bubble(t, func(t *testing.T, s *sqs.Server, p *probe) {
		dead := p.queue()
		url := p.queue("VisibilityTimeout", "0", "RedrivePolicy", p.redrive(dead, 1))
		p.send(url, "x")
		p.receiveOne(url)
		p.receive(url)
		moved, _ := s.Messages("test-q1")
		p.equal("source", moved[0].SourceARN, s.QueueARN("test-q2"))
	})
}

func TestViewOfUnknownQueueIsAnError(t *testing.T) {
	s := sqs.New(sqs.Options{})
	var e *sqs.Error
	if _, err := s.Messages("none"); !errors.As(err, &e) {
		t.Errorf("Messages: %v", err)
	}
}

func TestEveryChangeIsNotified(t *testing.T) {
	bubble(t, func(t *testing.T, s *sqs.Server, p *probe) {
		dead := p.queue("VisibilityTimeout", "0")
		url := p.queue("VisibilityTimeout", "0", "RedrivePolicy", p.redrive(dead, 2))
		notified := func(what string, want bool, do func()) {
			t.Helper()
			changed := s.Changed()
			do()
			select {
			case <-changed:
				p.equal(what+" is notified", true, want)
			default:
				p.equal(what+" is notified", false, want)
			}
		}
		notified("an empty receive", false, func() { p.receive(url) })
		notified("a send", true, func() { p.send(url, "x") })
		notified("a receive", true, func() { p.receiveOne(url) })
		notified("a hold", true, func() { p.hold(url, p.receiveOne(url), 0) })
		notified("a redrive", true, func() { p.receives(url) })
		notified("a delete", true, func() { p.delete(dead, p.receiveOne(dead)) })
		notified("a setting", true, func() { p.ok(p.set(url, "VisibilityTimeout", "1")) })
		notified("a look", false, func() { _, _ = s.Messages("test-q1") })
		notified("a new queue", true, func() { p.queue() })
	})
}

func TestURLsAndARNsFollowTheOptions(t *testing.T) {
	s := sqs.New(sqs.Options{Region: "eu-central-1", AccountID: "123456789012", BaseURL: "http://127.0.0.1:4566"})
	if got, want := s.QueueURL("marks.fifo"), "http://127.0.0.1:4566/123456789012/marks.fifo"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := s.QueueARN("marks.fifo"), "arn:aws:sqs:eu-central-1:123456789012:marks.fifo"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := sqs.New(sqs.Options{}).QueueURL("q"), "https://sqs.us-east-1.amazonaws.com/000000000000/q"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
