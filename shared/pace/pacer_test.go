package pace_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/shared/pace"
)

// need is the time that a call must have left to start.
const need = 2 * time.Second

// within returns a context as an invocation has it.
func within(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

func enter(t *testing.T, p *pace.Pacer, limit time.Duration) {
	t.Helper()
	if err := p.Enter(within(t, limit), need); err != nil {
		t.Fatalf("Enter: %v", err)
	}
}

func TestCallsAreSpreadEvenly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.NewPacer(100, 2) // 50 a minute, one in 1.21 s
		var calls []time.Time
		for range 20 {
			enter(t, p, time.Minute)
			calls = append(calls, time.Now())
		}
		for i := 1; i < len(calls); i++ {
			if gap := calls[i].Sub(calls[i-1]); gap != 1210*time.Millisecond {
				t.Errorf("gap %d is %s", i, gap)
			}
		}
		time.Sleep(time.Hour) // what was not used is not saved up
		enter(t, p, time.Minute)
		first := time.Now()
		enter(t, p, time.Minute)
		if gap := time.Since(first); gap != 1210*time.Millisecond {
			t.Errorf("gap after an hour is %s", gap)
		}
	})
}

// TestTheShareIsNeverExceeded counts what all environments together send in any 60 s, with a clock as imprecise as a
// real one.
func TestTheShareIsNeverExceeded(t *testing.T) {
	for _, tc := range []struct{ share, environments int }{
		{100, 1}, {100, 2}, {100, 3}, {100, 7}, {5, 2}, {120, 50}, {2, 2}, {1, 1}, {7, 4}, {6000, 1},
	} {
		t.Run(fmt.Sprintf("%d over %d", tc.share, tc.environments), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var calls []time.Time
				var all sync.WaitGroup
				end := time.Now().Add(4 * time.Minute)
				for range tc.environments {
					p := pace.NewPacer(tc.share, tc.environments)
					all.Go(func() {
						for n := 0; time.Now().Before(end); n++ {
							time.Sleep(time.Duration(n%7) * time.Millisecond)
							if p.Enter(within(t, 3*time.Minute), need) != nil {
								return
							}
							mu.Lock()
							calls = append(calls, time.Now())
							mu.Unlock()
						}
					})
				}
				all.Wait()
				checkWindows(t, calls, tc.share)
			})
		})
	}
}

func checkWindows(t *testing.T, calls []time.Time, share int) {
	t.Helper()
	slices.SortFunc(calls, time.Time.Compare)
	for i := range calls {
		if i+share < len(calls) && calls[i+share].Sub(calls[i]) <= 60*time.Second {
			t.Fatalf("%d calls in %s", share+1, calls[i+share].Sub(calls[i]))
		}
	}
	if least := share * 3 * 4 / 5; share >= 100 && len(calls) < least {
		t.Errorf("%d calls in more than 3 minutes, want at least %d", len(calls), least)
	}
}

func TestCallsEnterInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.NewPacer(60, 1)
		ctx := within(t, time.Minute)
		var entered []int
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				if err := p.Enter(ctx, need); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				entered = append(entered, i)
			})
			synctest.Wait()
		}
		all.Wait()
		if !slices.IsSorted(entered) || len(entered) != 20 {
			t.Errorf("entered in the order %v", entered)
		}
	})
}

