package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// conversationRead is the CRM's webhook: an agent has read a conversation, or has marked it unread.
type conversationRead struct {
	EventID string `json:"event_id"`
	ChatID  int64  `json:"helpcrunch_chat_id"`
	Unread  bool   `json:"unread"`
	// SeenUpTo is HelpCrunch's createdAt of the newest message that the CRM showed, as HelpCrunch's API returned it.
	SeenUpTo json.Number `json:"helpcrunch_seen_up_to"`
}

// message is the body of a queue message. A stack whose output Understands does not list asOf ignores it.
type message struct {
	ID     int64       `json:"id"`
	Reader string      `json:"reader"`
	Read   bool        `json:"read"`
	AsOf   json.Number `json:"asOf,omitempty"`
}

type bridge struct {
	queue    *sqs.Client
	queueURL string
	secret   []byte
}

// ServeHTTP answers 204 once the mark is on the queue. Anything else makes the CRM send the webhook again, which does no
// harm: the same event has the same deduplication id.
func (b *bridge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil || !b.signed(body, r.Header.Get("X-Crm-Signature")) {
		http.Error(w, "the signature is wrong", http.StatusUnauthorized)
		return
	}
	var event conversationRead
	if err := json.Unmarshal(body, &event); err != nil || event.EventID == "" || event.ChatID < 1 {
		http.Error(w, "this is no event of a conversation", http.StatusBadRequest)
		return
	}
	if err := b.send(r.Context(), event); err != nil {
		log.Printf("event %s was not queued: %v", event.EventID, err)
		http.Error(w, "try again later", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// signed compares in constant time: how long a comparison takes must not reveal how much of a signature was right.
func (b *bridge) signed(body []byte, signature string) bool {
	mac := hmac.New(sha256.New, b.secret)
	mac.Write(body)
	sent, err := hex.DecodeString(signature)
	return err == nil && hmac.Equal(sent, mac.Sum(nil))
}

func (b *bridge) send(ctx context.Context, event conversationRead) error {
	body, err := json.Marshal(message{ID: event.ChatID, Reader: "agent", Read: !event.Unread, AsOf: event.SeenUpTo})
	if err != nil {
		return err
	}
	_, err = b.queue.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl:    aws.String(b.queueURL),
		MessageBody: aws.String(string(body)),
		// What follows is for a FIFO queue, the default. The chat is the group: its marks stay in order and hold up no other's.
		MessageGroupId:         aws.String(strconv.FormatInt(event.ChatID, 10)),
		MessageDeduplicationId: aws.String(event.EventID),
	})
	return err
}
