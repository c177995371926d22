package docscheck

import (
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"helpcrunch-mark-read/local/sqs"
	"helpcrunch-mark-read/local/stack"
	"helpcrunch-mark-read/local/stack/stacktest"
	"helpcrunch-mark-read/shared/mark"
)

// properties returns those of a resource of one of the example templates.
func properties(t *testing.T, template map[string]any, resource string) map[string]any {
	t.Helper()
	found, ok := template["Resources"].(map[string]any)[resource].(map[string]any)
	if !ok {
		t.Fatalf("there is no resource %s", resource)
	}
	return found["Properties"].(map[string]any)
}

const fifoARN, standardARN = "arn:aws:sqs:eu-central-1:123456789012:stack-marks-1a2b3c4d.fifo", "arn:aws:sqs:eu-central-1:123456789012:stack-marks-1a2b3c4d"

// takes checks which kind of queue a template lets itself be given.
func takes(t *testing.T, template map[string]any, good, bad string) {
	t.Helper()
	pattern := regexp.MustCompile(template["Parameters"].(map[string]any)["MarksQueueArn"].(map[string]any)["AllowedPattern"].(string))
	if !pattern.MatchString(good) || pattern.MatchString(bad) {
		t.Errorf("it must take %s and refuse %s", good, bad)
	}
}

// TestExampleRule follows an event through the rule: the pattern matches it, and what InputPath leaves of it is a mark.
func TestExampleRule(t *testing.T) {
	template, event := parseYAML(t, "examples/eventbridge-rule.yaml"), read(t, "events/eventbridge.json")
	takes(t, template, standardARN, fifoARN)
	rule := properties(t, template, "ConversationRead")
	pattern := rule["EventPattern"].(map[string]any)
	for _, name := range []string{"source", "detail-type"} {
		if want := []any{field(t, event, name)}; !reflect.DeepEqual(pattern[name], want) {
			t.Errorf("the pattern wants %s %v, the event has %v", name, pattern[name], want)
		}
	}
	target := rule["Targets"].([]any)[0].(map[string]any)
	if _, err := mark.ReadMessage([]byte(field(t, event, strings.TrimPrefix(target["InputPath"].(string), "$.")))); err != nil {
		t.Error(err)
	}
	if target["RoleArn"] != nil || target["SqsParameters"] != nil {
		t.Error("a rule's target that is a standard queue has no role and no group")
	}
	isLetIn(t, template, "events.amazonaws.com")
}

// TestInputTemplate: the template for events with other names makes a mark, once EventBridge has filled it in.
func TestInputTemplate(t *testing.T) {
	match := regexp.MustCompile("InputTemplate: '([^']+)'").FindStringSubmatch(read(t, "docs/producers.md"))
	if match == nil {
		t.Fatal("docs/producers.md has none")
	}
	if _, err := mark.ReadMessage([]byte(strings.ReplaceAll(match[1], "<chat>", "5208"))); err != nil {
		t.Error(err)
	}
}

func TestExampleTopic(t *testing.T) {
	template := parseYAML(t, "examples/sns-topic.yaml")
	takes(t, template, standardARN, fifoARN)
	if subscription := properties(t, template, "Marks"); subscription["RawMessageDelivery"] != true || subscription["Protocol"] != "sqs" {
		t.Errorf("the subscription is %v", subscription)
	}
	if _, err := mark.ReadMessage([]byte(field(t, read(t, "events/sns.json"), "Message"))); err != nil {
		t.Error(err)
	}
	isLetIn(t, template, "sns.amazonaws.com")
}

