package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// The event source mapping of an account.
const (
	mappingID  = "11111111-2222-3333-4444-555555555555"
	mappingARN = "arn:aws:lambda:us-east-1:123456789012:event-source-mapping:" + mappingID
	roleARN    = "arn:aws:iam::123456789012:role/mark-read-ResumeRole"
)

// account is what pausing and looking at a stack needs of Lambda, EventBridge Scheduler and CloudWatch, over the wire
// protocols of the SDK's clients. Inside a synctest bubble its time is simulated.
type account struct {
	Toggled func(enabled bool) // called when the mapping has been enabled or disabled
	Alarms  []string           // names
	Metrics func(query metricQuery) []metricPoint
	Resumes func() bool // whether a schedule's call works; nil always

	mu        sync.Mutex
	state     string
	changing  time.Time // until when Lambda changes the mapping
	changed   time.Time
	tags      map[string]string
	schedules map[string]*schedule
	rules     map[string]muteRule
	denied    map[string]bool
}

type schedule struct {
	Expression string
	RoleArn    string
	timer      *time.Timer
}

// settles is how long Lambda takes to enable or disable a mapping.
const settles = 20 * time.Second

// newAccount makes an account whose mapping is enabled.
func newAccount(stackName string) *account {
	return &account{
		Alarms: []string{stackName + "-OldestMarkAlarm", stackName + "-HeldMarkAlarm-1ABC", stackName + "-DeadLettersAlarm", stackName + "-two-OldestMarkAlarm"},
		state:  "Enabled", changed: time.Now(), tags: map[string]string{"owner": "kept"},
		schedules: map[string]*schedule{}, rules: map[string]muteRule{}, denied: map[string]bool{},
	}
}

// deny makes actions, such as lambda:TagResource, fail for want of permission; none allows everything again.
func (a *account) deny(actions ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.denied = map[string]bool{}
	for _, action := range actions {
		a.denied[action] = true
	}
}

// disable is what somebody does in the console.
func (a *account) disable() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state, a.changed = "Disabled", time.Now()
}

// mappingState is the state of the mapping.
func (a *account) mappingState() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state
}

// mappingTags are the mapping's tags.
func (a *account) mappingTags() map[string]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.tags)
}

// planned are the schedules' expressions, by name.
func (a *account) planned() map[string]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	got := map[string]string{}
	for name, s := range a.schedules {
		got[name] = s.Expression
	}
	return got
}

// unschedule removes every schedule, as somebody may do by hand.
func (a *account) unschedule() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, s := range a.schedules {
		s.timer.Stop()
		delete(a.schedules, name)
	}
}

// ServeHTTP is AWS.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch path := r.URL.EscapedPath(); {
	case strings.HasPrefix(path, "/2015-03-31/event-source-mappings/"+mappingID):
		a.serveMapping(w, r, body)
	case strings.HasPrefix(path, "/2017-03-31/tags/"):
		a.serveTags(w, r, body)
	case strings.HasPrefix(path, "/schedules/"):
		a.serveSchedules(w, r, body)
	case strings.HasPrefix(path, "/service/GraniteServiceVersion20100801/operation/"):
		a.serveCloudWatch(w, path[strings.LastIndexByte(path, '/')+1:], body)
	default:
		fail(w, http.StatusForbidden, "AccessDeniedException")
	}
}

// allowed answers a call that is denied.
func (a *account) allowed(w http.ResponseWriter, action string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.denied[action] {
		fail(w, http.StatusForbidden, "AccessDeniedException")
		return false
	}
	return true
}

