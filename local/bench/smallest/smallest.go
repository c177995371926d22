// Package smallest holds the smallest functions that aws-lambda-go allows for the events of the two product functions.
// They read the event, do nothing and answer: what they cost is the floor that the product is measured against.
package smallest

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
)

// HTTP answers an API Gateway request with nothing done.
func HTTP(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: "{}"}, nil
}

// Queue accepts a batch with nothing done.
func Queue(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}, nil
}