// isLetIn: the example outputs the ARN that the stack's parameter asks for, leaves the queue's own policy alone, and the
// stack's policy has a place for its service.
func isLetIn(t *testing.T, template map[string]any, service string) {
	t.Helper()
	outputs, _ := template["Outputs"].(map[string]any)
	if outputs["ProducerSourceArn"] == nil {
		t.Error("there is no output ProducerSourceArn")
	}
	if text := fmt.Sprint(template["Resources"]); strings.Contains(text, "Queues:[MarksQueue") || strings.Contains(text, "MarksQueueUrl") {
		t.Error("the example replaces the policy of the marks queue")
	}
	policy := fmt.Sprint(properties(t, parseYAML(t, "template.yaml"), "MarksQueuePolicy"))
	if !strings.Contains(policy, service) || !strings.Contains(policy, "ProducerSourceArns") {
		t.Errorf("the stack's policy is %s", policy)
	}
}

func TestExampleCustomBus(t *testing.T) {
	template := parseYAML(t, "examples/eventbridge-custom-bus.yaml")
	takes(t, template, fifoARN, standardARN)
	subscriber := properties(t, template, "Marks")
	parameters := subscriber["InvokeConfiguration"].(map[string]any)["SqsParameters"].(map[string]any)
	for _, name := range []string{"MessageGroupId", "MessageDeduplicationId"} {
		if value := fmt.Sprint(parameters[name]); !strings.HasPrefix(value, "{% $events.") {
			t.Errorf("%s is %s: a fixed one would swallow or block what follows", name, value)
		}
	}
	if subscriber["Type"] != "FIFO" || subscriber["Transformer"] != nil {
		t.Errorf("the subscriber is %v", subscriber)
	}
}

func TestExampleTemplatesAreLinted(t *testing.T) {
	lint := needs(t, "cfn-lint", "--version")
	files, err := filepath.Glob(filepath.Join(root, "examples/*.yaml"))
	if err != nil || len(files) != 3 {
		t.Fatalf("%v %v", files, err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	succeeds(t, clean(), "", "sh", append([]string{"-c", `cd examples && exec "$@"`, "sh", lint, "--"}, files...)...)
}

// TestExampleProducer sends two marks for each of six chats, the second of which contradicts the first, with the Python
// producer, while SQS refuses the first entry of every batch once, and finds that each chat's second mark is its last in the queue.
func TestExampleProducer(t *testing.T) {
	t.Parallel()
	needs(t, "python3", "-c", "import boto3")
	for _, standard := range []bool{false, true} {
		t.Run(fmt.Sprintf("standard %v", standard), func(t *testing.T) {
			t.Parallel()
			s := stacktest.Start(t, stack.Options{NoMapping: true, Standard: standard})
			var refusals atomic.Int64
			s.SQS.SetFault(func(c sqs.Call) error {
				if c.Entry == "0" && refusals.Add(1)%2 == 1 {
					return sqs.Internal()
				}
				return nil
			})
			input := ""
			for id := 5208; id < 5214; id++ {
				input += fmt.Sprintf(`{"id": %d, "reader": "agent", "read": true, "asOf": 1603885866}`+"\n", id)
				input += fmt.Sprintf(`{"id": %d, "reader": "agent", "read": false}`+"\n", id)
			}
			if said := succeeds(t, environment(s), input, "python3", "examples/python-producer/send_marks.py"); !strings.Contains(said, "sent: 12") {
				t.Errorf("it says %q", said)
			}
			for id, read := range latestMarks(t, s, 12) {
				if read {
					t.Errorf("the latest mark for chat %d is not the last one sent", id)
				}
			}
		})
	}
}

// latestMarks returns the latest mark for each chat in the queue, which must hold so many messages.
func latestMarks(t *testing.T, s *stack.Stack, count int) map[int64]bool {
	t.Helper()
	messages, err := s.SQS.Messages(s.QueueName)
	if err != nil || len(messages) != count {
		t.Errorf("%d messages (%v), want %d", len(messages), err, count)
	}
	latest := map[int64]bool{}
	for _, m := range messages {
		sent, err := mark.ReadMessage([]byte(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		latest[sent.ID] = sent.Read
	}
	return latest
}
