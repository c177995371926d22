# shellcheck shell=bash
# The stack, and the change set that makes or changes it. See aws.sh for `out`.

# status finds the stack's status, or nothing where there is no stack: of a name that is one, ValidationError says nothing else.
status() {
	try cloudformation describe-stacks --stack-name "$1" --query 'Stacks[0].StackStatus' && return 0
	[ "$(code)" = ValidationError ] || explain "cloudformation describe-stacks"
	out=
}

# settled waits until nobody changes the stack, and finds its status. REVIEW_IN_PROGRESS is an empty stack with a change set
# that was not executed, and no work.
settled() {
	local last=
	while :; do
		status "$1"
		case $out in REVIEW_IN_PROGRESS) return 0 ;; *_IN_PROGRESS) ;; *) return 0 ;; esac
		[ "$out" = "$last" ] || say "$stack: $out"
		last=$out
		sleep "$pause"
	done
}

# reasons prints what failed under this run's token, and in the nested stacks concerned, the first failure first.
reasons() {
	local failed="ends_with(ResourceStatus, '_FAILED')" nested
	local lines="].[join(': ', [LogicalResourceId, not_null(ResourceStatusReason, ResourceStatus)])]"
	call cloudformation describe-stack-events --stack-name "$1" --query "StackEvents[?ClientRequestToken=='$token' && $failed && ResourceType=='AWS::CloudFormation::Stack' && PhysicalResourceId!=StackId].[PhysicalResourceId]"
	for nested in $out; do
		try cloudformation describe-stack-events --stack-name "$nested" --query "reverse(StackEvents)[?$failed$lines" && say "$out" >&2
	done
	call cloudformation describe-stack-events --stack-name "$1" --query "reverse(StackEvents)[?ClientRequestToken=='$token' && $failed$lines"
	say "$out" >&2
}

# remove deletes the stack and waits. What the template retains stays.
remove() {
	local id
	call cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].StackId'
	id=$out
	call cloudformation delete-stack --stack-name "$id" --client-request-token "$token"
	settled "$id"
	case $out in '' | DELETE_COMPLETE) return 0 ;; esac
	reasons "$id"
	fail "$stack could not be deleted, for the reasons above; remove what is in the way and run this again"
}

# --- The change set ---

# prepare finds the kind of change set (`type`) and the parameters that the stack has (`known`). What is left of a first
# deployment that failed is deleted: CloudFormation can do nothing else with it.
prepare() {
	type=UPDATE known=''
	settled "$stack"
	before=$out
	case $before in
	'' | REVIEW_IN_PROGRESS | DELETE_COMPLETE) type=CREATE before='' && return 0 ;;
	UPDATE_ROLLBACK_FAILED) fail "$stack is in UPDATE_ROLLBACK_FAILED: fix what stops the rollback, run 'aws cloudformation continue-update-rollback --stack-name $stack --region $region', then this again" ;;
	esac
	call cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].Parameters[].[ParameterKey, ParameterValue]'
	known=$out
	case $before in
	ROLLBACK_COMPLETE | ROLLBACK_FAILED | CREATE_FAILED | DELETE_FAILED)
		say "$stack is in $before and can only be deleted. Its parameters are taken over; queues and secrets are kept."
		agreed "Delete it and start anew?" || fail "declined: nothing was changed"
		type=CREATE before=''
		remove
		;;
	esac
}

quoted() { printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')"; }

# values prints the change set's parameters as JSON: those of this run, and those that are known, as far as the template has them.
# $1: the names of the template's parameters.
values() {
	local comma='' entry name value names=" ${1//$'\t'/ } "
	printf '['
	for entry in ${parameters[@]+"${parameters[@]}"}; do
		name=${entry%%=*}
		names=${names/ $name / }
		printf '%s{"ParameterKey":"%s","ParameterValue":%s}' "$comma" "$name" "$(quoted "${entry#*=}")"
		comma=,
	done
	while IFS=$'\t' read -r name value; do
		case $names in *" $name "*) ;; *) continue ;; esac
		if [ "$type" = UPDATE ]; then entry='"UsePreviousValue":true'; else entry="\"ParameterValue\":$(quoted "$value")"; fi
		printf '%s{"ParameterKey":"%s",%s}' "$comma" "$name" "$entry"
		comma=,
	done <<<"$known"
	printf ']'
}

