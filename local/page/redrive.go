package page

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	local "helpcrunch-mark-read/local/sqs"
)

// SQS is the part of SQS's API that the page uses; *sqs.Client has it.
type SQS interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
}

// The attributes that the queue function adds to a dead letter.
const (
	attributeOutcome      = "Outcome"
	attributeErrorCode    = "ErrorCode"
	attributeErrorMessage = "ErrorMessage"
	attributeHTTPStatus   = "HttpStatus"
	attributeSource       = "Source"
)

const (
	batchLimit    = 10 // SQS's own, for one call
	redriveWithin = 30 // seconds that the letters are out while one of them is looked for
)

var (
	errLetterGone   = inputError("This letter is no longer there, or is being worked on.")
	errLetterBehind = inputError("This letter lies behind ten of the same chat, and SQS gives no more at a time: redrive those first.")
)

// redrive sends a dead letter back to the queue, or all of them when none is named.
func (p *Page) redrive(ctx context.Context, in input) (told, error) {
	if in.LetterID == "" {
		return p.redriveAll(ctx)
	}
	letter, others, err := p.receiveLetter(ctx, in.LetterID)
	if err == nil {
		if err = p.resend(ctx, letter); err != nil {
			others = append(others, letter)
		}
	}
	return told{Text: "Sent back to the queue."}, errors.Join(err, p.putBack(context.WithoutCancel(ctx), others))
}

// redriveAll sends back as many letters as there are now. Those that die again meanwhile are new letters and stay.
func (p *Page) redriveAll(ctx context.Context) (told, error) {
	letters, err := p.o.Queues.Messages(p.o.DeadName)
	if err != nil {
		return told{}, err
	}
	for sent := 0; sent < len(letters); {
		received, err := p.receiveLetters(ctx)
		if err != nil {
			return told{}, err
		}
		if len(received) == 0 {
			return told{}, errLetterGone
		}
		for i, letter := range received {
			if sent == len(letters) {
				return told{Text: sentBack(sent)}, p.putBack(ctx, received[i:])
			}
			if err := p.resend(ctx, letter); err != nil {
				return told{}, errors.Join(err, p.putBack(context.WithoutCancel(ctx), received[i:]))
			}
			sent++
		}
	}
	return told{Text: sentBack(len(letters))}, nil
}

func sentBack(n int) string { return fmt.Sprintf("%d sent back to the queue.", n) }

// resend puts a letter on the queue as it was sent first, and then deletes it: nothing is lost if it is cut off in between.
func (p *Page) resend(ctx context.Context, letter types.Message) error {
	if _, err := p.o.Client.SendMessage(ctx, p.original(letter)); err != nil {
		return fmt.Errorf("the letter could not be sent: %w", err)
	}
	_, err := p.o.Client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(p.url(p.o.DeadName)), ReceiptHandle: letter.ReceiptHandle})
	if err != nil {
		return fmt.Errorf("the letter was sent, but could not be deleted: %w", err)
	}
	return nil
}

// receiveLetter receives until it has the letter. The others that it had to receive must be put back in any case.
func (p *Page) receiveLetter(ctx context.Context, id string) (letter types.Message, others []types.Message, err error) {
	for {
		received, err := p.receiveLetters(ctx)
		if err != nil {
			return letter, others, err
		}
		for i, m := range received {
			if aws.ToString(m.MessageId) == id {
				return m, slices.Concat(others, received[:i], received[i+1:]), nil
			}
		}
		others = append(others, received...)
		if len(received) == 0 {
			return letter, others, p.whyNot(id)
		}
	}
}

func (p *Page) receiveLetters(ctx context.Context) ([]types.Message, error) {
	out, err := p.o.Client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: aws.String(p.url(p.o.DeadName)), MaxNumberOfMessages: batchLimit, VisibilityTimeout: redriveWithin,
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		return nil, fmt.Errorf("the dead-letter queue cannot be read: %w", err)
	}
	return out.Messages, nil
}

// whyNot tells why no receive gave the letter.
func (p *Page) whyNot(id string) error {
	letters, err := p.o.Queues.Messages(p.o.DeadName)
	if err != nil {
		return err
	}
	for _, m := range letters {
		if m.ID == id && m.State == local.Visible {
			return errLetterBehind
		}
	}
	return errLetterGone
}

// putBack shows letters again at once. Where that fails, their visibility timeout does it.
func (p *Page) putBack(ctx context.Context, letters []types.Message) (err error) {
	for _, m := range letters {
		_, fault := p.o.Client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
			QueueUrl: aws.String(p.url(p.o.DeadName)), ReceiptHandle: m.ReceiptHandle,
		})
		err = errors.Join(err, fault)
	}
	return err
}

// original is the message as it was before it died: without the attributes that say why it did. The deduplication id is
// the letter's, so that a second redrive of the same letter within five minutes puts nothing more on the queue.
func (p *Page) original(letter types.Message) *sqs.SendMessageInput {
	attributes := maps.Clone(letter.MessageAttributes)
	for _, name := range []string{attributeOutcome, attributeErrorCode, attributeErrorMessage, attributeHTTPStatus, attributeSource} {
		delete(attributes, name)
	}
	out := &sqs.SendMessageInput{QueueUrl: aws.String(p.url(p.o.QueueName)), MessageBody: letter.Body, MessageAttributes: attributes}
	if p.fifo() {
		system := letter.Attributes
		out.MessageGroupId = aws.String(system[string(types.MessageSystemAttributeNameMessageGroupId)])
		out.MessageDeduplicationId = aws.String("redrive-" + aws.ToString(letter.MessageId))
	}
	return out
}