func TestNoTime(t *testing.T) {
	for _, tc := range []struct {
		name string
		left time.Duration
		want error
	}{
		{"less than 2 s", 2*time.Second - 1, pace.ErrNoTime},
		{"exactly 2 s", 2 * time.Second, nil},
		{"none", 0, pace.ErrNoTime},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if err := pace.NewPacer(60, 1).Enter(within(t, tc.left), need); !errors.Is(err, tc.want) {
					t.Errorf("Enter = %v, want %v", err, tc.want)
				}
			})
		})
	}
	t.Run("the next turn is too late: at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pace.NewPacer(1, 1)
			enter(t, p, time.Minute)
			started := time.Now()
			err := p.Enter(within(t, time.Minute), need)
			turn, ok := errors.AsType[*pace.TurnError](err)
			if !errors.Is(err, pace.ErrNoTime) || !ok || !turn.Turn.Equal(started.Add(60500*time.Millisecond)) || time.Since(started) != 0 {
				t.Errorf("Enter = %v after %s", err, time.Since(started))
			}
			enter(t, p, 2*time.Minute)
		})
	})
	t.Run("the next turn is too late, but before the deadline: when the time is over", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pace.NewPacer(1, 1)
			enter(t, p, time.Minute)
			started := time.Now()
			err := p.Enter(within(t, 61*time.Second), need)
			_, isTurn := errors.AsType[*pace.TurnError](err)
			if !errors.Is(err, pace.ErrNoTime) || isTurn || time.Since(started) != 59*time.Second {
				t.Errorf("Enter = %v after %s", err, time.Since(started))
			}
		})
	})
	t.Run("a call that needs more time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pace.NewPacer(60, 1)
			_, isTurn := errors.AsType[*pace.TurnError](p.Enter(within(t, 4*time.Second), 5*time.Second))
			if err := p.Enter(within(t, 4*time.Second), 5*time.Second); !errors.Is(err, pace.ErrNoTime) || isTurn {
				t.Errorf("Enter = %v; the turn is free, it is the time that is missing", err)
			}
			if err := p.Enter(within(t, 5*time.Second), 5*time.Second); err != nil {
				t.Errorf("Enter = %v", err)
			}
		})
	})
	t.Run("the context ends while waiting", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pace.NewPacer(1, 1)
			enter(t, p, time.Minute)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(10*time.Second, cancel)
			if err := p.Enter(ctx, need); !errors.Is(err, pace.ErrNoTime) {
				t.Errorf("Enter = %v", err)
			}
		})
	})
}

func TestAPauseIsWaitedOutInPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.NewPacer(6000, 1)
		p.Throttled(time.Now(), 30*time.Second)
		started := time.Now()
		enter(t, p, time.Minute)
		if waited := time.Since(started); waited != 30*time.Second {
			t.Errorf("waited %s", waited)
		}
	})
}

func TestAPauseThatBeginsMeanwhileHoldsWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.NewPacer(60, 1)
		enter(t, p, time.Minute)
		started := time.Now()
		time.AfterFunc(500*time.Millisecond, func() { p.Throttled(started, 20*time.Second) })
		enter(t, p, time.Minute)
		if waited := time.Since(started); waited != 20500*time.Millisecond {
			t.Errorf("waited %s", waited)
		}
	})
}

// TestAPauseLongerThanTheDeadline: the time that is left is the back-pressure, and the refusal names the pause's end.
func TestAPauseLongerThanTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.NewPacer(6000, 1)
		until := time.Now().Add(2 * time.Minute)
		p.Throttled(time.Now(), 2*time.Minute)
		ctx, started := within(t, time.Minute), time.Now()
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				err := p.Enter(ctx, need)
				var paused *pace.PausedError
				if !errors.As(err, &paused) || !paused.Until.Equal(until) || time.Since(started) != 58*time.Second {
					t.Errorf("Enter = %v after %s", err, time.Since(started))
				}
			})
		}
		all.Wait()
		if left := p.PausedFor(); left != 62*time.Second {
			t.Errorf("paused for another %s", left)
		}
	})
}

// throttle makes a call that is answered 429 after 100 ms, and returns how long HelpCrunch is not called.
func throttle(t *testing.T, p *pace.Pacer, retryAfter time.Duration) time.Duration {
	t.Helper()
	enter(t, p, 10*time.Minute)
	started := time.Now()
	time.Sleep(100 * time.Millisecond)
	p.Throttled(started, retryAfter)
	return p.PausedFor()
}

func TestPausesWithoutRetryAfterDouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.NewPacer(6000, 1)
		for i, want := range []int{1, 2, 4, 8, 16, 32, 60, 60} {
			if got := throttle(t, p, 0); got != time.Duration(want)*time.Second {
				t.Errorf("pause %d is %s, want %d s", i+1, got, want)
			}
		}
		for range 70 { // no overflow
			throttle(t, p, 0)
		}
		if got := throttle(t, p, 0); got != time.Minute {
			t.Errorf("the 79th pause is %s", got)
		}
		enter(t, p, 10*time.Minute)
		p.Answered(time.Now())
		if got := throttle(t, p, 0); got != time.Second {
			t.Errorf("the first pause after an answer is %s", got)
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.NewPacer(6000, 1)
		if got := throttle(t, p, 17*time.Second); got != 17*time.Second {
			t.Errorf("pause of %s", got)
		}
		p.Throttled(time.Now(), time.Second)
		if got := p.PausedFor(); got != 17*time.Second {
			t.Errorf("a shorter Retry-After shortened the pause to %s", got)
		}
	})
}

// TestAWaveOfThrottlesIsOnePause: calls in flight together are answered 429 together, which is one sign and not ten.
func TestAWaveOfThrottlesIsOnePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.NewPacer(6000, 1)
		var started []time.Time
		for range 10 {
			enter(t, p, time.Minute)
			started = append(started, time.Now())
		}
		time.Sleep(time.Second)
		p.Throttled(started[0], 0)
		for _, s := range started[1:] {
			time.Sleep(50 * time.Millisecond)
			p.Throttled(s, 0)
		}
		if left := p.PausedFor(); left != 550*time.Millisecond {
			t.Errorf("the pause has %s left, want one of 1 s", left)
		}
		p.Answered(started[5]) // a late answer of the same wave proves nothing
		if got := throttle(t, p, 0); got != 2*time.Second {
			t.Errorf("the second pause is %s", got)
		}
	})
}

func TestALongerRetryAfterInAWaveCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.NewPacer(6000, 1)
		enter(t, p, time.Minute)
		first := time.Now()
		enter(t, p, time.Minute)
		second := time.Now()
		time.Sleep(time.Second)
		p.Throttled(first, 0)
		p.Throttled(second, 40*time.Second)
		if got := p.PausedFor(); got != 40*time.Second {
			t.Errorf("paused for %s", got)
		}
	})
}

func TestAPauseLastsAnHourAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.NewPacer(6000, 1)
		if got := throttle(t, p, 100*time.Hour); got != time.Hour {
			t.Errorf("paused for %s", got)
		}
	})
}

// TestAnExtraCall takes no turn of its own, but the next turn comes one later.
func TestAnExtraCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.NewPacer(60, 1) // a turn every 1008 ms
		enter(t, p, time.Minute)
		started := time.Now()
		if err := p.EnterExtra(within(t, time.Minute), need); err != nil || time.Since(started) != 0 {
			t.Errorf("EnterExtra = %v after %s", err, time.Since(started))
		}
		enter(t, p, time.Minute)
		if waited := time.Since(started).Round(time.Millisecond); waited != 2017*time.Millisecond {
			t.Errorf("the next turn came after %s", waited)
		}
		p.Throttled(time.Now(), 20*time.Second)
		started = time.Now()
		if err := p.EnterExtra(within(t, time.Minute), need); err != nil || time.Since(started) != 20*time.Second {
			t.Errorf("in a pause: EnterExtra = %v after %s", err, time.Since(started))
		}
		p.Throttled(time.Now(), 2*time.Minute)
		started = time.Now()
		err := p.EnterExtra(within(t, time.Minute), need)
		if _, paused := errors.AsType[*pace.PausedError](err); !paused || time.Since(started) != 0 {
			t.Errorf("in a pause that is too long: EnterExtra = %v after %s", err, time.Since(started))
		}
		time.Sleep(2 * time.Minute)
		if err := p.EnterExtra(within(t, need-1), need); !errors.Is(err, pace.ErrNoTime) {
			t.Errorf("without time: EnterExtra = %v", err)
		}
	})
}
