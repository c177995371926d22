package helpcrunch

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"helpcrunch-mark-read/shared/jsonwalk"
	"helpcrunch-mark-read/shared/mark"
)

// Answer is what HelpCrunch sent back, whatever its status. The body holds personal data: it goes to the caller and
// nowhere else.
type Answer struct {
	Status     int
	RetryAfter time.Duration // 0 when HelpCrunch named no time that can be waited for
	Body       []byte        // what could be read of it, at most as much as the client keeps
	Complete   bool          // Body is the whole body
	HoldsKey   bool          // the API key stands in Body
	Errors     []Error       // the error list of an answer that is no 2xx, as far as it can be read
	ErrorShape bool          // Body is valid JSON in HelpCrunch's error shape
	html       bool
}

// Error is one entry of HelpCrunch's error list.
type Error struct{ Code, Message string }

func readAnswer(response *http.Response, key string, maxBody int) *Answer {
	a := &Answer{Status: response.StatusCode, RetryAfter: parseRetryAfter(response.Header.Get("Retry-After"), time.Now())}
	a.Body, a.Complete = readBody(response, maxBody)
	a.html = isHTML(a.Body, a.Complete, response.Header.Get("Content-Type"))
	a.HoldsKey = holdsKey(a.Body, key)
	if !a.Success() {
		a.Errors, a.ErrorShape = parseErrors(a.Body)
		a.ErrorShape = a.ErrorShape && a.Complete && utf8.Valid(a.Body)
		a.Errors = withoutKey(a.Errors, key)
	}
	return a
}

// Success says whether the status is a 2xx.
func (a *Answer) Success() bool { return a.Status >= 200 && a.Status <= 299 }

// HTML says whether the body is an HTML page: some proxy or login page answered, and not the API.
func (a *Answer) HTML() bool { return a.html }

// Has says whether one of the codes stands in the error list.
func (a *Answer) Has(codes ...string) bool {
	for _, e := range a.Errors {
		for _, code := range codes {
			if e.Code == code {
				return true
			}
		}
	}
	return false
}

// Quoted gives the first of the codes that stands in double quotes in a body that is neither valid JSON nor HTML, as in
// the 404 sample of HelpCrunch's documentation; "" when there is none.
func (a *Answer) Quoted(codes ...string) string {
	if a.html || json.Valid(a.Body) {
		return ""
	}
	for _, code := range codes {
		if bytes.Contains(a.Body, []byte(`"`+code+`"`)) {
			return code
		}
	}
	return ""
}

// Flag gives the chat's flag for a reader as a 2xx body states it; not known when the body cannot be read.
func (a *Answer) Flag(reader mark.Reader) (read, known bool) {
	if !bytes.HasPrefix(bytes.TrimLeft(a.Body, " \t\r\n"), []byte("{")) || !json.Valid(a.Body) {
		return false, false
	}
	wanted := `"readByAgent"`
	if reader == mark.Customer {
		wanted = `"readByCustomer"`
	}
	for name, value := range jsonwalk.Object(a.Body) {
		if string(name) == wanted {
			return string(value) == "true", string(value) == "true" || string(value) == "false"
		}
	}
	return false, false
}

// readBody reads at most limit bytes. Identity was asked for, so that a body is passed on as it came; a server that
// compresses all the same is read through the same limit, which is what makes a decompression bomb harmless.
func readBody(response *http.Response, limit int) (body []byte, complete bool) {
	if response.StatusCode == http.StatusSwitchingProtocols {
		return nil, false // what follows is the bare connection, and reading that does not end with the call's context
	}
	var r io.Reader = response.Body
	switch encoding := strings.ToLower(response.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		unzipped, err := gzip.NewReader(r)
		if err != nil {
			return nil, errors.Is(err, io.EOF) && response.ContentLength == 0
		}
		r = unzipped
	default:
		return nil, false
	}
	size := min(max(response.ContentLength, 0), int64(limit))
	buffer := bytes.NewBuffer(make([]byte, 0, int(size)+bytes.MinRead))
	_, err := buffer.ReadFrom(io.LimitReader(r, int64(limit)+1))
	if buffer.Len() > limit {
		return buffer.Bytes()[:limit], false
	}
	return buffer.Bytes(), err == nil
}

// isHTML believes the body before the header: PHP sends its JSON as text/html when nobody told it otherwise. Only where
// nothing of a body could be read does the header alone decide.
func isHTML(body []byte, complete bool, contentType string) bool {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if len(body) == 0 && complete || len(body) > 0 && (body[0] == '{' || body[0] == '[') {
		return false
	}
	if strings.HasPrefix(http.DetectContentType(body), "text/html") {
		return true
	}
	media, _, _ := mime.ParseMediaType(contentType)
	return media == "text/html" || media == "application/xhtml+xml"
}
