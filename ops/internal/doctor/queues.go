package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// seen is what the checks have read so far; nil where it could not be read.
type seen struct {
	queue, deadLetters map[string]string // attributes
	queueFunction      *lambda.GetFunctionConfigurationOutput
	key                string
	stopped            bool // by somebody or by a pause, as the check of the pause reports
}

// fewReceives is a maxReceiveCount at which SQS itself may well move marks before the function decides.
const fewReceives = 200

func checkQueue(ctx context.Context, d *Doctor, s *seen) (f Finding) {
	s.queue, f = attributes(ctx, d, d.QueueURL)
	return f
}

func checkDeadLetterQueue(ctx context.Context, d *Doctor, s *seen) (f Finding) {
	s.deadLetters, f = attributes(ctx, d, d.DeadLetterURL)
	return f
}

func attributes(ctx context.Context, d *Doctor, queueURL string) (map[string]string, Finding) {
	output, err := d.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(queueURL), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return nil, unknown(err)
	}
	kind := "standard"
	if output.Attributes["FifoQueue"] == "true" {
		kind = "FIFO"
	}
	return output.Attributes, ok("%s is there (%s)", queueURL[strings.LastIndexByte(queueURL, '/')+1:], kind)
}

func checkWiring(_ context.Context, d *Doctor, s *seen) Finding {
	var redrive struct {
		DeadLetterTargetARN string      `json:"deadLetterTargetArn"`
		MaxReceiveCount     json.Number `json:"maxReceiveCount"` // SQS writes a number, some tools a string
	}
	_ = json.Unmarshal([]byte(s.queue["RedrivePolicy"]), &redrive)
	receives, _ := strconv.Atoi(strings.Trim(string(redrive.MaxReceiveCount), `"`))
	const deploy = "deploy the stack again; its template sets this"
	switch {
	case redrive.DeadLetterTargetARN == "":
		return problem("the queue has no redrive policy: a mark on which the function crashes again and again never becomes a dead letter", deploy)
	case redrive.DeadLetterTargetARN != s.deadLetters["QueueArn"]:
		return problem("the queue's redrive policy names another dead-letter queue: "+redrive.DeadLetterTargetARN, deploy)
	case s.queue["FifoQueue"] != s.deadLetters["FifoQueue"]:
		return problem("one of the queues is FIFO and the other is not", deploy)
	case !allows(s.deadLetters["RedriveAllowPolicy"], s.queue["QueueArn"]):
		return problem("the dead-letter queue does not allow this queue (RedriveAllowPolicy)", deploy)
	case s.queue["ContentBasedDeduplication"] == "true":
		return problem("the queue deduplicates by content: of read, unread, read within five minutes the third is swallowed", deploy)
	case receives < fewReceives:
		return warning(fmt.Sprintf("SQS moves a mark to the dead-letter queue after %d receives: held marks are received often and could go there before the retry window is over", receives), deploy)
	}
	return ok("each names the other; SQS itself dead-letters a mark after %d receives", receives)
}

// allows reads a RedriveAllowPolicy; without one every queue is allowed.
func allows(policy, queueARN string) bool {
	if policy == "" {
		return true
	}
	var allow struct {
		RedrivePermission string
		SourceQueueARNs   []string `json:"sourceQueueArns"`
	}
	_ = json.Unmarshal([]byte(policy), &allow)
	return allow.RedrivePermission == "allowAll" || slices.Contains(allow.SourceQueueARNs, queueARN)
}
