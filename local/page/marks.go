package page

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"

	"helpcrunch-mark-read/local/simulator"
)

// unknownChat is an id that the simulator's chats do not have.
const unknownChat = 404404

// How many marks a burst has. By HTTP somebody waits for their answers.
const (
	queueBurst = 60
	httpBurst  = 20
)

// mark is what a message asks for.
type mark struct {
	Chat   int64  `json:"chat,string"`
	Reader string `json:"reader"` // agent or customer
	Read   bool   `json:"read"`
	AsOf   int64  `json:"asOf,omitempty"` // the mark's bound, Unix seconds; 0 for none
}

// message is something to send: a mark, or an invalid body.
type message struct{ group, reader, body string }

// message writes the mark by hand as any producer would. The body is the queue's; the HTTP API's has no reader, which is in
// its path, and ignores this one.
func (m mark) message() message {
	bound := ""
	if m.AsOf > 0 {
		bound = fmt.Sprintf(`, "asOf": %d`, m.AsOf)
	}
	body := fmt.Sprintf(`{"id": %d, "reader": %q, "read": %t%s}`, m.Chat, m.Reader, m.Read, bound)
	return message{strconv.FormatInt(m.Chat, 10), m.Reader, body}
}

func (p *Page) mark(ctx context.Context, in input) (result, error) {
	return p.sendMarks(ctx, in.Via, in.mark)
}

// contradict asks for read, unread and read at once. The last one is what must stand in the end.
func (p *Page) contradict(ctx context.Context, in input) (result, error) {
	read, unread := in.mark, in.mark
	read.Read, unread.Read = true, false
	return p.sendMarks(ctx, in.Via, read, unread, read)
}

func (p *Page) markUnknown(ctx context.Context, in input) (result, error) {
	return p.sendMarks(ctx, in.Via, mark{Chat: unknownChat, Reader: simulator.Agent, Read: true})
}

func (p *Page) sendInvalid(ctx context.Context, in input) (result, error) {
	return p.send(ctx, in.Via, message{"invalid", simulator.Agent, `{"id": "5208", "reader": "agent", "read": "yes"}`})
}

// burst sends marks for whatever chats there are.
func (p *Page) burst(ctx context.Context, in input) (result, error) {
	chats := p.Simulator.Chats()
	if len(chats) == 0 {
		return result{}, inputError("the simulator has no chats")
	}
	marks := make([]mark, queueBurst)
	if in.Via != "queue" {
		marks = marks[:httpBurst]
	}
	for i := range marks {
		marks[i] = mark{
			Chat:   chats[rand.IntN(len(chats))].ID,
			Reader: []string{simulator.Agent, simulator.Customer}[rand.IntN(2)],
			Read:   rand.IntN(2) == 0,
		}
	}
	return p.sendMarks(ctx, in.Via, marks...)
}

func (p *Page) sendMarks(ctx context.Context, via string, marks ...mark) (result, error) {
	var messages []message
	for _, m := range marks {
		if m.Chat < 1 {
			return result{}, inputError("a chat's id starts at 1")
		}
		if m.Reader != simulator.Agent && m.Reader != simulator.Customer {
			return result{}, inputError("the reader must be agent or customer")
		}
		messages = append(messages, m.message())
	}
	return p.send(ctx, via, messages...)
}
