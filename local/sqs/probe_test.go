package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// probe carries one case out against any SQS. It stops at the first thing that is not as the case
// says, and returns it as an error, because against the oracle that may be what is expected.
type probe struct {
	client *awssqs.Client
	ctx    context.Context
	prefix string // of the queues' names
	queues int
}

// surprise ends a case.
type surprise struct{ error }

func (p *probe) try(run func(*probe)) (err error) {
	defer func() {
		switch s := recover().(type) {
		case nil:
		case surprise:
			err = s.error
		default:
			panic(s)
		}
	}()
	run(p)
	return nil
}

func (p *probe) failf(format string, args ...any) {
	panic(surprise{fmt.Errorf(format, args...)})
}

func (p *probe) ok(err error) {
	if err != nil {
		p.failf("unexpected error: %w", err)
	}
}

// equal compares deeply.
func (p *probe) equal(what string, got, want any) {
	if !reflect.DeepEqual(got, want) {
		p.failf("%s: got %v, want %v", what, got, want)
	}
}

// refused wants an error with the code that SDKs show.
func (p *probe) refused(err error, code string) {
	var e smithy.APIError
	switch {
	case err == nil:
		p.failf("no error, want %s", code)
	case !errors.As(err, &e):
		p.failf("%w is no answer of the service, want %s", err, code)
	case e.ErrorCode() != code:
		p.failf("error code %s (%s), want %s", e.ErrorCode(), e.ErrorMessage(), code)
	}
}

// pass lets time pass.
func (p *probe) pass(d time.Duration) { time.Sleep(d) }

// attrs are queue attributes in pairs.
func attrs(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

func (p *probe) name(suffix string) *string {
	p.queues++
	return aws.String(p.prefix + "-q" + strconv.Itoa(p.queues) + suffix)
}

// queue makes a standard queue and returns its URL.
func (p *probe) queue(pairs ...string) *string {
	out, err := p.client.CreateQueue(p.ctx, &awssqs.CreateQueueInput{QueueName: p.name(""), Attributes: attrs(pairs...)})
	p.ok(err)
	return out.QueueUrl
}

// fifo makes a FIFO queue and returns its URL.
func (p *probe) fifo(pairs ...string) *string {
	all := attrs("FifoQueue", "true")
	maps.Copy(all, attrs(pairs...))
	out, err := p.client.CreateQueue(p.ctx, &awssqs.CreateQueueInput{QueueName: p.name(".fifo"), Attributes: all})
	p.ok(err)
	return out.QueueUrl
}

// get returns one attribute of a queue, empty if it has none.
func (p *probe) get(url *string, name types.QueueAttributeName) string {
	out, err := p.client.GetQueueAttributes(p.ctx, &awssqs.GetQueueAttributesInput{
		QueueUrl: url, AttributeNames: []types.QueueAttributeName{name},
	})
	p.ok(err)
	return out.Attributes[string(name)]
}

func (p *probe) set(url *string, pairs ...string) error {
	_, err := p.client.SetQueueAttributes(p.ctx, &awssqs.SetQueueAttributesInput{QueueUrl: url, Attributes: attrs(pairs...)})
	return err
}

// counts wants these numbers of visible, in-flight and delayed messages.
func (p *probe) counts(url *string, visible, inFlight, delayed int) {
	got := [3]string{
		p.get(url, types.QueueAttributeNameApproximateNumberOfMessages),
		p.get(url, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible),
		p.get(url, types.QueueAttributeNameApproximateNumberOfMessagesDelayed),
	}
	p.equal("visible, in flight, delayed", got, [3]string{strconv.Itoa(visible), strconv.Itoa(inFlight), strconv.Itoa(delayed)})
}
