package queue

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// send writes letters to the dead-letter queue and gives the ids of the messages that are safe there. A letter that may
// have been written without our being told is not: its message is held, and a second letter may follow.
func (h *Handler) send(ctx context.Context, letters []letter) (safe map[string]bool) {
	ctx, cancel := settleContext(ctx, leaveAfterLetters)
	defer cancel()
	safe = make(map[string]bool, len(letters))
	for len(letters) > 0 {
		n := fitting(letters)
		h.sendBatch(ctx, letters[:n], safe)
		letters = letters[n:]
	}
	return safe
}

// fitting is how many of the first letters one batch can hold: ten, and 1 MiB together. One letter always fits.
func fitting(letters []letter) int {
	total := 0
	for i, l := range letters {
		total += l.bytes
		if i == batchLimit || i > 0 && total > maxMessageBytes {
			return i
		}
	}
	return len(letters)
}

func (h *Handler) sendBatch(ctx context.Context, letters []letter, safe map[string]bool) {
	entries := make([]types.SendMessageBatchRequestEntry, len(letters))
	for i, l := range letters {
		entries[i] = l.entry
		entries[i].Id = aws.String(strconv.Itoa(i))
	}
	output, err := h.SQS.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String(h.DeadLetterURL), Entries: entries})
	if err != nil {
		h.Log.ErrorContext(ctx, "the dead-letter queue could not be written", "letters", len(letters), "error", err)
		return
	}
	for _, sent := range output.Successful {
		if i, err := strconv.Atoi(aws.ToString(sent.Id)); err == nil && i >= 0 && i < len(letters) {
			safe[letters[i].id] = true
		}
	}
	for _, failed := range output.Failed {
		h.Log.ErrorContext(ctx, "the dead-letter queue refused a letter", "error", aws.ToString(failed.Code))
	}
}
