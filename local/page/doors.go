package page

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/local/simulator"
)

// wish is something sent through a door: a mark, or a body that is none. The page makes it by hand as any producer would.
type wish struct {
	chat     int64
	reader   string
	read     bool
	nonsense bool
}

func (in input) wish() wish { return wish{chat: in.Chat, reader: in.Reader, read: in.Read} }

func (w wish) check() error {
	if w.chat < 1 {
		return inputError("a chat's id starts at 1")
	}
	if w.reader != simulator.Agent && w.reader != simulator.Customer {
		return inputError("the reader must be agent or customer")
	}
	return nil
}

// body is the message's; the HTTP API's has no reader, which is in its path, and ignores this one.
func (w wish) body() string {
	if w.nonsense {
		return `{"id": "5208", "reader": "agent", "read": "yes"}`
	}
	return fmt.Sprintf(`{"id": %d, "reader": %q, "read": %t}`, w.chat, w.reader, w.read)
}

// send sends wishes through a door, in their order.
func (p *Page) send(ctx context.Context, door string, wishes ...wish) (told, error) {
	switch door {
	case "queue":
		return p.queueUp(ctx, wishes)
	case "http", "later":
		return p.callEach(ctx, wishes, door == "later")
	}
	return told{}, inputError("the door must be http, later or queue")
}

// queueUp sends a batch of ten at most at a time, as SQS takes them.
func (p *Page) queueUp(ctx context.Context, wishes []wish) (told, error) {
	for start := 0; start < len(wishes); start += batchLimit {
		var entries []types.SendMessageBatchRequestEntry
		for i, w := range wishes[start:min(start+batchLimit, len(wishes))] {
			entries = append(entries, p.entry(strconv.Itoa(i), w))
		}
		out, err := p.o.Client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String(p.url(p.o.QueueName)), Entries: entries})
		if err != nil {
			return told{}, fmt.Errorf("the queue cannot be reached: %w", err)
		}
		if len(out.Failed) > 0 {
			return told{}, fmt.Errorf("SQS refused %d messages: %s", len(out.Failed), aws.ToString(out.Failed[0].Message))
		}
	}
	if len(wishes) == 1 {
		return told{Text: "On the queue."}, nil
	}
	return told{Text: fmt.Sprintf("%d messages on the queue.", len(wishes))}, nil
}

func (p *Page) entry(id string, w wish) types.SendMessageBatchRequestEntry {
	entry := types.SendMessageBatchRequestEntry{Id: aws.String(id), MessageBody: aws.String(w.body())}
	if p.fifo() {
		group := strconv.FormatInt(w.chat, 10)
		if w.nonsense {
			group = "nonsense"
		}
		entry.MessageGroupId, entry.MessageDeduplicationId = aws.String(group), aws.String(rand.Text())
	}
	return entry
}

func (p *Page) fifo() bool { return strings.HasSuffix(p.o.QueueName, ".fifo") }

func (p *Page) url(queue string) string { return p.o.Queues.QueueURL(queue) }

// callEach calls the HTTP API with one wish after the other and tells the statuses and the last answer.
func (p *Page) callEach(ctx context.Context, wishes []wish, later bool) (out told, err error) {
	var statuses []string
	started := time.Now()
	for _, w := range wishes {
		status, body, err := p.call(ctx, w, later)
		if err != nil {
			return told{}, err
		}
		statuses = append(statuses, strconv.Itoa(status))
		out.Answer, out.Failed = body, out.Failed || status >= http.StatusBadRequest
	}
	out.Text = fmt.Sprintf("HTTP %s in %d ms.", strings.Join(statuses, ", "), time.Since(started).Milliseconds())
	return out, nil
}

// maxAnswer is how much of an answer is shown, in bytes.
const maxAnswer = 4 << 10

func (p *Page) call(ctx context.Context, w wish, later bool) (status int, body string, err error) {
	endpoint := "/v1/chats/readByAgent"
	if w.reader == simulator.Customer {
		endpoint = "/v1/chats/readByCustomer"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, p.o.GatewayURL+endpoint, strings.NewReader(w.body()))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Authorization", "Bearer "+p.o.Token)
	r.Header.Set("Content-Type", "application/json")
	if later {
		r.Header.Set("Prefer", "respond-async")
	}
	answer, err := p.gateway.Do(r)
	if err != nil {
		return 0, "", fmt.Errorf("the HTTP API cannot be reached: %w", err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	return answer.StatusCode, readable(raw), err
}

// readable indents JSON; anything else stays as it is.
func readable(raw []byte) string {
	var indented bytes.Buffer
	if json.Indent(&indented, raw, "", "  ") != nil {
		return string(raw)
	}
	return indented.String()
}
