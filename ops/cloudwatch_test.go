package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// muteRule is an alarm mute rule, as CloudWatch understands it.
type muteRule struct {
	Start, End  time.Time
	Alarms      []string
	Description string
}

// muteRules are the mute rules, by name.
func (a *account) muteRules() map[string]muteRule {
	a.mu.Lock()
	defer a.mu.Unlock()
	got := map[string]muteRule{}
	for name, rule := range a.rules {
		got[name] = rule
	}
	return got
}

// metricQuery is one metric that GetMetricData is asked for.
type metricQuery struct {
	Namespace, Metric, Stat string
	Dimensions              map[string]string
	Period                  time.Duration
}

// metricPoint is a value of a metric, so long ago.
type metricPoint struct {
	Ago   time.Duration
	Value float64
}

// serveCloudWatch speaks Smithy's RPC v2 with CBOR, as the SDK's client of CloudWatch does.
func (a *account) serveCloudWatch(w http.ResponseWriter, operation string, body []byte) {
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	w.Header().Set("Content-Type", "application/cbor")
	if !a.allowedCBOR(w, "cloudwatch:"+operation) {
		return
	}
	decoded, _ := cbor.Decode(body)
	in, _ := decoded.(cbor.Map)
	var out cbor.Map
	switch operation {
	case "DescribeAlarms":
		out = a.describeAlarms(in)
	case "PutAlarmMuteRule":
		out = a.putRule(in)
	case "DeleteAlarmMuteRule":
		a.mu.Lock()
		delete(a.rules, text(in["AlarmMuteRuleName"]))
		a.mu.Unlock()
		out = cbor.Map{}
	case "GetMetricData":
		out = a.metricData(in)
	}
	if out == nil {
		failCBOR(w, "ValidationException")
		return
	}
	_, _ = w.Write(cbor.Encode(out))
}

func (a *account) allowedCBOR(w http.ResponseWriter, action string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.denied[action] {
		failCBOR(w, "AccessDenied")
		return false
	}
	return true
}

func failCBOR(w http.ResponseWriter, code string) {
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write(cbor.Encode(cbor.Map{"__type": cbor.String("com.amazonaws.cloudwatch#" + code), "message": cbor.String("not for you")}))
}

func (a *account) describeAlarms(in cbor.Map) cbor.Map {
	var alarms cbor.List
	for _, name := range a.Alarms {
		if strings.HasPrefix(name, text(in["AlarmNamePrefix"])) {
			alarms = append(alarms, cbor.Map{"AlarmName": cbor.String(name), "StateValue": cbor.String("OK")})
		}
	}
	return cbor.Map{"MetricAlarms": alarms}
}

func (a *account) putRule(in cbor.Map) cbor.Map {
	rule, _ := in["Rule"].(cbor.Map)
	schedule, _ := rule["Schedule"].(cbor.Map)
	targets, _ := in["MuteTargets"].(cbor.Map)
	alarms, _ := targets["AlarmNames"].(cbor.List)
	start, startErr := time.Parse("at(2006-01-02T15:04)", text(schedule["Expression"]))
	lasts, lastsErr := time.ParseDuration(strings.ToLower(strings.TrimPrefix(text(schedule["Duration"]), "PT")))
	if startErr != nil || lastsErr != nil || lasts < time.Minute || lasts > 15*24*time.Hour || text(schedule["Timezone"]) != "UTC" || len(alarms) == 0 {
		return nil
	}
	made := muteRule{Start: start, End: start.Add(lasts), Description: text(in["Description"])}
	for _, name := range alarms {
		made.Alarms = append(made.Alarms, text(name))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rules[text(in["Name"])] = made
	return cbor.Map{}
}

func (a *account) metricData(in cbor.Map) cbor.Map {
	now := time.Now()
	var results cbor.List
	queries, _ := in["MetricDataQueries"].(cbor.List)
	for _, each := range queries {
		query := each.(cbor.Map)
		stat := query["MetricStat"].(cbor.Map)
		metric := stat["Metric"].(cbor.Map)
		seconds, _ := cbor.AsInt64(stat["Period"])
		q := metricQuery{
			Namespace: text(metric["Namespace"]), Metric: text(metric["MetricName"]), Stat: text(stat["Stat"]),
			Dimensions: map[string]string{}, Period: time.Duration(seconds) * time.Second,
		}
		dimensions, _ := metric["Dimensions"].(cbor.List)
		for _, d := range dimensions {
			q.Dimensions[text(d.(cbor.Map)["Name"])] = text(d.(cbor.Map)["Value"])
		}
		var points []metricPoint
		if a.Metrics != nil {
			points = a.Metrics(q)
		}
		times, values := cbor.List{}, cbor.List{}
		for _, p := range points {
			at := now.Add(-p.Ago).Truncate(q.Period)
			times = append(times, &cbor.Tag{ID: 1, Value: cbor.Float64(float64(at.Unix()))})
			values = append(values, cbor.Float64(p.Value))
		}
		results = append(results, cbor.Map{"Id": query["Id"], "StatusCode": cbor.String("Complete"), "Timestamps": times, "Values": values})
	}
	return cbor.Map{"MetricDataResults": results}
}

func text(v cbor.Value) string {
	s, _ := v.(cbor.String)
	return string(s)
}
