package page

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"helpcrunch-mark-read/local/simulator"
)

// unknownChat is an id that the simulator's chats do not have.
const unknownChat = 404404

// How many marks a burst has. Through the HTTP door so many are in flight at a time; somebody waits for their answers.
const (
	queueBurst  = 60
	httpBurst   = 20
	httpWorkers = 5
)

func (p *Page) mark(ctx context.Context, in input) (told, error) {
	if err := in.wish().check(); err != nil {
		return told{}, err
	}
	return p.send(ctx, in.Door, in.wish())
}

// contradict wishes for read, unread and read at once. The last wish is the one that must stand in the end.
func (p *Page) contradict(ctx context.Context, in input) (told, error) {
	w := in.wish()
	if err := w.check(); err != nil {
		return told{}, err
	}
	read, unread := w, w
	read.read, unread.read = true, false
	return p.send(ctx, in.Door, read, unread, read)
}

func (p *Page) markUnknown(ctx context.Context, in input) (told, error) {
	return p.send(ctx, in.Door, wish{chat: unknownChat, reader: simulator.Agent, read: true})
}

func (p *Page) sendNonsense(ctx context.Context, in input) (told, error) {
	return p.send(ctx, in.Door, wish{nonsense: true})
}

// burst sends marks for whatever chats there are.
func (p *Page) burst(ctx context.Context, in input) (told, error) {
	chats := p.o.Simulator.Chats()
	if len(chats) == 0 {
		return told{}, inputError("the simulator has no chats")
	}
	random := func() wish {
		return wish{
			chat:   chats[rand.IntN(len(chats))].ID,
			reader: []string{simulator.Agent, simulator.Customer}[rand.IntN(2)],
			read:   rand.IntN(2) == 0,
		}
	}
	if in.Door == "http" {
		return p.callMany(ctx, httpBurst, random)
	}
	wishes := make([]wish, queueBurst)
	for i := range wishes {
		wishes[i] = random()
	}
	return p.send(ctx, in.Door, wishes...)
}

// callMany calls the HTTP API from several workers, as the browsers of a help desk would.
func (p *Page) callMany(ctx context.Context, n int, random func() wish) (told, error) {
	var next, applied atomic.Int64
	var mu sync.Mutex
	var last told
	var fault error
	var workers sync.WaitGroup
	for range httpWorkers {
		workers.Go(func() {
			for next.Add(1) <= int64(n) {
				out, err := p.callEach(ctx, []wish{random()}, false)
				if err == nil && !out.Failed {
					applied.Add(1)
					continue
				}
				mu.Lock()
				last, fault = out, errors.Join(fault, err)
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	last.Text = fmt.Sprintf("%d of %d marks made.", applied.Load(), n)
	return last, fault
}
