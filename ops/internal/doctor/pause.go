package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"helpcrunch-mark-read/ops/internal/pause"
)

// checkPause looks at whether somebody stopped the work on the queue, and whether it will start again as promised.
func checkPause(ctx context.Context, d *Doctor, s *seen) Finding {
	if d.Stack == nil || d.Pause == nil {
		return skipped(needsStack)
	}
	state, err := d.Pause.Read(ctx)
	if err != nil {
		return unknown(err)
	}
	kind := state.Kind(time.Now())
	s.stopped = kind == pause.Paused || kind == pause.Overdue || kind == pause.Disabled
	switch kind {
	case pause.Disabled:
		return problem(fmt.Sprintf("somebody disabled the event source mapping (Lambda says %s since %s): nothing leaves the queue", state.Mapping, pause.Clock(state.Changed)), "ops resume")
	case pause.Unfinished:
		return problem("a pause was begun and not finished: the queue runs", "ops pause, or ops resume to remove what is left of it")
	case pause.Overdue:
		return problem(fmt.Sprintf("the queue should have been resumed at %s, and is still paused", pause.Clock(state.Until)), "ops resume")
	case pause.Running:
		return ok("the queue is not paused")
	}
	return d.judgePaused(ctx, state)
}

func (d *Doctor) judgePaused(ctx context.Context, state *pause.State) Finding {
	says := strings.TrimSuffix("paused since "+pause.Clock(state.Since)+": "+state.Reason, ": ")
	if state.Until.IsZero() {
		return warning(says+"; it has no end", "ops resume")
	}
	scheduled, err := d.Pause.Scheduled(ctx)
	switch {
	case err != nil:
		return unknown(err)
	case !scheduled:
		return problem(says+"; it should end at "+pause.Clock(state.Until)+", but there is no schedule that would resume", "ops resume, or ops pause --for again")
	}
	return warning(says+"; AWS resumes at "+pause.Clock(state.Until), "ops resume does it sooner")
}
