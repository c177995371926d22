package sqs_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/sqs"
)

func call(s *sqs.Server, target, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestErrorsOnTheWire(t *testing.T) {
	s := sqs.New(sqs.Options{})
	for _, c := range []struct {
		name, target, body  string
		status              int
		shape, query, inMsg string
	}{
		{"unknown queue", "AmazonSQS.GetQueueUrl", `{"QueueName":"none"}`, 400,
			"com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue;Sender", "does not exist"},
		{"missing parameter", "AmazonSQS.SendMessage", `{}`, 400,
			"com.amazon.coral.service#MissingRequiredParameterException", "MissingParameter;Sender", "QueueUrl"},
		{"bad parameter", "AmazonSQS.CreateQueue", `{"QueueName":"q.fifo"}`, 400,
			"com.amazon.coral.service#InvalidParameterValueException", "InvalidParameterValue;Sender", ".fifo"},
		{"not JSON", "AmazonSQS.SendMessage", `{`, 400,
			"com.amazon.coral.service#SerializationException", "SerializationException;Sender", ""},
		{"wrong type", "AmazonSQS.ReceiveMessage", `{"MaxNumberOfMessages":"many"}`, 400,
			"com.amazon.coral.service#SerializationException", "SerializationException;Sender", ""},
		{"unknown action", "AmazonSQS.Dance", `{}`, 400,
			"com.amazon.coral.service#UnknownOperationException", "UnknownOperationException;Sender", ""},
		{"another service", "secretsmanager.GetSecretValue", `{}`, 400,
			"com.amazon.coral.service#UnknownOperationException", "UnknownOperationException;Sender", ""},
		{"huge", "AmazonSQS.SendMessage", strings.Repeat(" ", 9<<20), 400,
			"com.amazon.coral.service#SerializationException", "SerializationException;Sender", "too large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := call(s, c.target, c.body)
			body, _ := io.ReadAll(w.Body)
			if w.Code != c.status || w.Header().Get("x-amzn-query-error") != c.query {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Header().Get("x-amzn-query-error"), c.status, c.query)
			}
			if !strings.HasPrefix(string(body), `{"__type":"`+c.shape+`","message":"`) || !strings.Contains(string(body), c.inMsg) {
				t.Errorf("got %s, want a %s with %q", body, c.shape, c.inMsg)
			}
			if w.Header().Get("Content-Type") != "application/x-amz-json-1.0" || w.Header().Get("x-amzn-RequestId") == "" {
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}

func TestTraceHeaderOfTheRequestTravels(t *testing.T) {
	bubble(t, func(t *testing.T, s *sqs.Server, p *probe) {
		url := p.queue()
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"QueueUrl":"`+*url+`","MessageBody":"x"}`))
		r.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
		r.Header.Set("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678")
		s.ServeHTTP(httptest.NewRecorder(), r)
		p.equal("AWSTraceHeader", p.receiveOne(url, system("All")).Attributes["AWSTraceHeader"], "Root=1-67891233-abcdef012345678912345678")
	})
}

func TestOverASocket(t *testing.T) {
	s := sqs.New(sqs.Options{})
	server := httptest.NewServer(s)
	defer server.Close()
	p := &probe{client: newClient(server.URL, server.Client()), ctx: t.Context(), prefix: "socket"}
	err := p.try(func(p *probe) {
		url := p.queue()
		p.send(url, "x")
		p.delete(url, p.receiveOne(url, waiting(5)))
		p.counts(url, 0, 0, 0)
	})
	if err != nil {
		t.Error(err)
	}
}
