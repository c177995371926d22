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

	"helpcrunch-mark-read/shared/mark"
)

// Sender is the part of SQS's API that is used; *sqs.Client has it.
type Sender interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// sendTimeout bounds the SDK's tries to reach SQS; the caller waits meanwhile.
const sendTimeout = 5 * time.Second

// enqueue puts the mark on the queue instead of making it.
func (h *Handler) enqueue(ctx context.Context, wish mark.Mark) response {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	output, err := h.Queue.SendMessage(ctx, message(h.QueueURL, wish))
	if err != nil {
		h.Log.ErrorContext(ctx, "the mark could not be queued", "code", codeQueueUnavailable, "chatId", wish.ID, "error", err)
		r := refusal(http.StatusServiceUnavailable, entry{codeQueueUnavailable,
			"Whether the mark was queued is not known. Sending it again is safe, unless a newer one was sent meanwhile."})
		r.Headers["Retry-After"] = "1"
		return r
	}
	h.Log.InfoContext(ctx, "queued", slog.String("messageId", aws.ToString(output.MessageId)),
		"chatId", wish.ID, "reader", string(wish.Reader), "read", wish.Read)
	body, _ := json.Marshal(map[string]string{"messageId": aws.ToString(output.MessageId)})
	r := answer(http.StatusAccepted, string(body))
	r.Headers["Preference-Applied"] = "respond-async"
	return r
}

// message is the mark as SQS takes it. On a FIFO queue the chat is the group, and every message has a deduplication id of
// its own: one made from the content would swallow read, unread, read within five minutes.
func message(queueURL string, wish mark.Mark) *sqs.SendMessageInput {
	input := &sqs.SendMessageInput{QueueUrl: aws.String(queueURL), MessageBody: aws.String(wish.Message())}
	if strings.HasSuffix(queueURL, ".fifo") {
		input.MessageGroupId = aws.String(strconv.FormatInt(wish.ID, 10))
		input.MessageDeduplicationId = aws.String(rand.Text())
	}
	return input
}
