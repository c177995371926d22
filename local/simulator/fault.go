package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Fault is something that goes wrong with requests while it is switched on. On a known path with its method it comes before
// everything that HelpCrunch itself would check, keys and limit included, and a request that meets one does not count
// against the limit (but for Slow, which is served as usual afterwards). Of several faults that fit a request the one added
// first is met.
type Fault struct {
	Kind  Kind  `json:"kind"`
	Chat  int64 `json:"chat,omitempty"`  // only requests for this chat; 0: every request with a known path
	Times int   `json:"times,omitempty"` // how many requests are left to meet it; 0: all, until it is removed

	Delay   string `json:"delay,omitempty"`   // how long it takes to show, such as "2s"
	Applied bool   `json:"applied,omitempty"` // the mark is made first, before the delay: the answer is what gets lost

	RetryAfter string            `json:"retryAfter,omitempty"` // a Retry-After header, sent as it stands here
	Header     map[string]string `json:"header,omitempty"`     // more headers

	Status   int    `json:"status,omitempty"`   // of Redirect, HTML, Endless, GzipBomb and Answer
	Location string `json:"location,omitempty"` // of Redirect
	Size     int64  `json:"size,omitempty"`     // of Endless and GzipBomb, in bytes when unpacked
	Body     string `json:"body,omitempty"`     // of Answer
}

// takeFault finds the fault that a request meets, and notes it.
func (c *call) takeFault() bool {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	i := slices.IndexFunc(c.s.faults, func(f Fault) bool { return f.Chat == 0 || f.Chat == c.mark.id })
	if i < 0 {
		return false
	}
	c.fault = c.s.faults[i]
	switch c.fault.Times {
	case 0:
	case 1:
		c.s.faults = slices.Delete(c.s.faults, i, i+1)
	default:
		c.s.faults[i].Times--
	}
	c.entry.Fault = c.fault.Kind
	c.s.changed()
	return true
}

// AddFault switches a fault on. The error says what is wrong with it.
func (s *Simulator) AddFault(f Fault) error { return s.switchOn(false, f) }

// SetFaults switches every fault off and these on; with none, all faults are removed. Requests that are being hung or
// slowed down stay so. The error says what is wrong with the first fault that is, and nothing has changed then.
func (s *Simulator) SetFaults(list ...Fault) error { return s.switchOn(true, list...) }

func (s *Simulator) switchOn(only bool, list ...Fault) error {
	for _, f := range list {
		if err := f.check(); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if only {
		s.faults = nil
	}
	s.faults = append(s.faults, list...)
	s.changed()
	return nil
}

func (f *Fault) delay() (time.Duration, error) { return time.ParseDuration(cmp.Or(f.Delay, "0")) }

// check finds every mistake in a fault.
func (f *Fault) check() error {
	spec, known := specs[f.Kind]
	if !known {
		return fmt.Errorf("unknown kind of fault %q: it must be one of %s", f.Kind, kindNames())
	}
	var wrong []string
	say := func(bad bool, format string, values ...any) {
		if bad {
			wrong = append(wrong, fmt.Sprintf(format, values...))
		}
	}
	delay, err := f.delay()
	say(f.Chat < 0, "chat must be an id, or 0 for all")
	say(f.Times < 0, "times must not be negative")
	say(err != nil || delay < 0, `delay must be a duration such as "2s" or "500ms"`)
	say(f.Size < 0, "size must not be negative")
	say(f.Kind == Slow && delay == 0, "a slow answer needs a delay")
	say(f.Kind == Answer && f.Status == 0, "an answer needs a status")
	say(f.Status != 0 && (spec.statuses == nil || f.Status < spec.statuses[0] || f.Status > spec.statuses[1]), "status %d does not fit kind %q", f.Status, f.Kind)
	say(f.Location != "" && f.Kind != Redirect, "location is for kind %q", Redirect)
	say(f.Size != 0 && f.Kind != Endless && f.Kind != GzipBomb, "size is for kinds %q and %q", Endless, GzipBomb)
	say(f.Body != "" && f.Kind != Answer, "body is for kind %q", Answer)
	if wrong == nil {
		return nil
	}
	return errors.New(strings.Join(wrong, "; "))
}
