package sqs

// empty is the answer of an action that has nothing to say.
type empty struct{}

// allActions is the list of what this SQS can do.
func allActions() map[string]action {
	return map[string]action{
		"CreateQueue":                  decoded((*Server).createQueue),
		"DeleteQueue":                  decoded((*Server).deleteQueue),
		"GetQueueUrl":                  decoded((*Server).getQueueURL),
		"ListQueues":                   decoded((*Server).listQueues),
		"GetQueueAttributes":           decoded((*Server).getQueueAttributes),
		"SetQueueAttributes":           decoded((*Server).setQueueAttributes),
		"PurgeQueue":                   decoded((*Server).purgeQueue),
		"SendMessage":                  decoded((*Server).sendMessage),
		"SendMessageBatch":             decoded((*Server).sendMessageBatch),
		"ReceiveMessage":               decoded((*Server).receiveMessage),
		"DeleteMessage":                decoded((*Server).deleteMessage),
		"DeleteMessageBatch":           decoded((*Server).deleteMessageBatch),
		"ChangeMessageVisibility":      decoded((*Server).changeMessageVisibility),
		"ChangeMessageVisibilityBatch": decoded((*Server).changeMessageVisibilityBatch),
		"ListDeadLetterSourceQueues":   decoded((*Server).listDeadLetterSourceQueues),
		"StartMessageMoveTask":         decoded((*Server).startMessageMoveTask),
		"ListMessageMoveTasks":         decoded((*Server).listMessageMoveTasks),
	}
}
