// Package sqs is a small Amazon SQS that runs inside a process, for the local stack and for tests.
// Real SDK clients talk to it over SQS's AWS JSON 1.0 protocol.
//
// It keeps to what AWS documents, and where the documentation is silent to answers recorded from
// AWS. The table in conformance_test.go says so case by case, and runs against moto_server too.
//
// Waiting uses channels and timers only and never holds a lock, so that in a testing/synctest
// bubble time is simulated; the Server must then be made inside the bubble.
//
// Left out: permissions, tags, encryption, the limits on messages in flight and on calls a second,
// CancelMessageMoveTask, ReceiveRequestAttemptId, and the inexactness of standard queues: nothing
// here is delivered twice, lost on a short poll or counted late.
package sqs
