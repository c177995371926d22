package sqs_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"helpcrunch-mark-read/local/sqs"
)

func TestLongPollEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T, s *sqs.Server, p *probe) {
		url := p.queue()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		gone := &probe{client: p.client, ctx: ctx}
		if _, err := gone.tryReceive(url, waiting(20)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		p.equal("waited", time.Since(start), 5*time.Second)
		p.send(url, "x")
		p.pass(time.Second)
		p.receives(url, "x") // the caller that went away did not get it
	})
}

func TestLongPollSeesAVisibilityTimeoutEnd(t *testing.T) {
	bubble(t, func(t *testing.T, s *sqs.Server, p *probe) {
		url := p.queue()
		p.send(url, "late")
		p.receiveOne(url, hiddenFor(900))
		p.send(url, "soon")
		p.receiveOne(url, hiddenFor(9))
		start := time.Now()
		p.equal("body", *p.receiveOne(url, waiting(20)).Body, "soon")
		p.equal("waited", time.Since(start), 9*time.Second)
	})
}

func TestLongPollOnDeadLettersSeesARedrive(t *testing.T) {
	bubble(t, func(t *testing.T, s *sqs.Server, p *probe) {
		dead := p.queue()
		url := p.queue("VisibilityTimeout", "3", "RedrivePolicy", p.redrive(dead, 1))
		p.send(url, "x")
		p.receiveOne(url)
		go func() { _, _ = p.tryReceive(url, waiting(10)) }()
		start := time.Now()
		p.receiveOne(dead, waiting(20))
		p.equal("waited", time.Since(start), 3*time.Second)
	})
}

// Many consumers at once, with the race detector: each message is got by exactly one of them.
func TestConcurrentConsumersShareTheMessages(t *testing.T) {
	bubble(t, func(t *testing.T, s *sqs.Server, p *probe) {
		const messages, consumers = 200, 8
		url := p.fifo()
		got := make(chan string, messages*2)
		var all sync.WaitGroup
		for range consumers {
			all.Go(func() { consume(t, &probe{client: p.client, ctx: p.ctx}, url, got) })
		}
		for i := range messages {
			p.send(url, strconv.Itoa(i), group(strconv.Itoa(i%7)), dedup(strconv.Itoa(i)))
		}
		all.Wait()
		close(got)
		last := map[int]int{}
		n := 0
		for body := range got {
			i, _ := strconv.Atoi(body)
			if before, ok := last[i%7]; ok && before >= i {
				t.Errorf("group %d gave %d after %d", i%7, i, before)
			}
			last[i%7] = i
			n++
		}
		p.equal("messages consumed", n, messages)
	})
}

// consume takes and deletes until nothing comes for twenty seconds.
func consume(t *testing.T, p *probe, url *string, got chan<- string) {
	for {
		batch, err := p.tryReceive(url, upTo(10), waiting(20))
		if err != nil {
			t.Error(err)
			return
		}
		if len(batch) == 0 {
			return
		}
		for _, m := range batch {
			got <- *m.Body
			if err := p.tryDelete(url, m); err != nil {
				t.Error(err)
			}
		}
	}
}