# overtaken says that the stack is no longer what this run found.
overtaken() { fail "another run is changing $stack or has just done so; run this again"; }

# unchanged tells a change set without changes from one that failed. CloudFormation has no code for it, only these sentences,
# by which the AWS CLI's own deploy command goes too.
unchanged() {
	call cloudformation describe-change-set "${this[@]}" --no-paginate --query StatusReason
	case $out in *"didn't contain changes"* | *"No updates are to be performed"*) say "$stack in $region is up to date: there is nothing to change." && exit 0 ;; esac
	fail "the change set failed: $out"
}

# propose makes the change set (`this`) and shows it. Where there is nothing to change it ends the script.
propose() {
	local entry labels=() names
	for entry in ${tags[@]+"${tags[@]}"}; do labels+=("{\"Key\":$(quoted "${entry%%=*}"),\"Value\":$(quoted "${entry#*=}")}"); done
	[ ${#labels[@]} -eq 0 ] || labels=(--tags "[$(IFS=, && printf %s "${labels[*]}")]")
	call cloudformation get-template-summary --template-url "$url" --query 'Parameters[].ParameterKey'
	names=$out
	settled "$stack"
	[ "${out#REVIEW_IN_PROGRESS}" = "$before" ] || overtaken
	this=(--stack-name "$stack" --change-set-name "$token") # not its ARN alone: permissions are for stacks
	call cloudformation create-change-set "${this[@]}" --change-set-type "$type" --template-url "$url" \
		--capabilities CAPABILITY_IAM --parameters "$(values "$names")" ${labels[@]+"${labels[@]}"}
	changes=proposed
	while :; do
		call cloudformation describe-change-set "${this[@]}" --no-paginate --query Status
		case $out in CREATE_PENDING | CREATE_IN_PROGRESS) sleep "$pause" ;; CREATE_COMPLETE) break ;; *) unchanged ;; esac
	done
	say "" "Changes to $stack in $region:"
	call cloudformation describe-change-set "${this[@]}" --query 'Changes[].ResourceChange.[Action, LogicalResourceId, ResourceType, Replacement]'
	show
}

show() {
	local action kind name replaced
	while IFS=$'\t' read -r action name kind replaced; do
		case $replaced in True) kind="$kind, is replaced" ;; Conditional) kind="$kind, may be replaced" ;; esac
		printf '  %-7s %-30s %s\n' "$action" "$name" "$kind"
	done <<<"$out"
	say ""
}

# execute makes the changes and waits. The change set says when it is over: the stack's status may lag behind.
execute() {
	call cloudformation execute-change-set "${this[@]}" --client-request-token "$token"
	changes='' executing=yes
	while try cloudformation describe-change-set "${this[@]}" --no-paginate --query ExecutionStatus; do
		case $out in AVAILABLE | EXECUTE_IN_PROGRESS) sleep "$pause" ;; *) break ;; esac
	done
	settled "$stack"
	case $out in
	CREATE_COMPLETE | UPDATE_COMPLETE) return 0 ;;
	UPDATE_ROLLBACK_COMPLETE) before="$stack is as it was before" ;;
	*) before="run this again when the cause is fixed: it deletes what is left, and starts anew" ;;
	esac
	reasons "$stack"
	fail "the deployment failed, for the reasons above; $before"
}

# withdraw takes back a change set that was not executed, and the empty stack that it made where nobody else's is in it.
withdraw() {
	[ -n "$changes" ] || return 0
	try cloudformation delete-change-set "${this[@]}" || return 0
	[ "$type" = CREATE ] || return 0
	try cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].StackStatus' && [ "$out" = REVIEW_IN_PROGRESS ] || return 0
	try cloudformation list-change-sets --stack-name "$stack" --query 'Summaries[].[ChangeSetId]' && [ -z "$out" ] || return 0
	try cloudformation delete-stack --stack-name "$stack" || return 0
}
