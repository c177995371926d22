package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/telemetry"
)

// Sender is the part of SQS's API that is used; *sqs.Client has it.
type Sender interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// sendTimeout bounds the SDK's tries to reach SQS; the caller waits meanwhile.
const sendTimeout = 5 * time.Second

// enqueue puts the mark on the queue instead of making it.
func (h *Handler) enqueue(ctx context.Context, wanted mark.Mark) response {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	input := message(h.QueueURL, wanted)
	if trace := telemetry.TraceID(ctx); trace != "" {
		input.MessageSystemAttributes = map[string]types.MessageSystemAttributeValue{
			string(types.MessageSystemAttributeNameForSendsAWSTraceHeader): {DataType: aws.String("String"), StringValue: aws.String(trace)},
		}
	}
	output, err := h.Queue.SendMessage(ctx, input)
	if err != nil {
		h.Log.ErrorContext(ctx, "the mark could not be queued", "code", codeQueueUnavailable, "chatId", wanted.ID, "error", err)
		r := refusal(http.StatusServiceUnavailable, entry{codeQueueUnavailable,
			"Whether the mark was queued is not known. Sending it again is safe, unless a newer one was sent meanwhile."})
		r.Headers["Retry-After"] = "1"
		return r
	}
	h.Log.InfoContext(ctx, "queued", slog.String("messageId", aws.ToString(output.MessageId)),
		"chatId", wanted.ID, "reader", string(wanted.Reader), "read", wanted.Read)
	body, _ := json.Marshal(map[string]string{"messageId": aws.ToString(output.MessageId)})
	r := answer(http.StatusAccepted, string(body))
	r.Headers["Preference-Applied"] = "respond-async"
	return r
}

// message is the mark as SQS takes it. On a FIFO queue the chat is the group, and every message has a deduplication id of
// its own: one made from the content would swallow read, unread, read within five minutes.
func message(queueURL string, wanted mark.Mark) *sqs.SendMessageInput {
	input := &sqs.SendMessageInput{QueueUrl: aws.String(queueURL), MessageBody: aws.String(wanted.Message())}
	if strings.HasSuffix(queueURL, ".fifo") {
		input.MessageGroupId = aws.String(strconv.FormatInt(wanted.ID, 10))
		input.MessageDeduplicationId = aws.String(rand.Text())
	}
	return input
}
