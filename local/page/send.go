package page

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/local/stack"
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
		out, err := p.Client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String(p.SQS.QueueURL(p.QueueName)), Entries: entries})
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
	entry := types.SendMessageBatchRequestEntry{Id: aws.String(id), MessageBody: &m.body}
	if strings.HasSuffix(p.QueueName, ".fifo") {
		entry.MessageGroupId, entry.MessageDeduplicationId = &m.group, aws.String(rand.Text())
	}
	return entry
}

// mostShown is how many statuses are shown one by one.
const mostShown = 3

// callEach calls the HTTP API with one message after the other and returns the statuses and the last answer, of those that failed if any did.
func (p *Page) callEach(ctx context.Context, messages []message, async bool) (out result, err error) {
	var statuses []string
	made := 0
	started := time.Now()
	for _, m := range messages {
		answer, err := p.Put(ctx, m.reader, m.body, stack.Token, async)
		if err != nil {
			return result{}, fmt.Errorf("the HTTP API cannot be reached: %w", err)
		}
		status := strconv.Itoa(answer.Status)
		if answer.Header.Get("Mark-Overtaken") != "" {
			status += " (overtaken)"
		}
		statuses = append(statuses, status)
		failed := answer.Status >= http.StatusBadRequest
		if failed || !out.Failed {
			out.Answer = readable(answer.Body)
		}
		if !failed {
			made++
		}
		out.Failed = out.Failed || failed
	}
	out.Text = fmt.Sprintf("HTTP %s in %d ms.", strings.Join(statuses, ", "), time.Since(started).Milliseconds())
	if len(messages) > mostShown {
		out.Text = fmt.Sprintf("%d of %d marks made.", made, len(messages))
	}
	return out, nil
}

// readable indents JSON; anything else stays as it is.
func readable(raw []byte) string {
	var indented bytes.Buffer
	if json.Indent(&indented, raw, "", "  ") != nil {
		return string(raw)
	}
	return indented.String()
}
