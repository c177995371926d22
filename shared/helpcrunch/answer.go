package helpcrunch

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Answer is what HelpCrunch sent back, whatever its status. The body holds personal data: it goes to the caller and
// nowhere else.
type Answer struct {
	Status     int
	RetryAfter time.Duration // 0 when HelpCrunch named no time that can be waited for
	Body       []byte        // what could be read of it, at most as much as the client keeps
	Complete   bool          // Body is the whole body
	HoldsKey   bool          // the API key stands in Body
	Errors     []Error       // what the body says is wrong, as far as it can be read: the error list, or known codes in quotes
	ErrorShape bool          // Body is complete and valid JSON in HelpCrunch's error shape, and the status is no 2xx
	html       bool
}

// Error is one entry of HelpCrunch's error list.
type Error struct{ Code, Message string }

// ReadAnswer reads a response of the API, keeping at most maxBody bytes of its body. The caller closes the response's body.
func ReadAnswer(response *http.Response, key string, maxBody int) *Answer {
	a := &Answer{Status: response.StatusCode, RetryAfter: parseRetryAfter(response.Header.Values("Retry-After"), time.Now())}
	a.Body, a.Complete = readBody(response, maxBody)
	a.html = isHTML(a.Body, a.Complete, response.Header.Get("Content-Type"))
	a.HoldsKey = holdsKey(a.Body, key)
	if !a.html && (!a.Success() || a.ErrorWith2xx()) {
		var inShape bool
		a.Errors, inShape = readErrors(a.Body)
		a.ErrorShape = inShape && a.Complete && utf8.Valid(a.Body) && !a.Success()
		a.Errors = withoutKey(a.Errors, key)
	}
	return a
}

// Success reports whether the status is a 2xx.
func (a *Answer) Success() bool { return a.Status >= 200 && a.Status <= 299 }

// HTML reports whether the body is an HTML page: some proxy or login page answered, and not the API.
func (a *Answer) HTML() bool { return a.html }

// Has reports whether one of the codes is among the answer's.
func (a *Answer) Has(codes ...string) bool {
	return slices.ContainsFunc(a.Errors, func(e Error) bool { return slices.Contains(codes, e.Code) })
}

// ErrorWith2xx reports whether a 2xx carries HelpCrunch's error shape all the same: a list of errors that is not empty and
// no id, or, in what is neither valid JSON nor HTML, a known code in quotes and no "id".
func (a *Answer) ErrorWith2xx() bool {
	if !a.Success() || a.html {
		return false
	}
	if !bytes.Contains(a.Body, []byte(`"id"`)) && len(quotedCodes(a.Body)) > 0 && !json.Valid(withoutBOM(a.Body)) {
		return true
	}
	c := a.chat("errors")
	list, isList := bytes.CutPrefix(c.Errors, []byte("["))
	return isList && c.ID == nil && len(bytes.TrimSpace(list)) > len("]")
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

// isHTML believes the body before the header: PHP sends its JSON as text/html by default. Only where
// nothing of a body could be read does the header alone decide.
func isHTML(body []byte, complete bool, contentType string) bool {
	body = bytes.TrimSpace(withoutBOM(body))
	if len(body) == 0 && complete || len(body) > 0 && (body[0] == '{' || body[0] == '[') {
		return false
	}
	if strings.HasPrefix(http.DetectContentType(body), "text/html") {
		return true
	}
	media, _, _ := mime.ParseMediaType(contentType)
	return media == "text/html" || media == "application/xhtml+xml"
}