func (a *account) serveMapping(w http.ResponseWriter, r *http.Request, body []byte) {
	action := map[string]string{http.MethodGet: "lambda:GetEventSourceMapping", http.MethodPut: "lambda:UpdateEventSourceMapping"}[r.Method]
	if !a.allowed(w, action) {
		return
	}
	if r.Method == http.MethodPut {
		var in struct{ Enabled *bool }
		_ = json.Unmarshal(body, &in)
		if !a.toggle(*in.Enabled) {
			fail(w, http.StatusBadRequest, "ResourceInUseException")
			return
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	answer(w, map[string]any{
		"UUID": mappingID, "State": a.state, "EventSourceMappingArn": mappingARN, "LastModified": float64(a.changed.UnixMilli()) / 1000,
		"BatchSize": 10, "ScalingConfig": map[string]int{"MaximumConcurrency": 2},
	})
}

// toggle begins to enable or disable the mapping; while Lambda does that, it takes no other change.
func (a *account) toggle(enabled bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Now().Before(a.changing) {
		return false
	}
	a.changed, a.changing = time.Now(), time.Now().Add(settles)
	a.state = map[bool]string{true: "Enabling", false: "Disabling"}[enabled]
	time.AfterFunc(settles, func() {
		a.mu.Lock()
		a.state = map[bool]string{true: "Enabled", false: "Disabled"}[enabled]
		a.mu.Unlock()
		if a.Toggled != nil {
			a.Toggled(enabled)
		}
	})
	return true
}

func (a *account) serveTags(w http.ResponseWriter, r *http.Request, body []byte) {
	action := map[string]string{http.MethodGet: "lambda:ListTags", http.MethodPost: "lambda:TagResource", http.MethodDelete: "lambda:UntagResource"}[r.Method]
	if !a.allowed(w, action) {
		return
	}
	if arn, _ := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/2017-03-31/tags/")); arn != mappingARN {
		fail(w, http.StatusNotFound, "ResourceNotFoundException")
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch r.Method {
	case http.MethodGet:
		answer(w, map[string]any{"Tags": a.tags})
	case http.MethodPost:
		var in struct{ Tags map[string]string }
		_ = json.Unmarshal(body, &in)
		maps.Copy(a.tags, in.Tags)
		w.WriteHeader(http.StatusNoContent)
	default:
		for _, key := range r.URL.Query()["tagKeys"] {
			delete(a.tags, key)
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

func (a *account) serveSchedules(w http.ResponseWriter, r *http.Request, body []byte) {
	verb := map[string]string{http.MethodGet: "Get", http.MethodPost: "Create", http.MethodPut: "Update", http.MethodDelete: "Delete"}[r.Method]
	if !a.allowed(w, "scheduler:"+verb+"Schedule") {
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/schedules/")
	a.mu.Lock()
	defer a.mu.Unlock()
	old := a.schedules[name]
	switch {
	case verb == "Create" && old != nil:
		fail(w, http.StatusConflict, "ConflictException")
		return
	case verb != "Create" && old == nil:
		fail(w, http.StatusNotFound, "ResourceNotFoundException")
		return
	case verb == "Delete", verb == "Update":
		old.timer.Stop()
		delete(a.schedules, name)
	}
	if verb == "Create" || verb == "Update" {
		if fault := a.arm(name, body); fault != "" {
			fail(w, http.StatusBadRequest, fault)
			return
		}
	}
	answer(w, map[string]any{"Name": name, "ScheduleArn": "arn:aws:scheduler:us-east-1:123456789012:schedule/default/" + name})
}

// arm starts a schedule's timer; a.mu is held.
func (a *account) arm(name string, body []byte) (fault string) {
	var in struct {
		ScheduleExpression, ScheduleExpressionTimezone, ActionAfterCompletion string
		FlexibleTimeWindow                                                    struct{ Mode string }
		Target                                                                struct{ Arn, RoleArn, Input string }
	}
	_ = json.Unmarshal(body, &in)
	var call struct {
		Uuid    string
		Enabled bool
	}
	_ = json.Unmarshal([]byte(in.Target.Input), &call)
	at, err := time.Parse("at(2006-01-02T15:04:05)", in.ScheduleExpression)
	if err != nil || in.ScheduleExpressionTimezone != "UTC" || in.ActionAfterCompletion != "DELETE" || in.FlexibleTimeWindow.Mode != "OFF" ||
		in.Target.Arn != "arn:aws:scheduler:::aws-sdk:lambda:updateEventSourceMapping" || call.Uuid != mappingID {
		return "ValidationException"
	}
	made := &schedule{Expression: in.ScheduleExpression, RoleArn: in.Target.RoleArn}
	made.timer = time.AfterFunc(time.Until(at), func() {
		a.mu.Lock()
		delete(a.schedules, name)
		a.mu.Unlock()
		if a.Resumes == nil || a.Resumes() {
			a.toggle(call.Enabled)
		}
	})
	a.schedules[name] = made
	return ""
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// fail answers with an error as Lambda and EventBridge Scheduler do.
func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", code)
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"message":"not for you"}`)
}

// mutedNow are the alarms that are muted now, sorted.
func (a *account) mutedNow() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var names []string
	for _, rule := range a.rules {
		if now := time.Now(); !now.Before(rule.Start) && now.Before(rule.End) {
			names = append(names, rule.Alarms...)
		}
	}
	slices.Sort(names)
	return names
}
