package page

import (
	"context"
	"fmt"
	"math/rand/v2"

	"helpcrunch-mark-read/local/simulator"
)

// unknownChat is an id that the simulator's chats do not have.
const unknownChat = 404404

// How many marks a burst has. By HTTP somebody waits for their answers.
const (
	queueBurst = 60
	httpBurst  = 20
)

// message is something to send: a mark, or an invalid body. The page writes it by hand as any producer would.
type message struct {
	chat    int64
	reader  string
	read    bool
	asOf    int64 // Unix seconds; 0 for none
	invalid bool
}

func (in input) message() (message, error) {
	if in.Chat < 1 {
		return message{}, inputError("a chat's id starts at 1")
	}
	if in.Reader != simulator.Agent && in.Reader != simulator.Customer {
		return message{}, inputError("the reader must be agent or customer")
	}
	return message{chat: in.Chat, reader: in.Reader, read: in.Read, asOf: in.AsOf}, nil
}

// body is the queue message's; the HTTP API's has no reader, which is in its path, and ignores this one.
func (m message) body() string {
	bound := ""
	if m.asOf > 0 {
		bound = fmt.Sprintf(`, "asOf": %d`, m.asOf)
	}
	if m.invalid {
		return `{"id": "5208", "reader": "agent", "read": "yes"}`
	}
	return fmt.Sprintf(`{"id": %d, "reader": %q, "read": %t%s}`, m.chat, m.reader, m.read, bound)
}

func (p *Page) mark(ctx context.Context, in input) (result, error) {
	m, err := in.message()
	if err != nil {
		return result{}, err
	}
	return p.send(ctx, in.Via, m)
}

// contradict asks for read, unread and read at once. The last one is what must stand in the end.
func (p *Page) contradict(ctx context.Context, in input) (result, error) {
	m, err := in.message()
	if err != nil {
		return result{}, err
	}
	read, unread := m, m
	read.read, unread.read = true, false
	return p.send(ctx, in.Via, read, unread, read)
}

func (p *Page) markUnknown(ctx context.Context, in input) (result, error) {
	return p.send(ctx, in.Via, message{chat: unknownChat, reader: simulator.Agent, read: true})
}

func (p *Page) sendInvalid(ctx context.Context, in input) (result, error) {
	return p.send(ctx, in.Via, message{reader: simulator.Agent, invalid: true})
}

// burst sends marks for whatever chats there are.
func (p *Page) burst(ctx context.Context, in input) (result, error) {
	chats := p.Simulator.Chats()
	if len(chats) == 0 {
		return result{}, inputError("the simulator has no chats")
	}
	messages := make([]message, queueBurst)
	if in.Via != "queue" {
		messages = messages[:httpBurst]
	}
	for i := range messages {
		messages[i] = message{
			chat:   chats[rand.IntN(len(chats))].ID,
			reader: []string{simulator.Agent, simulator.Customer}[rand.IntN(2)],
			read:   rand.IntN(2) == 0,
		}
	}
	return p.send(ctx, in.Via, messages...)
}
