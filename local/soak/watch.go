package main

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

// The steps in which a soak is watched. What has happened is settled when every line and every answer about it has come.
const (
	auditEvery    = 5 * time.Second
	settled       = 5 * time.Second
	progressEvery = 2 * time.Minute
)

// watch judges what happens while it happens, and says now and then how far it is.
func (s *soak) watch(ctx context.Context) {
	started, told := time.Now(), time.Now()
	for wait(ctx, auditEvery) {
		letters, err := s.SQS.Messages(s.DeadName)
		if err != nil {
			s.faults.add("the dead-letter queue cannot be read: %v", err)
			return
		}
		s.audit.noteCalls(s.Simulator)
		s.audit.judge(letters, time.Now().Add(-settled))
		if time.Since(told) >= progressEvery {
			told = time.Now()
			s.progress(told.Sub(started))
		}
	}
}

func (s *soak) progress(elapsed time.Duration) {
	s.audit.mu.Lock()
	ended := len(s.audit.ends)
	s.audit.mu.Unlock()
	fmt.Printf("%v: %d times something was broken; %d messages sent, %d ended; %s; %d promises broken\n",
		elapsed.Round(time.Second), s.broken.Load(), s.ledger.size(), ended, s.growth.now(), s.faults.total())
}

// leftOver waits until the stack's goroutines are gone and says if they do not go.
func leftOver(ctx context.Context, baseline int) error {
	const kept = 10 // idle connections of this program's own clients
	for runtime.NumGoroutine() > baseline+kept {
		if !wait(ctx, 100*time.Millisecond) {
			stacks := make([]byte, 1<<20)
			return fmt.Errorf("%d goroutines are left over\n%s", runtime.NumGoroutine()-baseline, stacks[:runtime.Stack(stacks, true)])
		}
	}
	return nil
}
