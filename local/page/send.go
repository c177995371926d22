package page

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/local/simulator"
)

// batchLimit is SQS's own, for one call.
const batchLimit = 10

// send sends messages in their order: to the HTTP API, to the HTTP API with Prefer: respond-async, or to the queue.
func (p *Page) send(ctx context.Context, via string, messages ...message) (result, error) {
	switch via {
	case "queue":
		return p.queueUp(ctx, messages)
	case "http", "async":
		return p.callEach(ctx, messages, via == "async")
	}
	return result{}, inputError("via must be http, async or queue")
}

func (p *Page) queueUp(ctx context.Context, messages []message) (result, error) {
	for chunk := range slices.Chunk(messages, batchLimit) {
		var entries []types.SendMessageBatchRequestEntry
		for i, m := range chunk {
			entries = append(entries, p.entry(strconv.Itoa(i), m))
		}
		out, err := p.o.Client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String(p.o.Queues.QueueURL(p.o.QueueName)), Entries: entries})
		if err != nil {
			return result{}, fmt.Errorf("the queue cannot be reached: %w", err)
		}
		if len(out.Failed) > 0 {
			return result{}, fmt.Errorf("SQS refused %d messages: %s", len(out.Failed), aws.ToString(out.Failed[0].Message))
		}
	}
	if len(messages) == 1 {
		return result{Text: "On the queue."}, nil
	}
	return result{Text: fmt.Sprintf("%d messages on the queue.", len(messages))}, nil
}

func (p *Page) entry(id string, m message) types.SendMessageBatchRequestEntry {
	entry := types.SendMessageBatchRequestEntry{Id: aws.String(id), MessageBody: aws.String(m.body())}
	if strings.HasSuffix(p.o.QueueName, ".fifo") {
		group := strconv.FormatInt(m.chat, 10)
		if m.invalid {
			group = "invalid"
		}
		entry.MessageGroupId, entry.MessageDeduplicationId = aws.String(group), aws.String(rand.Text())
	}
	return entry
}

// callEach calls the HTTP API with one message after the other and returns the statuses and the last answer.
func (p *Page) callEach(ctx context.Context, messages []message, async bool) (out result, err error) {
	var statuses []string
	started := time.Now()
	for _, m := range messages {
		answer, body, err := p.call(ctx, m, async)
		if err != nil {
			return result{}, err
		}
		status := strconv.Itoa(answer.StatusCode)
		if answer.Header.Get("Mark-Overtaken") != "" {
			status += " (overtaken)"
		}
		statuses = append(statuses, status)
		out.Answer, out.Failed = body, out.Failed || answer.StatusCode >= http.StatusBadRequest
	}
	out.Text = fmt.Sprintf("HTTP %s in %d ms.", strings.Join(statuses, ", "), time.Since(started).Milliseconds())
	return out, nil
}

// maxAnswer is how much of an answer is shown, in bytes.
const maxAnswer = 4 << 10

func (p *Page) call(ctx context.Context, m message, async bool) (answer *http.Response, body string, err error) {
	endpoint := "/v1/chats/readByAgent"
	if m.reader == simulator.Customer {
		endpoint = "/v1/chats/readByCustomer"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, p.o.GatewayURL+endpoint, strings.NewReader(m.body()))
	if err != nil {
		return nil, "", err
	}
	r.Header.Set("Authorization", "Bearer "+p.o.Token)
	r.Header.Set("Content-Type", "application/json")
	if async {
		r.Header.Set("Prefer", "respond-async")
	}
	answer, err = p.gateway.Do(r)
	if err != nil {
		return nil, "", fmt.Errorf("the HTTP API cannot be reached: %w", err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	return answer, readable(raw), err
}

// readable indents JSON; anything else stays as it is.
func readable(raw []byte) string {
	var indented bytes.Buffer
	if json.Indent(&indented, raw, "", "  ") != nil {
		return string(raw)
	}
	return indented.String()
}
